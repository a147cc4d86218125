// A stored image (a DICOM instance, a JPEG, a PNG or a PDF): the row is there only when its bytes
// are on stable storage under `key`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/object_key.h"
#include "dicom/uid.h"

namespace pacs::index {

// What is known of the bytes and of how they came.
struct ImageAttributes {
  std::string filename{};
  ObjectKey key;
  std::string store{};  // the name of the store that holds it
  Sha256Digest sha256{};
  int64_t size_bytes = 0;
  std::string mime_type{};
  std::string transfer_syntax{};  // empty when it is not DICOM
  std::string sop_class_uid{};    // likewise
  std::optional<int64_t> instance_number{};
  std::optional<int64_t> rows{};
  std::optional<int64_t> columns{};
  int64_t frames = 1;
  // The store's mark of the file that was hashed last (storage::BlobInfo::identity).
  std::string blob_identity{};
  std::string owner{};          // the principal's id
  std::string uploader_name{};  // as it was then
  UnixMillis stored_at = 0;
};

struct ImageRecord {
  int64_t id = 0;
  int64_t study_id = 0;
  int64_t series_id = 0;
  dicom::StudyUid study_uid;
  dicom::SeriesUid series_uid;
  dicom::SopInstanceUid image_uid;
  ImageAttributes attributes;
};

}  // namespace pacs::index
