#include "dicom/image_description.h"

#include <chrono>

#include "core/text.h"
#include "dicom/charset.h"
#include "dicom/decimal_text.h"
#include "dicom/dictionary.h"
#include "dicom/little_endian.h"

namespace pacs::dicom {
namespace {

// More than that is no name, description or identifier (PS3.5 6.2: LO has 64 characters, LT 10240);
// what goes into the index and into lists is cut there.
constexpr size_t kTextSizeMax = 1024;

std::optional<unsigned> digits_at(std::string_view text, size_t at, size_t count) {
  if (text.size() < at + count) return std::nullopt;
  const auto number = parse_unsigned(text.substr(at, count));
  return number ? std::optional(static_cast<unsigned>(*number)) : std::nullopt;
}

std::string cut(std::string text) {
  if (text.size() <= kTextSizeMax) return text;
  size_t size = kTextSizeMax;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80) --size;
  text.resize(size);
  return text;
}

// Reads the elements of one data set into a description.
class Describer {
 public:
  Describer(DataSetView data_set, ImageDescription& image)
      : character_set_(CharacterSet::of(data_set, CharacterSet())), image_(image) {}

  void take(const ElementView& element) {
    switch (element.tag().group) {
      case 0x0008:
        return take_group_8(element);
      case 0x0010:
        return take_group_10(element);
      case 0x0018:
        if (element.tag() == tags::kBodyPartExamined) set(image_.body_part_examined, element);
        return;
      case 0x0020:
        return take_group_20(element);
      case 0x0028:
        return take_group_28(element);
      default:
        return;
    }
  }

  // (0020,0060) says it for the series, (0020,0062) for this image.
  void settle_laterality() {
    if (image_.laterality.empty()) image_.laterality = image_laterality_;
  }

 private:
  void take_group_8(const ElementView& element) {
    const Tag tag = element.tag();
    if (tag == tags::kSopClassUid) set(image_.sop_class_uid, element);
    if (tag == tags::kSopInstanceUid) set(image_.sop_instance_uid, element);
    if (tag == tags::kStudyDate) set_date(image_.study_date, element);
    if (tag == tags::kSeriesDate) set_date(image_.series_date, element);
    if (tag == tags::kStudyTime && image_.study_time.empty()) {
      image_.study_time = iso_time(element.text());
    }
    if (tag == tags::kAccessionNumber) set(image_.accession_number, element);
    if (tag == tags::kModality) set(image_.modality, element);
    if (tag == tags::kInstitutionName) set(image_.institution_name, element);
    if (tag == tags::kReferringPhysicianName) set(image_.referring_physician_name, element);
    if (tag == tags::kStudyDescription) set(image_.study_description, element);
    if (tag == tags::kSeriesDescription) set(image_.series_description, element);
  }

  void take_group_10(const ElementView& element) {
    const Tag tag = element.tag();
    if (tag == tags::kPatientName) set(image_.patient_name, element);
    if (tag == tags::kPatientId) set(image_.patient_id, element);
    if (tag == tags::kIssuerOfPatientId) set(image_.issuer_of_patient_id, element);
    if (tag == tags::kPatientBirthDate) set_date(image_.patient_birth_date, element);
    if (tag == tags::kPatientSex) set(image_.patient_sex, element);
  }

  void take_group_20(const ElementView& element) {
    const Tag tag = element.tag();
    if (tag == tags::kStudyInstanceUid) set(image_.study_instance_uid, element);
    if (tag == tags::kSeriesInstanceUid) set(image_.series_instance_uid, element);
    if (tag == tags::kStudyId) set(image_.study_id, element);
    if (tag == tags::kSeriesNumber) image_.series_number = integer_of(element.text());
    if (tag == tags::kInstanceNumber) image_.instance_number = integer_of(element.text());
    if (tag == tags::kLaterality) set(image_.laterality, element);
    if (tag == tags::kImageLaterality) set(image_laterality_, element);
  }

  void take_group_28(const ElementView& element) {
    const Tag tag = element.tag();
    if (tag == tags::kSamplesPerPixel) image_.samples_per_pixel = count_of(element);
    if (tag == tags::kPhotometricInterpretation) set(image_.photometric_interpretation, element);
    if (tag == tags::kNumberOfFrames) {
      const auto frames = integer_of(element.text());
      if (frames && *frames >= 0 && *frames <= UINT32_MAX) {
        image_.number_of_frames = static_cast<uint32_t>(*frames);
      }
    }
    if (tag == tags::kRows) image_.rows = count_of(element);
    if (tag == tags::kColumns) image_.columns = count_of(element);
    if (tag == tags::kBitsAllocated) image_.bits_allocated = count_of(element);
    if (tag == tags::kBitsStored) image_.bits_stored = count_of(element);
  }

  // The first value; of an element that is there twice, the first that says something.
  void set(std::string& member, const ElementView& element) const {
    if (!member.empty()) return;
    const Vr vr = element.effective_vr();
    auto values = character_set_.values_to_utf8(as_text(element.value()), vr);
    std::string value(trim(values.front()));
    member = cut(vr == Vr::PN ? without_trailing_delimiters(value) : std::move(value));
  }

  static void set_date(std::string& member, const ElementView& element) {
    if (member.empty()) member = iso_date(element.text());
  }

  // US; some devices write UL, SS or, in a private dialect, IS.
  static std::optional<uint32_t> count_of(const ElementView& element) {
    const Bytes value = element.value();
    switch (element.effective_vr()) {
      case Vr::US:
      case Vr::SS:
        if (value.size() < sizeof(uint16_t)) return std::nullopt;
        return load_little_endian<uint16_t>(value.data());
      case Vr::UL:
      case Vr::SL:
        if (value.size() < sizeof(uint32_t)) return std::nullopt;
        return load_little_endian<uint32_t>(value.data());
      case Vr::IS:
      case Vr::DS: {
        const auto number = integer_of(element.text());
        if (!number || *number < 0 || *number > UINT32_MAX) return std::nullopt;
        return static_cast<uint32_t>(*number);
      }
      default:
        return std::nullopt;
    }
  }

  CharacterSet character_set_;
  ImageDescription& image_;
  std::string image_laterality_;
};

std::string meta_text(const DataSet& meta, Tag tag) {
  const auto element = meta.find(tag);
  return element ? std::string(element->text()) : std::string();
}

}  // namespace

std::vector<std::string_view> ImageDescription::missing_identifiers() const {
  std::vector<std::string_view> missing;
  if (study_instance_uid.empty()) missing.emplace_back("StudyInstanceUID");
  if (series_instance_uid.empty()) missing.emplace_back("SeriesInstanceUID");
  if (sop_instance_uid.empty()) missing.emplace_back("SOPInstanceUID");
  if (sop_class_uid.empty()) missing.emplace_back("SOPClassUID");
  return missing;
}

ImageDescription describe(const Header& header) {
  ImageDescription image;
  image.transfer_syntax_uid = header.transfer_syntax_uid;
  Describer describer(header.data_set, image);
  for (const ElementView element : header.data_set) describer.take(element);
  describer.settle_laterality();
  if (image.sop_instance_uid.empty()) {
    image.sop_instance_uid = meta_text(header.meta, tags::kMediaStorageSopInstanceUid);
  }
  if (image.sop_class_uid.empty()) {
    image.sop_class_uid = meta_text(header.meta, tags::kMediaStorageSopClassUid);
  }
  return image;
}

std::string iso_date(std::string_view value) {
  const std::string_view text = trim(value.substr(0, value.find('\\')));
  const bool is_old = text.size() == 10 && text[4] == '.' && text[7] == '.';
  if (text.size() != 8 && !is_old) return {};
  const auto year = digits_at(text, 0, 4);
  const auto month = digits_at(text, is_old ? 5 : 4, 2);
  const auto day = digits_at(text, is_old ? 8 : 6, 2);
  if (!year || !month || !day || *year == 0) return {};
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return {};
  std::string iso(text.substr(0, 4));
  iso += '-';
  iso += text.substr(is_old ? 5 : 4, 2);
  iso += '-';
  iso += text.substr(is_old ? 8 : 6, 2);
  return iso;
}

std::string iso_time(std::string_view value) {
  std::string_view text = trim(value.substr(0, value.find('\\')));
  text = text.substr(0, text.find('.'));
  const bool is_old = text.size() == 8 && text[2] == ':' && text[5] == ':';
  const bool is_new = text.size() == 2 || text.size() == 4 || text.size() == 6;
  if (!is_old && !is_new) return {};
  const size_t step = is_old ? 3 : 2;
  const auto hour = digits_at(text, 0, 2);
  const auto minute = text.size() > 2 ? digits_at(text, step, 2) : std::optional(0U);
  const auto second = text.size() > 4 ? digits_at(text, 2 * step, 2) : std::optional(0U);
  constexpr unsigned kLeapSecond = 60;
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > kLeapSecond) return {};
  const auto two = [](unsigned number) {
    return std::string{static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
  };
  return two(*hour) + ':' + two(*minute) + ':' + two(*second);
}

}  // namespace pacs::dicom
