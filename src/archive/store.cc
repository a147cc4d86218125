#include "archive/store.h"

#include <utility>

#include "archive/blob_attributes.h"
#include "archive/file_description.h"
#include "archive/staged_access.h"
#include "core/log.h"
#include "storage/blob_hash.h"

namespace pacs::archive {
namespace {

constexpr size_t kStoreBufferBytes = 64 * 1024;  // stays in the processor's cache while hashed

Result<void> check_declared(const StoreRequest& request, uint64_t size_bytes,
                            const Sha256Digest& sha256) {
  if (request.declared_size_bytes && *request.declared_size_bytes != size_bytes) {
    return invalid_argument("size_mismatch",
                            "the file has " + std::to_string(size_bytes) + " bytes, but " +
                                std::to_string(*request.declared_size_bytes) + " were declared");
  }
  if (request.declared_sha256 && *request.declared_sha256 != sha256) {
    return invalid_argument("checksum_mismatch",
                            "the SHA-256 of the bytes that arrived is not the declared one; send "
                            "the file again");
  }
  return {};
}

// Did the failed commit certainly leave nothing? After an I/O error nobody knows.
bool certainly_rolled_back(const Error& error) {
  return error.code == ErrorCode::conflict || error.code == ErrorCode::invalid_argument ||
         error.code == ErrorCode::resource_exhausted || error.reason == "busy";
}

index::ReservedIds ids_of(const index::ImageRecord& image) {
  return {.study = image.study_id, .series = image.series_id, .image = image.id};
}

// What is written is staged and hashed.
class StagingSink final : public ByteSink {
 public:
  StagingSink(storage::StagedBlob& staged, Room& room) : staged_(staged), room_(room) {}
  Result<void> write(Bytes bytes) override {
    PACS_TRY(room_.check());
    hash_.update(bytes);
    return staged_.append(bytes);
  }
  [[nodiscard]] Sha256Digest finish() { return hash_.finish(); }

 private:
  storage::StagedBlob& staged_;
  Room& room_;
  Sha256 hash_;
};

}  // namespace

StoreService::StoreService(Stores& stores, index::Database& database, Claims& claims, Room& room,
                           index::Scope archive_scope, const Clock& clock, Metrics& metrics,
                           StoreOptions options)
    : stores_(stores),
      ingests_(database),
      images_(database),
      studies_(database),
      trash_(database),
      audit_(database),
      tombstones_(stores, database, claims),
      claims_(claims),
      room_(room),
      archive_scope_(std::move(archive_scope)),
      clock_(clock),
      options_(options),
      publish_gate_(options.publishes_at_once_max, options.publishes_waiting_max),
      stored_total_(metrics.counter("pacs_lite_images_stored_total", "Images stored.")),
      stored_bytes_total_(
          metrics.counter("pacs_lite_images_stored_bytes_total", "Bytes of images stored.")),
      publish_seconds_(metrics.latency("pacs_lite_publish_seconds",
                                       "Time to make an image's bytes durable under its key.")) {}

Result<StoreOutcome> StoreService::store(const StoreRequest& request, ByteSource& body) {
  return store_received(request, PACS_TRY(receive(request, body)));
}

Result<StoreOutcome> StoreService::store_staged(const StoreRequest& request,
                                                std::unique_ptr<storage::StagedBlob> staged) {
  const Sha256Digest sha256 = PACS_TRY(hash_of(*staged));
  return store_received(request, ReceivedImage{std::move(staged), sha256});
}

Result<StoreOutcome> StoreService::store_received(const StoreRequest& request,
                                                  ReceivedImage received, ObjectName* name) {
  PACS_TRY(check_declared(request, received.staged->size_bytes(), received.sha256));
  std::optional<Claims::Claim> order_claim;
  const auto order_study = PACS_TRY(study_of_order(request, order_claim));
  index::Ingest ingest = PACS_TRY(describe_file(StagedAccess(*received.staged), received.sha256,
                                                request, order_study, nullptr, name));
  ingest.patient_mismatch = options_.patient_mismatch;

  const Claims::Claim claim = PACS_TRY(claims_.claim(ingest.image_uid, options_.wait_max));
  const auto existing = PACS_TRY(images_.find(archive_scope_, ingest.image_uid));
  const auto trashed =
      existing ? std::nullopt : PACS_TRY(trash_.find(archive_scope_, ingest.image_uid));
  if (trashed) {
    if (trashed->image.attributes.sha256 != received.sha256) {
      return refuse_conflict(std::move(received), ingest, request,
                             "an image with this UID but other bytes is in the trash of the "
                             "archive; it must be restored, or removed for good, first");
    }
    return store_again(trashed->image, std::move(ingest), std::move(received), request);
  }
  if (!existing) {
    return publish_and_commit(std::move(ingest), std::move(received), request);
  }
  if (existing->attributes.sha256 != received.sha256) {
    return refuse_conflict(std::move(received), ingest, request,
                           "the archive holds an image with this UID but other bytes; the stored "
                           "one was left as it is");
  }
  return store_again(*existing, std::move(ingest), std::move(received), request);
}

Result<StoreOutcome> StoreService::adopt(const StoreRequest& request, const ObjectKey& key) {
  PACS_TRY(room_.check());
  storage::BlobStore& store = stores_.primary();
  const auto blob = PACS_TRY(store.get(key));
  const Sha256Digest sha256 = PACS_TRY(hash_of(*blob));
  PACS_TRY(check_declared(request, blob->size_bytes(), sha256));
  std::optional<Claims::Claim> order_claim;
  const auto order_study = PACS_TRY(study_of_order(request, order_claim));
  index::Ingest ingest =
      PACS_TRY(describe_file(BlobAccess(*blob), sha256, request, order_study, &key));
  ingest.patient_mismatch = options_.patient_mismatch;

  const Claims::Claim claim = PACS_TRY(claims_.claim(ingest.image_uid, options_.wait_max));
  const auto existing = PACS_TRY(images_.find(archive_scope_, ingest.image_uid));
  if (existing && existing->attributes.sha256 != sha256) {
    return conflict("uid_conflict",
                    "the archive holds an image with this UID but other bytes; the file was left "
                    "where it is");
  }
  if (existing && existing->attributes.key != key) {
    return conflict("uid_conflict", "the archive holds this image already, under the key " +
                                        existing->attributes.key.str() +
                                        "; the file was left where it is");
  }
  if (!existing && PACS_TRY(trash_.find(archive_scope_, ingest.image_uid))) {
    return conflict("in_trash", "the image is in the trash of the archive; restore it there");
  }
  const auto reservation = PACS_TRY(ingests_.reserve(ingest));
  ingest.reserved_ids = existing ? ids_of(*existing) : reservation.ids();
  ingest.image.store = store.name();
  ingest.image.stored_at = clock_.now();
  const auto attributes = PACS_TRY(blob_attributes(ingest, request));
  ingest.image.blob_identity = PACS_TRY(store.adopt(key, attributes)).identity;
  return commit(ingest, request);
}

// Hashes while the bytes flow. What nobody declared and is no image is refused after the first
// buffer.
Result<ReceivedImage> StoreService::receive(const StoreRequest& request, ByteSource& body) {
  if (request.declared_size_bytes && *request.declared_size_bytes > options_.image_bytes_max) {
    return resource_exhausted("too_large", "the file is larger than this archive accepts");
  }
  PACS_TRY(publish_gate_.check_not_full());
  PACS_TRY(room_.check(request.declared_size_bytes.value_or(0)));
  ByteVector buffer(kStoreBufferBytes);
  ReceivedImage received;
  Sha256 hash;
  size_t filled = PACS_TRY(read_up_to(body, buffer));
  // What was declared is held against all of the bytes first: an upload that arrived damaged is to
  // be sent again, whatever its damaged bytes look like.
  if (!request.declared_sha256 && !request.declared_size_bytes) {
    PACS_TRY(accepted_media_kind(Bytes(buffer).first(std::min(filled, dicom::kSniffedSizeMax)),
                                 request.media));
  }
  received.staged = PACS_TRY(stores_.primary().stage());
  while (filled > 0) {
    const Bytes piece = Bytes(buffer).first(filled);
    const uint64_t size_bytes = received.staged->size_bytes() + piece.size();
    if (size_bytes > options_.image_bytes_max) {
      return resource_exhausted("too_large", "the file is larger than this archive accepts");
    }
    if (request.declared_size_bytes && size_bytes > *request.declared_size_bytes) {
      return invalid_argument("size_mismatch", "the file has more than the " +
                                                   std::to_string(*request.declared_size_bytes) +
                                                   " bytes that were declared");
    }
    PACS_TRY(room_.check());
    hash.update(piece);
    PACS_TRY(received.staged->append(piece));
    filled = PACS_TRY(body.read_some(buffer));
  }
  received.sha256 = hash.finish();
  return received;
}

Result<std::unique_ptr<storage::StagedBlob>> StoreService::stage_piece() {
  PACS_TRY(publish_gate_.check_not_full());
  PACS_TRY(room_.check());
  return stores_.primary().stage();
}

Result<ReceivedImage> StoreService::receive_made(
    uint64_t size_bytes, const std::function<Result<void>(ByteSink&)>& write) {
  if (size_bytes > options_.image_bytes_max) {
    return resource_exhausted("too_large", "the file is larger than this archive accepts");
  }
  PACS_TRY(room_.check(size_bytes));
  ReceivedImage received;
  received.staged = PACS_TRY(stores_.primary().stage());
  StagingSink sink(*received.staged, room_);
  PACS_TRY(write(sink));
  received.sha256 = sink.finish();
  return received;
}

Result<StoreOutcome> StoreService::publish_and_commit(index::Ingest ingest, ReceivedImage received,
                                                      const StoreRequest& request) {
  const auto reservation = PACS_TRY(ingests_.reserve(ingest));
  ingest.reserved_ids = reservation.ids();
  ingest.image.store = stores_.primary().name();
  ingest.image.stored_at = clock_.now();
  const auto attributes = PACS_TRY(blob_attributes(ingest, request));
  ingest.image.blob_identity = PACS_TRY(publish(std::move(received), ingest, attributes)).identity;

  auto committed = ingests_.commit(ingest, audit_line(request.actor, clock_, "image.store"));
  if (!committed) {
    discard_published(ingest, committed.error());
    if (committed.error().code == ErrorCode::conflict) {
      note_refusal(ingest, request, committed.error());
    }
    return std::move(committed).error();
  }
  stored_total_.add();
  stored_bytes_total_.add(static_cast<double>(ingest.image.size_bytes));
  // From here on there is a row that names the blob: no error may take it away again.
  return finish(std::move(*committed), ingest, request);
}

Result<storage::BlobInfo> StoreService::publish(ReceivedImage received, const index::Ingest& ingest,
                                                const storage::BlobAttributes& attributes) {
  const Gate::Pass pass = PACS_TRY(publish_gate_.enter(options_.wait_max));
  const auto started = clock_.monotonic();
  PACS_TRY(free_untrusted_key(ingest));
  auto info = stores_.primary().publish(std::move(received.staged), ingest.image.key, attributes);
  publish_seconds_.observe(std::chrono::duration<double>(clock_.monotonic() - started).count());
  return info;
}

// Bytes under a key without a row are those of an ingest that was cut: never trusted. The same
// bytes are written anew, others are a conflict for the operator to settle.
Result<void> StoreService::free_untrusted_key(const index::Ingest& ingest) {
  storage::BlobStore& store = stores_.primary();
  const auto stray = store.get(ingest.image.key);
  if (!stray) {
    if (stray.error().code == ErrorCode::not_found) return {};
    return stray.error();
  }
  const auto row = PACS_TRY(images_.find(archive_scope_, ingest.image.key));
  // Restored or removed since this ingest looked.
  if ((row && row->image_uid.to_dicom() == ingest.image_uid.to_dicom()) ||
      PACS_TRY(trash_.find(archive_scope_, ingest.image_uid))) {
    return unavailable("busy", "the image was restored or removed just now; try again");
  }
  if (row || PACS_TRY(hash_of(**stray)) != ingest.image.sha256) {
    return conflict("key_occupied",
                    "other bytes lie under the key of this image; run `pacs-lite verify`");
  }
  log_info("stray_blob_replaced", {{"key", ingest.image.key.str()}});
  return store.remove(ingest.image.key);
}

Result<StoreOutcome> StoreService::commit(const index::Ingest& ingest,
                                          const StoreRequest& request) {
  auto committed = ingests_.commit(ingest, audit_line(request.actor, clock_, "image.store"));
  if (!committed && committed.error().code == ErrorCode::conflict) {
    note_refusal(ingest, request, committed.error());
  }
  return finish(PACS_TRY(std::move(committed)), ingest, request);
}

// What must hold besides the row before the image is acknowledged.
Result<StoreOutcome> StoreService::finish(index::IngestOutcome committed,
                                          const index::Ingest& ingest,
                                          const StoreRequest& request) {
  PACS_TRY(correct_ids(committed.image, ingest, request));
  if (committed.has_unsettled_tombstones) PACS_TRY(tombstones_.settle());
  return StoreOutcome{.kind = committed.kind == index::IngestOutcome::Kind::existed
                                  ? StoreOutcome::Kind::existed
                                  : StoreOutcome::Kind::stored,
                      .image = std::move(committed.image),
                      .upload = std::move(committed.upload),
                      .order = std::move(committed.order)};
}

// Somebody else may have taken a number that was set aside, or made the study meanwhile: what
// stands with the blob is what the row says, before it is acknowledged.
Result<void> StoreService::correct_ids(const index::ImageRecord& image, index::Ingest ingest,
                                       const StoreRequest& request) {
  if (ids_of(image) == ingest.reserved_ids) return {};
  ingest.image = image.attributes;
  ingest.reserved_ids = ids_of(image);
  storage::BlobStore& store = *PACS_TRY(stores_.find(image.attributes.store));
  const auto attributes = PACS_TRY(blob_attributes(ingest, request));
  const auto info = PACS_TRY(store.adopt(image.attributes.key, attributes));
  return images_.set_blob_identity(image.id, info.identity);
}

// The same bytes again: the first acknowledgement again, once it is sure that it still holds. When
// the stored copy is missing or damaged, the one that has just come takes its place.
Result<StoreOutcome> StoreService::store_again(const index::ImageRecord& existing,
                                               index::Ingest ingest, ReceivedImage received,
                                               const StoreRequest& request) {
  ingest.image = existing.attributes;
  ingest.reserved_ids = ids_of(existing);
  if (!PACS_TRY(holds_good_bytes(existing))) {
    storage::BlobStore& store = *PACS_TRY(stores_.find(existing.attributes.store));
    const auto put_away = store.quarantine_published(existing.attributes.key);
    if (!put_away && put_away.error().code != ErrorCode::not_found) return put_away.error();
    const auto attributes = PACS_TRY(blob_attributes(ingest, request));
    const auto info =
        PACS_TRY(store.publish(std::move(received.staged), existing.attributes.key, attributes));
    PACS_TRY(images_.set_blob_identity(existing.id, info.identity));
    ingest.image.blob_identity = info.identity;
    log_warning("image_healed", {{"image_id", existing.id}});
  }
  return commit(ingest, request);
}

Result<bool> StoreService::holds_good_bytes(const index::ImageRecord& existing) {
  storage::BlobStore& store = *PACS_TRY(stores_.find(existing.attributes.store));
  const auto blob = store.get(existing.attributes.key);
  if (!blob) {
    if (blob.error().code == ErrorCode::not_found) return false;
    return blob.error();
  }
  if ((*blob)->identity() != existing.attributes.blob_identity) {
    if (PACS_TRY(hash_of(**blob)) != existing.attributes.sha256) return false;
    PACS_TRY(images_.set_blob_identity(existing.id, (*blob)->identity()));
  }
  PACS_TRY(correct_ids_again(store, **blob, existing));
  return true;
}

// correct_ids() may have been cut between row and blob: a rebuild would then give the numbers that
// stand with the blob, which may be another image's by now.
Result<void> StoreService::correct_ids_again(storage::BlobStore& store,
                                             const storage::BlobReader& blob,
                                             const index::ImageRecord& existing) {
  const auto there = blob.info();
  // What is lost or unreadable is for `verify --repair`: the bytes are good.
  if (!there || there->attributes.empty()) return {};
  storage::BlobAttributes corrected = there->attributes;
  PACS_TRY(set_ids(corrected, ids_of(existing)));
  if (corrected == there->attributes) return {};
  const auto info = PACS_TRY(store.adopt(existing.attributes.key, corrected));
  log_info("blob_ids_corrected", {{"image_id", existing.id}});
  return images_.set_blob_identity(existing.id, info.identity);
}

// Images that are sent under an order without a study share its first. Of several that come at once
// one makes it: `claim` is taken then, and held until it is committed.
Result<std::optional<dicom::StudyUid>> StoreService::study_of_order(
    const StoreRequest& request, std::optional<Claims::Claim>& claim) {
  if (!request.order || request.declared.study_uid) return std::optional<dicom::StudyUid>();
  if (auto study = PACS_TRY(first_study_of(*request.order))) return study;
  claim.emplace(PACS_TRY(claims_.claim_order(*request.order, options_.wait_max)));
  auto study = PACS_TRY(first_study_of(*request.order));
  if (study) claim.reset();
  return study;
}

Result<std::optional<dicom::StudyUid>> StoreService::first_study_of(
    const index::OrderReference& order) const {
  index::StudyQuery query;
  query.order = order;
  query.direction = index::SortDirection::ascending;
  query.page_size = 1;
  const index::StudyPage page = PACS_TRY(studies_.list(archive_scope_, query));
  if (page.studies.empty()) return std::optional<dicom::StudyUid>();
  return std::optional(page.studies.front().study_uid);
}

void StoreService::discard_published(const index::Ingest& ingest, const Error& reason) {
  if (!certainly_rolled_back(reason)) return;
  storage::BlobStore& store = stores_.primary();
  Result<void> gone;
  if (reason.code == ErrorCode::conflict &&
      options_.refused_bytes == StoreOptions::RefusedBytes::quarantine) {
    if (auto moved = store.quarantine_published(ingest.image.key); !moved) gone = moved.error();
  } else {
    gone = store.remove(ingest.image.key);
  }
  // Unreferenced and never served; the next ingest of this image replaces it.
  if (!gone) log_warning("refused_blob_left", {{"reason", gone.error().reason}});
}

Error StoreService::refuse_conflict(ReceivedImage received, const index::Ingest& ingest,
                                    const StoreRequest& request, const char* detail) {
  if (options_.refused_bytes == StoreOptions::RefusedBytes::quarantine) {
    auto attributes = blob_attributes(ingest, request);
    if (attributes) {
      auto kept = stores_.primary().quarantine(std::move(received.staged), *attributes);
      if (!kept) log_warning("quarantine_failed", {{"reason", kept.error().reason}});
    }
  }
  Error refusal = conflict("uid_conflict", detail);
  note_refusal(ingest, request, refusal);
  return refusal;
}

void StoreService::note_refusal(const index::Ingest& ingest, const StoreRequest& request,
                                const Error& reason) {
  index::AuditLine line = audit_line(request.actor, clock_, "image.refuse");
  line.outcome = index::AuditOutcome::refused;
  line.study_uid = ingest.study_uid.str();
  line.image_uid = ingest.image_uid.str();
  line.detail = reason.reason;
  // The refusal stands without its line: nothing was changed.
  const auto noted = audit_.append(line);
  if (!noted) log_warning("refusal_not_audited", {{"reason", noted.error().reason}});
}

}  // namespace pacs::archive
