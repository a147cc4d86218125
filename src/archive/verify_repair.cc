#include "archive/verify_repair.h"

#include <string>
#include <utility>

#include "archive/blob_copy.h"
#include "archive/blob_record.h"
#include "archive/file_description.h"
#include "archive/staged_access.h"
#include "storage/blob_hash.h"

namespace pacs::archive {
namespace {

constexpr size_t kCopyBufferBytes = 64 * 1024;

RepairOutcome left(std::string why) { return {RepairState::left, std::move(why)}; }

RepairOutcome left(const Error& error) {
  return left("could not be repaired (" + error.reason + "): " + error.detail);
}

RepairOutcome put_away(const Result<std::string>& name) {
  if (!name) return left(name.error());
  return {RepairState::repaired, "moved to the quarantine as " + *name};
}

}  // namespace

RepairOutcome VerifyRepair::of_row(const Fault& fault, const index::ImageRecord& row) {
  const auto store = stores_.find(row.attributes.store);
  if (!store) return left(store.error());
  switch (fault.kind) {
    case FindingKind::missing_blob:
    case FindingKind::truncated:
    case FindingKind::wrong_size:
    case FindingKind::wrong_bytes: {
      const index::ImageAttributes& image = row.attributes;
      const RepairOutcome outcome =
          of_lost_bytes(fault, {.id = row.id,
                                .key = image.key,
                                .store = image.store,
                                .sha256 = image.sha256,
                                .size_bytes = static_cast<uint64_t>(image.size_bytes)});
      if (outcome.state != RepairState::repaired) return outcome;
      const auto info = (*store)->stat(image.key);
      const auto known = info ? images_.set_blob_identity(row.id, info->identity) : info.error();
      return known ? outcome : left(known.error());
    }
    case FindingKind::wrong_attributes: {
      if (const auto written = write_attributes(**store, row); !written) {
        return left(written.error());
      }
      return {RepairState::repaired, "the attributes were written again from the row"};
    }
    case FindingKind::wrong_header:
      return left("the bytes are right, so the row is wrong: rebuild the index");
    default:
      return left("look at the disk");
  }
}

RepairOutcome VerifyRepair::of_kept(const Fault& fault, const index::KeptBlob& blob) {
  if (fault.kind == FindingKind::unreadable) return left("look at the store");
  return of_lost_bytes(fault, blob.image);
}

RepairOutcome VerifyRepair::of_lost_bytes(const Fault& fault, const index::StoredImage& image) {
  const auto source = make_anew(image);
  if (!source) return left(source.error());
  if (!source->empty()) {
    return {RepairState::repaired, "made anew from the copy in the store \"" + *source + "\""};
  }
  const std::string remedy = "restore the file from a backup, or have it sent again";
  if (fault.kind == FindingKind::missing_blob) return left(remedy);
  if (fault.kind == FindingKind::wrong_attributes) {
    return left("the bytes are right: restore the image from the trash, then verify again");
  }
  const auto store = stores_.find(image.store);
  if (!store) return left(store.error());
  RepairOutcome outcome = put_away((*store)->quarantine_published(image.key));
  // The image itself is not back yet: that takes its sender or a backup.
  if (outcome.state == RepairState::repaired) {
    outcome.state = RepairState::left;
    outcome.detail += "; " + remedy;
  }
  return outcome;
}

// What is in the way goes to the quarantine, after good bytes have been found.
Result<std::string> VerifyRepair::make_anew(const index::StoredImage& image) {
  storage::BlobStore& home = *PACS_TRY(stores_.find(image.store));
  for (const index::KeptBlob& other : PACS_TRY(kept_.all_of(archive_scope_, image.id))) {
    if (other.image.store == image.store || other.image.key != image.key) continue;
    const auto store = stores_.find(other.image.store);
    if (!store) continue;
    const auto copied = PACS_TRY(copy_blob(image, **store, home, PresentCopy::by_bytes, pace_));
    if (!copied.is_faulty) return other.image.store;
  }
  return std::string();
}

RepairOutcome VerifyRepair::of_orphan(storage::BlobStore& store, const ObjectKey& key,
                                      const Orphan& orphan, const Actor& actor) {
  switch (orphan.fault.kind) {
    case FindingKind::cut_ingest:
      if (!orphan.is_settled) return left("its sender has a day to come back");
      return put_away(store.quarantine_published(key));
    case FindingKind::orphan:
      if (const auto indexed = index_again(store, key, orphan, actor); !indexed) {
        return left(indexed.error());
      }
      return {RepairState::repaired, "indexed again"};
    case FindingKind::wrong_key: {
      if (!orphan.row_elsewhere) {
        return left(
            "the archive does not hold that image: `pacs-lite import --in-place` takes it "
            "over under this key");
      }
      if (const auto back = put_back(store, key, orphan); !back) return left(back.error());
      return put_away(store.quarantine_published(key));
    }
    case FindingKind::damaged_orphan:
    case FindingKind::removed_blob:
      return put_away(store.quarantine_published(key));
    default:
      return left("take it over with `pacs-lite import --in-place`, or move it away");
  }
}

RepairOutcome VerifyRepair::of_foreign(storage::BlobStore& store, std::string_view path) {
  return put_away(store.quarantine_foreign(path));
}

RepairOutcome VerifyRepair::of_staged(storage::BlobStore& store, std::string_view id) {
  auto staged = store.reopen_staged(id);
  if (!staged) return left(staged.error());
  return put_away(store.quarantine(std::move(*staged), {}));
}

// As it was: its numbers, order, uploader, time, and the upload that announced it.
Result<void> VerifyRepair::index_again(storage::BlobStore& store, const ObjectKey& key,
                                       const Orphan& orphan, const Actor& actor) {
  const auto blob = PACS_TRY(store.get(key));
  if (blob->identity() != orphan.info.identity) {
    return unavailable("changed_meanwhile", "the file was touched; verify again");
  }
  const BlobRecord record = PACS_TRY(read_blob_record(orphan.info.attributes));
  index::Ingest ingest =
      PACS_TRY(describe_file(BlobAccess(*blob), record.sha256, record.request, std::nullopt, &key));
  if (ingest.image_uid.str() != key.parts()[3]) {
    return corrupt("bad_attributes", "the file and its attributes name different images");
  }
  ingest.image.store = store.name();
  ingest.image.stored_at = record.stored_at;
  ingest.image.blob_identity = blob->identity();
  ingest.patient_mismatch = patient_mismatch_;
  const index::AuditLine line = audit_line(actor, clock_, "image.index_again");
  const index::ImageRecord image = PACS_TRY(commit(store, std::move(ingest), line));
  if (!record.was_announced) return {};
  return uploads_.restore({upload_of(record, image)}, line);
}

// With its numbers, or where another has taken them with new ones, which then stand with it.
Result<index::ImageRecord> VerifyRepair::commit(storage::BlobStore& store, index::Ingest ingest,
                                                const index::AuditLine& line) {
  const auto committed = ingests_.commit(ingest, line);
  if (committed) return committed->image;
  if (committed.error().reason != "id_taken") return committed.error();
  ingest.wanted_ids = {};
  const index::IngestOutcome renumbered = PACS_TRY(ingests_.commit(ingest, line));
  PACS_TRY(write_attributes(store, renumbered.image));
  return renumbered.image;
}

// When the row's own file is missing, this is the last good copy: it is copied to where it belongs,
// durably, before the misplaced one is moved away.
Result<void> VerifyRepair::put_back(storage::BlobStore& store, const ObjectKey& from,
                                    const Orphan& orphan) {
  const auto& row = orphan.row_elsewhere;
  if (!row || !orphan.sha256 || row->attributes.sha256 != *orphan.sha256) return {};
  storage::BlobStore& home = *PACS_TRY(stores_.find(row->attributes.store));
  const auto there = home.get(row->attributes.key);
  if (there) return {};
  if (there.error().code != ErrorCode::not_found) return there.error();
  const auto blob = PACS_TRY(store.get(from));
  auto staged = PACS_TRY(home.stage());
  Sha256 hash;
  ByteVector buffer(kCopyBufferBytes);
  while (const size_t count = PACS_TRY(blob->read_some(buffer))) {
    hash.update(Bytes(buffer).first(count));
    PACS_TRY(staged->append(Bytes(buffer).first(count)));
  }
  if (hash.finish() != row->attributes.sha256) {
    return corrupt("changed_meanwhile", "the bytes are no longer those of the image");
  }
  const auto info =
      PACS_TRY(home.publish(std::move(staged), row->attributes.key, orphan.info.attributes));
  return images_.set_blob_identity(row->id, info.identity);
}

// Keeps what the row does not tell (order, what was declared).
Result<void> VerifyRepair::write_attributes(storage::BlobStore& store,
                                            const index::ImageRecord& row) {
  const index::ImageAttributes& image = row.attributes;
  storage::BlobAttributes attributes;
  {
    const auto blob = PACS_TRY(store.get(image.key));
    if (PACS_TRY(hash_of(*blob)) != image.sha256) {
      return corrupt("changed_meanwhile", "the bytes are no longer those of the image");
    }
    if (auto info = blob->info()) attributes = std::move(info->attributes);
  }
  PACS_TRY(attributes.set("study-uid", row.study_uid.str()));
  PACS_TRY(attributes.set("series-uid", row.series_uid.str()));
  PACS_TRY(attributes.set("image-uid", row.image_uid.str()));
  PACS_TRY(attributes.set("sha256", image.sha256.hex()));
  PACS_TRY(attributes.set("size", std::to_string(image.size_bytes)));
  PACS_TRY(attributes.set("mime-type", image.mime_type));
  PACS_TRY(attributes.set("stored-at", to_rfc3339(image.stored_at)));
  PACS_TRY(attributes.set("study-id", std::to_string(row.study_id)));
  PACS_TRY(attributes.set("series-id", std::to_string(row.series_id)));
  PACS_TRY(attributes.set("image-id", std::to_string(row.id)));
  if (!image.owner.empty()) PACS_TRY(attributes.set("owner", image.owner));
  if (!image.uploader_name.empty()) PACS_TRY(attributes.set("uploader", image.uploader_name));
  if (attributes.find("filename") == nullptr && !image.filename.empty()) {
    PACS_TRY(attributes.set("filename", image.filename));
  }
  const auto info = PACS_TRY(store.adopt(image.key, attributes));
  return images_.set_blob_identity(row.id, info.identity);
}

}  // namespace pacs::archive
