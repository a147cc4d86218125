// What a client says about an image before or beside its bytes (`image_metadata` of the radiology
// API). All of it is optional, and a DICOM data set's own attributes win over it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/json_value.h"
#include "core/result.h"
#include "dicom/uid.h"

namespace pacs::archive {

struct DeclaredMetadata {
  static constexpr size_t kTextBytesMax =
      1024;  // a description; DICOM's own limit is 64 characters

  std::optional<dicom::StudyUid> study_uid;
  std::optional<dicom::SeriesUid> series_uid;
  std::optional<dicom::SopInstanceUid> image_uid;
  std::string patient_id;
  std::string patient_name;
  std::string study_date;  // YYYY-MM-DD or empty
  std::string study_description;
  std::string modality;
  std::string series_description;
  std::optional<int64_t> series_number;
  std::string body_part;
  std::optional<int64_t> instance_number;

  // The object as it was sent, so that it can be shown again word for word.
  std::string json = "{}";

  // Takes a JSON object or null. Numbers may come as text, as forms send them. Members that it does
  // not know are kept in `json` alone. `invalid_argument` (reason "bad_field") names the field that
  // has a wrong type, is too long, is no UID or no date.
  [[nodiscard]] static Result<DeclaredMetadata> from_json(const JsonValue& value);
};

}  // namespace pacs::archive
