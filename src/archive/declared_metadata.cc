#include "archive/declared_metadata.h"

#include <chrono>

#include "core/text.h"

namespace pacs::archive {
namespace {

Error bad_field(std::string_view name, std::string_view what) {
  return invalid_argument("bad_field",
                          "image_metadata." + std::string(name) + " " + std::string(what));
}

// Absent, null and empty are the same: not declared.
Result<std::string> text_field(const JsonValue& object, std::string_view name) {
  const JsonValue* member = object.find(name);
  if (member == nullptr || member->is_null()) return std::string();
  const std::string* text = member->as_string();
  if (text == nullptr) return bad_field(name, "must be text");
  if (text->size() > DeclaredMetadata::kTextBytesMax) return bad_field(name, "is too long");
  return std::string(trim(*text));
}

Result<std::optional<int64_t>> number_field(const JsonValue& object, std::string_view name) {
  const JsonValue* member = object.find(name);
  if (member == nullptr || member->is_null()) return std::optional<int64_t>();
  if (const auto number = member->as_int64()) return number;
  if (const std::string* text = member->as_string()) {
    if (trim(*text).empty()) return std::optional<int64_t>();
    if (const auto number = parse_unsigned(trim(*text)); number && *number <= INT32_MAX) {
      return std::optional<int64_t>(static_cast<int64_t>(*number));
    }
  }
  return bad_field(name, "must be a whole number");
}

template <typename Uid>
Result<std::optional<Uid>> uid_field(const JsonValue& object, std::string_view name) {
  const std::string text = PACS_TRY(text_field(object, name));
  if (text.empty()) return std::optional<Uid>();
  const std::optional<Uid> uid = Uid::parse(text);
  if (!uid) return bad_field(name, "must be a DICOM UID (PS3.5 chapter 9) or a UUID");
  return uid;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto year = parse_unsigned(text.substr(0, 4));
  const auto month = parse_unsigned(text.substr(5, 2));
  const auto day = parse_unsigned(text.substr(8, 2));
  if (!year || !month || !day) return false;
  return std::chrono::year_month_day(std::chrono::year(static_cast<int>(*year)),
                                     std::chrono::month(static_cast<unsigned>(*month)),
                                     std::chrono::day(static_cast<unsigned>(*day)))
      .ok();
}

}  // namespace

Result<DeclaredMetadata> DeclaredMetadata::from_json(const JsonValue& value) {
  DeclaredMetadata declared;
  if (value.is_null()) return declared;
  if (!value.is_object()) return invalid_argument("bad_field", "image_metadata must be an object");

  declared.json = value.to_json();
  declared.study_uid = PACS_TRY(uid_field<dicom::StudyUid>(value, "study_uid"));
  declared.series_uid = PACS_TRY(uid_field<dicom::SeriesUid>(value, "series_uid"));
  declared.image_uid = PACS_TRY(uid_field<dicom::SopInstanceUid>(value, "image_uid"));
  declared.patient_id = PACS_TRY(text_field(value, "patient_id"));
  declared.patient_name = PACS_TRY(text_field(value, "patient_name"));
  declared.study_date = PACS_TRY(text_field(value, "study_date"));
  declared.study_description = PACS_TRY(text_field(value, "study_description"));
  declared.modality = PACS_TRY(text_field(value, "modality"));
  declared.series_description = PACS_TRY(text_field(value, "series_description"));
  declared.series_number = PACS_TRY(number_field(value, "series_number"));
  declared.body_part = PACS_TRY(text_field(value, "body_part"));
  declared.instance_number = PACS_TRY(number_field(value, "instance_number"));
  if (!declared.study_date.empty() && !is_date(declared.study_date)) {
    return bad_field("study_date", "must be a date, YYYY-MM-DD");
  }
  return declared;
}

}  // namespace pacs::archive
