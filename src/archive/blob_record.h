// What stands with a blob, read back: the request that brought it, its numbers, its upload. The
// inverse of blob_attributes.h, for an index that is rebuilt from the store.
#pragma once

#include <optional>
#include <string>

#include "archive/store_request.h"
#include "core/clock.h"
#include "core/result.h"
#include "index/upload_record.h"
#include "storage/blob_attributes.h"

namespace pacs::archive {

struct BlobRecord {
  StoreRequest request;  // with the numbers of the rows as the wanted ones
  Sha256Digest sha256;
  uint64_t size_bytes = 0;
  UnixMillis stored_at = 0;
  std::optional<int64_t> former_study_id{};
  bool was_announced = false;  // it came by an offline upload: request.image_uuid and owner
  std::string announced_mime_type{};
};

// `corrupt` (reason "bad_attributes") names the attribute that is missing or cannot be read; for a
// blob that another program wrote they all are.
[[nodiscard]] Result<BlobRecord> read_blob_record(const storage::BlobAttributes& attributes);

// The offline record of an announced blob, whose bytes have arrived; its rows are `image`.
[[nodiscard]] index::UploadRecord upload_of(const BlobRecord& record,
                                            const index::ImageRecord& image);

}  // namespace pacs::archive
