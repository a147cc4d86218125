// What index and archive want to know of a data set: attributes in UTF-8, trimmed, and in the forms
// that the program stores. Absent and unreadable ones are empty; nothing here can fail.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/header_reader.h"
#include "dicom/uid.h"

namespace pacs::dicom {

struct ImageDescription {
  // As they stand in the data set, trimmed; they have not passed any grammar.
  std::string study_instance_uid;
  std::string series_instance_uid;
  // (0008,0018) and (0008,0016), or else what the File Meta Information says.
  std::string sop_instance_uid;
  std::string sop_class_uid;
  std::string transfer_syntax_uid;

  std::string patient_id;
  std::string issuer_of_patient_id;
  std::string patient_name;  // all component groups, without empty ends: "Yamada^Tarou=山田^太郎"
  std::string patient_birth_date;  // YYYY-MM-DD or empty
  std::string patient_sex;

  std::string study_date;  // YYYY-MM-DD or empty
  std::string study_time;  // HH:MM:SS or empty
  std::string study_id;
  std::string study_description;
  std::string accession_number;
  std::string referring_physician_name;
  std::string institution_name;

  std::string modality;
  std::optional<int64_t> series_number;
  std::string series_description;
  std::string series_date;  // YYYY-MM-DD or empty
  std::string body_part_examined;
  std::string laterality;  // (0020,0060), or else (0020,0062)

  std::optional<int64_t> instance_number;
  std::optional<uint32_t> rows;
  std::optional<uint32_t> columns;
  std::optional<uint32_t> number_of_frames;  // as stated; absent for a single frame
  std::optional<uint32_t> samples_per_pixel;
  std::optional<uint32_t> bits_allocated;
  std::optional<uint32_t> bits_stored;
  std::string photometric_interpretation;

  // The keywords of the attributes without which nothing can be stored and that are absent or
  // empty: StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, SOPClassUID.
  [[nodiscard]] std::vector<std::string_view> missing_identifiers() const;
};

[[nodiscard]] ImageDescription describe(const Header& header);

// DA (PS3.5 6.2): "20260131" and the old "2026.01.31" become "2026-01-31"; a date that does not
// exist becomes an empty text.
[[nodiscard]] std::string iso_date(std::string_view value);
// TM: "09", "0930", "093015.5" and the old "09:30:15" become "09:30:15".
[[nodiscard]] std::string iso_time(std::string_view value);

}  // namespace pacs::dicom
