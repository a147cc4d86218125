// What the index knows already of an image that comes in: asked before its bytes are published, and
// again by the transaction that commits it.
#pragma once

#include <cstdint>
#include <optional>

#include "core/result.h"
#include "index/ingest.h"
#include "index/study_rows.h"
#include "index/upload_record.h"

namespace pacs::index {

class Connection;

class IngestLookup {
 public:
  // Both outlive it.
  IngestLookup(Connection& connection, const Ingest& ingest)
      : connection_(connection), ingest_(ingest), studies_(connection) {}

  // The study of the bytes. A data set's own UID never follows an alias: an alias is what a client
  // believed.
  [[nodiscard]] Result<std::optional<KnownStudy>> find_study() const;
  // The study that metadata alone had made for these bytes, if any.
  [[nodiscard]] Result<std::optional<KnownStudy>> find_provisional_study(
      const std::optional<UploadRecord>& upload) const;
  [[nodiscard]] Result<std::optional<int64_t>> find_series(int64_t study_id) const;
  [[nodiscard]] Result<std::optional<UploadRecord>> find_upload() const;

 private:
  Connection& connection_;
  const Ingest& ingest_;
  StudyRows studies_;
};

}  // namespace pacs::index
