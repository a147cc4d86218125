// The row of an upload inside a write transaction, and the count of its study that follows from it.
#pragma once

#include <optional>

#include "core/clock.h"
#include "core/result.h"
#include "index/study_rows.h"
#include "index/upload_record.h"

namespace pacs::index {

class Connection;

class UploadRows {
 public:
  explicit UploadRows(Connection& connection) : connection_(connection) {}

  [[nodiscard]] Result<std::optional<UploadRecord>> find(const UploadKey& key) const;
  // Sets the record's id. The study's count of what waits goes up.
  [[nodiscard]] Result<void> insert(UploadRecord& upload);
  // Writes what has changed; the counts of the studies before and after follow.
  [[nodiscard]] Result<void> update(const UploadRecord& before, const UploadRecord& after,
                                    UnixMillis now);

 private:
  Connection& connection_;
};

}  // namespace pacs::index
