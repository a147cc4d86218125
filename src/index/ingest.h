// An image whose bytes are on stable storage and that is to become visible.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "dicom/uid.h"
#include "index/image_record.h"
#include "index/order.h"
#include "index/series_record.h"
#include "index/study_record.h"
#include "index/upload_record.h"

namespace pacs::index {

// Where the UIDs and attributes of an ingest come from. What a data set says wins over what a
// client declared.
enum class UidSource { data_set, declared };

enum class PatientMismatch { refuse, accept };

// Ids that an earlier index or the application's own export gave out. 1 to kWantedIdMax.
struct WantedIds {
  // Ids must fit a JavaScript number (2^53 - 1), and as many again are left for our own.
  static constexpr int64_t kWantedIdMax = int64_t{1} << 52;

  std::optional<int64_t> study{};
  std::optional<int64_t> series{};
  std::optional<int64_t> image{};
};

// Numbers that were set aside for an ingest; see IdReservations. 0: none was.
struct ReservedIds {
  int64_t study = 0;
  int64_t series = 0;
  int64_t image = 0;
  friend bool operator==(const ReservedIds&, const ReservedIds&) = default;
};

struct Ingest {
  dicom::StudyUid study_uid;
  dicom::SeriesUid series_uid;
  dicom::SopInstanceUid image_uid;
  UidSource uid_source = UidSource::data_set;

  // What the client had declared where it differs; they become aliases.
  std::optional<dicom::StudyUid> declared_study_uid{};
  std::optional<dicom::SeriesUid> declared_series_uid{};

  StudyAttributes study{};
  SeriesAttributes series{};
  ImageAttributes image;
  std::optional<OrderReference> order{};
  // The offline record that these are the bytes of; it must have been announced.
  std::optional<UploadKey> upload{};

  std::string metadata_json{};  // the DICOM JSON Model; empty: none
  ByteVector frame_table{};     // dicom::FrameTable::serialize(); empty: none

  WantedIds wanted_ids{};
  // Given where they are still free; otherwise the rows get the next ones.
  ReservedIds reserved_ids{};
  PatientMismatch patient_mismatch = PatientMismatch::refuse;
};

struct IngestOutcome {
  enum class Kind {
    stored,
    existed,  // the same bytes were stored under this UID before; `image` is that first one
  };
  Kind kind = Kind::stored;
  ImageRecord image;
  std::optional<UploadRecord> upload{};   // after its transition
  std::optional<OrderReference> order{};  // of its study, whoever named it
  // True when the image had been in the trash, or another under its key was removed before: settle
  // the tombstones (see Trash) before anything is acknowledged.
  bool has_unsettled_tombstones = false;
};

}  // namespace pacs::index
