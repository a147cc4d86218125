#include "archive/orphan_check.h"

#include <string>
#include <utility>

#include "core/text.h"

namespace pacs::archive {
namespace {

std::string attribute_text(const storage::BlobAttributes& attributes, std::string_view name) {
  const std::string* value = attributes.find(name);
  return value != nullptr ? *value : std::string();
}

// New keys are made of the UIDs that the attributes tell (docs/design/keys.md); keys of an adopted
// tree are what they are, but such a file had a row before it had attributes.
bool is_key_of(const ObjectKey& key, const storage::BlobAttributes& attributes) {
  const auto parts = key.parts();
  return parts[1] == attribute_text(attributes, "study-uid") &&
         parts[2] == attribute_text(attributes, "series-uid") &&
         parts[3] == attribute_text(attributes, "image-uid");
}

std::optional<Fault> damage(const Orphan& orphan, const Sha256Digest& sha256) {
  const std::string size = attribute_text(orphan.info.attributes, "size");
  if (std::to_string(orphan.info.size_bytes) != size) {
    return Fault{FindingKind::damaged_orphan, "no row names it, and it has " +
                                                  std::to_string(orphan.info.size_bytes) +
                                                  " bytes where " + size + " were stored"};
  }
  if (sha256.hex() != attribute_text(orphan.info.attributes, "sha256")) {
    return Fault{FindingKind::damaged_orphan,
                 "no row names it, and its bytes are not those that were stored"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<dicom::SopInstanceUid> image_uid_of(const storage::BlobAttributes& attributes) {
  return dicom::SopInstanceUid::parse(attribute_text(attributes, "image-uid"));
}

Result<std::optional<Orphan>> OrphanCheck::check(storage::BlobStore& store, const ObjectKey& key,
                                                 Pace& pace) const {
  const auto has_row = PACS_TRY(checks_.have_rows(archive_scope_, store.name(), {key}));
  if (has_row.front()) return std::optional<Orphan>();
  const auto removed_at = PACS_TRY(checks_.removed_at(archive_scope_, key));
  if (removed_at && clock_.now() - *removed_at < kRemovalSettlesMillis) {
    return std::optional<Orphan>();
  }
  if (removed_at && PACS_TRY(trash_.holds(archive_scope_, key))) return std::optional<Orphan>();
  PACS_TRY(pace.spend(Pace::kFileCostBytes));
  auto blob = store.get(key);
  if (!blob && blob.error().code == ErrorCode::not_found) return std::optional<Orphan>();
  if (!blob) {
    if (blob.error().code == ErrorCode::unavailable ||
        blob.error().code == ErrorCode::resource_exhausted) {
      return std::move(blob).error();
    }
    Orphan unreadable;
    unreadable.fault = {FindingKind::unknown_blob,
                        "no row names it, and it cannot be read: " + blob.error().detail};
    return std::optional(std::move(unreadable));
  }
  if (removed_at) {
    Orphan removed;
    removed.fault = {FindingKind::removed_blob,
                     "it belongs to an image that was removed, and could not be deleted then"};
    return std::optional(std::move(removed));
  }
  return judge(store, key, **blob, pace);
}

Result<std::optional<Orphan>> OrphanCheck::judge(storage::BlobStore& store, const ObjectKey& key,
                                                 storage::BlobReader& blob, Pace& pace) const {
  Orphan orphan;
  auto info = blob.info();
  if (info) orphan.info = std::move(*info);
  const storage::BlobAttributes& attributes = orphan.info.attributes;
  const auto image_uid = image_uid_of(attributes);
  if (!image_uid || !Sha256Digest::from_hex(attribute_text(attributes, "sha256"))) {
    orphan.fault = {FindingKind::unknown_blob,
                    "no row names it and it has no attributes: it was put there by hand, or lost "
                    "them in a copy"};
    return std::optional(std::move(orphan));
  }
  const Result<Sha256Digest> sha256 = pace.hash_of(blob);
  if (!sha256 && sha256.error().code == ErrorCode::unavailable) return sha256.error();
  if (!sha256) {
    orphan.fault = {FindingKind::damaged_orphan,
                    "no row names it, and it cannot be read to its end"};
    return std::optional(std::move(orphan));
  }
  auto row = PACS_TRY(images_.find(archive_scope_, *image_uid));
  if (row && row->attributes.key != key) orphan.row_elsewhere = std::move(row);
  if (auto fault = damage(orphan, *sha256)) {
    orphan.fault = std::move(*fault);
    return std::optional(std::move(orphan));
  }
  orphan.sha256 = *sha256;
  if (!is_key_of(key, attributes)) {
    orphan.fault = {FindingKind::wrong_key, "its attributes name another image than its key does"};
    return std::optional(std::move(orphan));
  }
  PACS_TRY(judge_whole(store, key, orphan));
  return std::optional(std::move(orphan));
}

// Whole, under the key that it was made for. What is known to have been cut is of no use to anybody
// but its sender, who has the bytes; what may have been acknowledged must come back.
Result<void> OrphanCheck::judge_whole(storage::BlobStore& store, const ObjectKey& /*key*/,
                                      Orphan& orphan) const {
  if (orphan.row_elsewhere && orphan.row_elsewhere->attributes.sha256 == *orphan.sha256 &&
      orphan.row_elsewhere->attributes.store == store.name()) {
    const auto there = store.get(orphan.row_elsewhere->attributes.key);
    if (!there && there.error().code == ErrorCode::not_found) {
      orphan.fault = {FindingKind::wrong_key, "it was renamed: the archive looks for it under " +
                                                  orphan.row_elsewhere->attributes.key.str()};
      return {};
    }
  }
  const auto stored_at = from_rfc3339(attribute_text(orphan.info.attributes, "stored-at"));
  const bool is_young = stored_at && clock_.now() - *stored_at < kCutIngestSettlesMillis;
  const bool is_known_cut =
      orphan.row_elsewhere.has_value() || (stored_at && PACS_TRY(audit_log_.covers(*stored_at)));
  if (is_young || is_known_cut) {
    orphan.is_settled = !is_young;
    orphan.fault = {
        FindingKind::cut_ingest,
        "left by an ingest that was cut before its commit; it was not acknowledged, and "
        "nothing serves it"};
    return {};
  }
  orphan.fault = {FindingKind::orphan,
                  "no row names it, and the index knows nothing of the time when it was stored"};
  return {};
}

}  // namespace pacs::archive
