// The way out: row first, then the blob, whose bytes are checked before they are served as good.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "archive/readings.h"
#include "archive/stores.h"
#include "core/clock.h"
#include "core/metrics.h"
#include "core/object_key.h"
#include "core/stream.h"
#include "index/audit_log.h"
#include "index/image_record.h"
#include "index/images.h"
#include "index/scope.h"
#include "storage/blob_reader.h"

namespace pacs::archive {

struct OpenedImage {
  index::ImageRecord record;
  std::unique_ptr<storage::BlobReader> blob;
  Readings::Reading reading;  // for as long as it is read
};

// Any thread.
class RetrieveService {
 public:
  RetrieveService(Stores& stores, index::Database& database, const Clock& clock, Metrics& metrics);

  // The stored bytes of a row. A file whose identity is not the one that was hashed last is hashed
  // first; of what lies in an object store that is found out with the first bytes. Errors:
  // `corrupt` (reason "damaged") when the bytes are missing, cannot be read or are not those that
  // were stored; an alarm is raised then (log, metric, audit line) and nothing is served.
  [[nodiscard]] Result<OpenedImage> open(index::ImageRecord record);

  // By key. `not_found` (reason "no_such_image"), also when the scope does not cover it; "gone"
  // when it was removed.
  [[nodiscard]] Result<OpenedImage> open(const index::Scope& scope, const ObjectKey& key);

  // Writes that part of it. A disk that cannot read it raises the alarm. Errors: those of open()
  // before the first byte is written, of the reader and of the sink.
  [[nodiscard]] Result<void> send(OpenedImage& image, ByteSink& sink, uint64_t offset,
                                  uint64_t length);

  // Writes all of it to a sink that copies anyway (TLS), and hashes it on the way. Its last 64 kB
  // leave only when the whole is right: else `corrupt` (reason "damaged"), with the alarm of
  // open().
  [[nodiscard]] Result<void> send_checked(OpenedImage& image, ByteSink& sink);

  // That send() would have something to send, without its bytes. Errors: those of open().
  [[nodiscard]] Result<void> confirm(OpenedImage& image);

  [[nodiscard]] const Readings& readings() const { return readings_; }

 private:
  enum class Ask { by_row, anew };
  Result<std::unique_ptr<storage::BlobReader>> open_blob(const index::ImageRecord& record, Ask ask);
  Result<void> check_bytes(const index::ImageRecord& record, storage::BlobReader& blob);
  Result<void> check_first_byte(const index::ImageRecord& record, const storage::BlobReader& blob);
  Error cannot_read(const index::ImageRecord& record, Error error);
  Result<void> read_as_it_is(OpenedImage& image, const std::function<Result<void>()>& read);
  Result<void> send_all(const OpenedImage& image, ByteSink& sink);
  Error damaged(const index::ImageRecord& record, std::string_view what);
  void write_alarm(const index::ImageRecord& record, std::string_view what);

  Stores& stores_;
  index::Images images_;
  index::AuditLog audit_log_;
  const Clock& clock_;
  Readings readings_;
  Counter& damaged_total_;
  Counter& rehashed_total_;

  std::mutex mutex_;
  // When each damaged image was last told to the audit log; guarded by mutex_.
  std::unordered_map<int64_t, std::chrono::steady_clock::time_point> alarms_;
};

}  // namespace pacs::archive
