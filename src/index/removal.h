// What is to leave the archive, and what has left it for the trash.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/clock.h"
#include "index/image_record.h"

namespace pacs::index {

// An id of any of them takes everything below it along. Unknown ids are ignored.
struct Removal {
  std::vector<int64_t> study_ids{};
  std::vector<int64_t> series_ids{};
  std::vector<int64_t> image_ids{};
};

// What a tombstone says of an image, and what deleting its blob needs.
struct RemovedImage {
  int64_t image_id = 0;
  int64_t study_id = 0;
  dicom::SopInstanceUid image_uid;
  ObjectKey key;
  std::string store{};
  std::string owner{};
  Sha256Digest sha256{};
  int64_t size_bytes = 0;
  UnixMillis removed_at = 0;
};

struct TrashedImage {
  ImageRecord image;
  UnixMillis removed_at = 0;
  UnixMillis purge_at = 0;
  std::string removed_by{};
  bool is_going = false;  // its bytes are being deleted
};

// A study with images in the trash; it may have others that are not.
struct TrashedStudy {
  int64_t id = 0;
  dicom::StudyUid study_uid;
  std::string patient_id{};
  std::string patient_name{};
  std::string study_date{};
  std::string description{};
  int64_t image_count = 0;  // in the trash, as all below
  int64_t series_count = 0;
  int64_t size_bytes = 0;
  UnixMillis removed_at = 0;  // of the last
  UnixMillis purge_at = 0;    // of the first
};

// A place in the list of these studies.
struct TrashPosition {
  UnixMillis removed_at = 0;
  int64_t study_id = 0;
};

// A file of tombstones in a blob store (docs/design/tombstone.md).
struct Tombstone {
  int64_t id = 0;
  std::string name;
  std::string store;
};

}  // namespace pacs::index
