#include "archive/retrieve.h"

#include <algorithm>
#include <array>
#include <utility>

#include "archive/actor.h"
#include "core/log.h"
#include "storage/blob_hash.h"

namespace pacs::archive {

namespace {

// A viewer that asks for a damaged image again and again writes one line in this time.
constexpr std::chrono::minutes kAlarmEvery{10};
// What stays here until all bytes were found right (docs/design/durability.md).
constexpr size_t kWithheldBytes = 64 * 1024;
constexpr size_t kAlarmsRememberedMax = 4096;  // beyond it they are forgotten, and lines repeat

}  // namespace

RetrieveService::RetrieveService(Stores& stores, index::Database& database, const Clock& clock,
                                 Metrics& metrics)
    : stores_(stores),
      images_(database),
      audit_log_(database),
      clock_(clock),
      damaged_total_(metrics.counter("pacs_lite_damaged_images_total",
                                     "Reads refused because the stored bytes were missing or "
                                     "wrong. Anything but 0 needs an operator.")),
      rehashed_total_(metrics.counter("pacs_lite_rehashed_images_total",
                                      "Files hashed again because they may have been touched.")) {}

Result<OpenedImage> RetrieveService::open(index::ImageRecord record) {
  auto reading = readings_.begin();  // the hashing below is reading too
  const bool is_known = !record.attributes.blob_identity.empty();
  auto blob = PACS_TRY(open_blob(record, is_known ? Ask::by_row : Ask::anew));
  return OpenedImage{std::move(record), std::move(blob), std::move(reading)};
}

Result<std::unique_ptr<storage::BlobReader>> RetrieveService::open_blob(
    const index::ImageRecord& record, Ask ask) {
  const index::ImageAttributes& known = record.attributes;
  storage::BlobStore* store = PACS_TRY(stores_.find(known.store));
  auto blob = ask == Ask::anew
                  ? store->get(known.key)
                  : store->get_known(
                        known.key, {static_cast<uint64_t>(known.size_bytes), known.blob_identity});
  if (!blob) {
    if (blob.error().code == ErrorCode::not_found) return damaged(record, "the file is missing");
    return cannot_read(record, std::move(blob).error());
  }
  PACS_TRY(check_bytes(record, **blob));
  return blob;
}

Result<OpenedImage> RetrieveService::open(const index::Scope& scope, const ObjectKey& key) {
  auto record = PACS_TRY(images_.find(scope, key));
  if (record) return open(std::move(*record));
  if (PACS_TRY(images_.was_removed(scope, key))) return not_found("gone", "the image was removed");
  return not_found("no_such_image", "there is no such image");
}

Result<void> RetrieveService::check_bytes(const index::ImageRecord& record,
                                          storage::BlobReader& blob) {
  if (blob.size_bytes() != static_cast<uint64_t>(record.attributes.size_bytes)) {
    return damaged(record, "the file has another size");
  }
  if (blob.identity() == record.attributes.blob_identity) return check_first_byte(record, blob);
  rehashed_total_.add();
  const Result<Sha256Digest> sha256 = hash_of(blob);
  if (!sha256) return cannot_read(record, sha256.error());
  if (*sha256 != record.attributes.sha256) {
    return damaged(record, "the bytes have another SHA-256");
  }
  // Only spares the next hash; a read must not fail because the index cannot be written.
  if (auto kept = images_.set_blob_identity(record.id, blob.identity()); !kept) {
    log_warning("blob_identity_not_kept", {{"reason", kept.error().reason}});
  }
  return {};
}

// What a disk cannot read is told by a status of its own and not by a connection that breaks.
Result<void> RetrieveService::check_first_byte(const index::ImageRecord& record,
                                               const storage::BlobReader& blob) {
  if (!blob.is_local_file()) return {};
  std::array<std::byte, 1> first{};
  const Result<size_t> count = blob.read_at(0, first);
  return count ? Result<void>() : cannot_read(record, count.error());
}

// Where the first read finds something else than the row tells, all is asked and checked anew.
Result<void> RetrieveService::read_as_it_is(OpenedImage& image,
                                            const std::function<Result<void>()>& read) {
  Result<void> done = read();
  if (done || done.error().reason != "blob_changed") return done;
  image.blob = PACS_TRY(open_blob(image.record, Ask::anew));
  return read();
}

Result<void> RetrieveService::confirm(OpenedImage& image) {
  return read_as_it_is(image, [&] { return image.blob->confirm(); });
}

Result<void> RetrieveService::send(OpenedImage& image, ByteSink& sink, uint64_t offset,
                                   uint64_t length) {
  Result<void> sent =
      read_as_it_is(image, [&] { return image.blob->write_to(sink, offset, length); });
  return sent ? sent : cannot_read(image.record, std::move(sent).error());
}

Result<void> RetrieveService::send_checked(OpenedImage& image, ByteSink& sink) {
  return read_as_it_is(image, [&] { return send_all(image, sink); });
}

// A disk may give back other bytes without that anything of the file has changed.
Result<void> RetrieveService::send_all(const OpenedImage& image, ByteSink& sink) {
  const uint64_t size = image.blob->size_bytes();
  const uint64_t withheld_from = size - std::min<uint64_t>(size, kWithheldBytes);
  Sha256 hash;
  ByteVector buffer(kWithheldBytes);
  for (uint64_t offset = 0;;) {
    const uint64_t end = offset < withheld_from ? withheld_from : size;
    const MutableBytes room =
        MutableBytes(buffer).first(std::min<uint64_t>(buffer.size(), end - offset));
    const Result<size_t> count = image.blob->read_at(offset, room);
    if (!count) return cannot_read(image.record, count.error());
    if (*count < room.size()) return damaged(image.record, "the file ends early");
    hash.update(Bytes(room));
    offset += *count;
    if (offset == size && hash.finish() != image.record.attributes.sha256) {
      // Nobody may be sent it again before it was hashed.
      static_cast<void>(images_.set_blob_identity(image.record.id, ""));
      return damaged(image.record, "the bytes have another SHA-256");
    }
    PACS_TRY(sink.write(room));
    if (offset == size) return {};
  }
}

// Of other reasons (no descriptors, a store that is away) the image is not to blame.
Error RetrieveService::cannot_read(const index::ImageRecord& record, Error error) {
  if (error.reason != "io_error") return error;
  return damaged(record, "the disk cannot read the file");
}

Error RetrieveService::damaged(const index::ImageRecord& record, std::string_view what) {
  damaged_total_.add();
  log_error("image_damaged", {{"image_id", record.id}, {"what", what}});
  write_alarm(record, what);
  return corrupt("damaged",
                 "the stored image is damaged or missing and was not sent; tell the "
                 "operator of this archive");
}

// The read is refused whether or not the line can be written.
void RetrieveService::write_alarm(const index::ImageRecord& record, std::string_view what) {
  {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.monotonic();
    const auto known = alarms_.find(record.id);
    if (known != alarms_.end() && now - known->second < kAlarmEvery) return;
    if (alarms_.size() >= kAlarmsRememberedMax) alarms_.clear();
    alarms_[record.id] = now;
  }
  index::AuditLine line =
      audit_line({.id = "system", .name = {}, .request_id = {}}, clock_, "image.damaged");
  line.outcome = index::AuditOutcome::failed;
  line.study_uid = record.study_uid.str();
  line.image_uid = record.image_uid.str();
  line.detail = what;
  if (auto written = audit_log_.append(line); !written) {
    log_error("damage_not_audited", {{"image_id", record.id}, {"reason", written.error().reason}});
  }
}

}  // namespace pacs::archive
