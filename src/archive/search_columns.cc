#include "archive/search_columns.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "archive/picture_data_set.h"
#include "core/text.h"
#include "dicom/transfer_syntax.h"
#include "dicom/vr.h"

namespace pacs::archive {
namespace {

namespace tags = dicom::tags;

using dicom::Vr;
struct Column {
  dicom::Tag tag;
  SearchLevel level;
  Vr vr;
};
constexpr Column kColumns[] = {
    {tags::kStudyDate, SearchLevel::study, Vr::DA},
    {tags::kStudyTime, SearchLevel::study, Vr::TM},
    {tags::kAccessionNumber, SearchLevel::study, Vr::SH},
    {tags::kInstanceAvailability, SearchLevel::study, Vr::CS},
    {tags::kModalitiesInStudy, SearchLevel::study, Vr::CS},
    {tags::kSopClassesInStudy, SearchLevel::study, Vr::UI},
    {tags::kReferringPhysicianName, SearchLevel::study, Vr::PN},
    {tags::kStudyDescription, SearchLevel::study, Vr::LO},
    {tags::kPatientName, SearchLevel::study, Vr::PN},
    {tags::kPatientId, SearchLevel::study, Vr::LO},
    {tags::kPatientBirthDate, SearchLevel::study, Vr::DA},
    {tags::kPatientSex, SearchLevel::study, Vr::CS},
    {tags::kStudyInstanceUid, SearchLevel::study, Vr::UI},
    {tags::kNumberOfStudyRelatedSeries, SearchLevel::study, Vr::IS},
    {tags::kNumberOfStudyRelatedInstances, SearchLevel::study, Vr::IS},
    {tags::kModality, SearchLevel::series, Vr::CS},
    {tags::kSeriesDescription, SearchLevel::series, Vr::LO},
    {tags::kBodyPartExamined, SearchLevel::series, Vr::CS},
    {tags::kSeriesInstanceUid, SearchLevel::series, Vr::UI},
    {tags::kSeriesNumber, SearchLevel::series, Vr::IS},
    {tags::kNumberOfSeriesRelatedInstances, SearchLevel::series, Vr::IS},
    {tags::kSopClassUid, SearchLevel::instance, Vr::UI},
    {tags::kSopInstanceUid, SearchLevel::instance, Vr::UI},
    {tags::kAvailableTransferSyntaxUid, SearchLevel::instance, Vr::UI},
    {tags::kInstanceNumber, SearchLevel::instance, Vr::IS},
    {tags::kNumberOfFrames, SearchLevel::instance, Vr::IS},
    {tags::kRows, SearchLevel::instance, Vr::US},
    {tags::kColumns, SearchLevel::instance, Vr::US},
};

const Column* find_column(dicom::Tag tag) {
  const auto* found = std::find_if(std::begin(kColumns), std::end(kColumns),
                                   [&](const Column& column) { return column.tag == tag; });
  return found == std::end(kColumns) ? nullptr : found;
}

using Texts = dicom::AttributeTexts;

Texts one(std::string_view text) { return text.empty() ? Texts{} : Texts{std::string(text)}; }
Texts one(int64_t number) { return {std::to_string(number)}; }
Texts one(const std::optional<int64_t>& number) { return number ? one(*number) : Texts{}; }

// "2026-01-31" as DA and "10:15:00" as TM.
Texts digits_of(std::string_view iso) {
  std::string digits(iso);
  std::erase_if(digits, [](char c) { return c == '-' || c == ':'; });
  return one(digits);
}

Texts listed(std::string_view joined) {
  Texts texts;
  for (const std::string_view part : split(joined, '\\')) {
    if (!part.empty()) texts.emplace_back(part);
  }
  return texts;
}

Texts study_texts(const SearchHit& hit, dicom::Tag tag) {
  const index::StudyRecord& study = hit.study;
  const index::StudyAttributes& attributes = study.attributes;
  if (tag == tags::kStudyDate) return digits_of(attributes.study_date);
  if (tag == tags::kStudyTime) return digits_of(attributes.study_time);
  if (tag == tags::kAccessionNumber) return one(attributes.accession_number);
  if (tag == tags::kInstanceAvailability) return one("ONLINE");  // PS3.3 C.4.23.1.1
  if (tag == tags::kModalitiesInStudy) return listed(study.modality);
  if (tag == tags::kSopClassesInStudy) return hit.sop_classes.value_or(Texts{});
  if (tag == tags::kReferringPhysicianName) return one(attributes.referring_physician);
  if (tag == tags::kStudyDescription) return one(attributes.description);
  if (tag == tags::kPatientName) return one(attributes.patient_name);
  if (tag == tags::kPatientId) return one(attributes.patient_id);
  if (tag == tags::kPatientBirthDate) return digits_of(attributes.patient_birth_date);
  if (tag == tags::kPatientSex) return one(attributes.patient_sex);
  if (tag == tags::kStudyInstanceUid) return one(study.study_uid.to_dicom());
  if (tag == tags::kNumberOfStudyRelatedSeries) return one(study.series_count);
  return one(study.image_count);
}

Texts series_texts(const index::SeriesRecord& series, dicom::Tag tag) {
  if (tag == tags::kModality) return one(series.attributes.modality);
  if (tag == tags::kSeriesDescription) return one(series.attributes.description);
  if (tag == tags::kBodyPartExamined) return one(series.attributes.body_part);
  if (tag == tags::kSeriesInstanceUid) return one(series.series_uid.to_dicom());
  if (tag == tags::kSeriesNumber) return one(series.attributes.number);
  return one(series.image_count);
}

// Pictures are shown as the objects that DICOM has for them.
std::string_view shown_sop_class(const index::SearchedImage& image) {
  if (!image.sop_class_uid.empty() || image.mime_type == "application/dicom") {
    return image.sop_class_uid;
  }
  return image.mime_type == "application/pdf" ? kEncapsulatedPdfUid : kSecondaryCaptureUid;
}

// That of a JPEG is told by its bytes alone.
std::string_view shown_transfer_syntax(const index::SearchedImage& image) {
  const bool is_made_native =
      image.mime_type == "image/png" || image.mime_type == "application/pdf";
  return is_made_native ? dicom::kExplicitVrLittleEndian : std::string_view(image.transfer_syntax);
}

// Only an image has rows, and so frames.
Texts image_texts(const index::SearchedImage& image, dicom::Tag tag) {
  if (tag == tags::kSopClassUid) return one(shown_sop_class(image));
  if (tag == tags::kSopInstanceUid) return one(image.image_uid);
  if (tag == tags::kAvailableTransferSyntaxUid) return one(shown_transfer_syntax(image));
  if (tag == tags::kInstanceNumber) return one(image.instance_number);
  if (tag == tags::kNumberOfFrames) return image.rows ? one(image.frames) : Texts{};
  if (tag == tags::kRows) return one(image.rows);
  return one(image.columns);
}

}  // namespace

std::optional<SearchLevel> column_level(dicom::Tag tag) {
  const Column* column = find_column(tag);
  if (column == nullptr) return std::nullopt;
  return column->level;
}

std::optional<dicom::AttributeValues> column_values(const SearchHit& hit, dicom::Tag tag) {
  const Column* column = find_column(tag);
  if (column == nullptr) return std::nullopt;
  dicom::AttributeValues values{.vr = column->vr};
  if (column->level == SearchLevel::study) {
    values.texts = study_texts(hit, tag);
  } else if (column->level == SearchLevel::series) {
    if (!hit.series) return std::nullopt;
    values.texts = series_texts(*hit.series, tag);
  } else {
    if (!hit.image) return std::nullopt;
    values.texts = image_texts(*hit.image, tag);
  }
  return values;
}

}  // namespace pacs::archive
