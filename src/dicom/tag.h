// Tags of data elements (PS3.5 7.1), and by name those that this program asks for.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pacs::dicom {

struct Tag {
  uint16_t group = 0;
  uint16_t element = 0;

  [[nodiscard]] constexpr uint32_t number() const { return uint32_t{group} << 16 | element; }
  [[nodiscard]] static constexpr Tag from_number(uint32_t number) {
    return {static_cast<uint16_t>(number >> 16), static_cast<uint16_t>(number)};
  }
  [[nodiscard]] constexpr bool is_private() const { return (group & 1U) != 0; }
  // (gggg,0010) to (gggg,00FF) of an odd group: the name of who owns a block (PS3.5 7.8.1).
  [[nodiscard]] constexpr bool is_private_creator() const {
    return is_private() && element >= 0x0010 && element <= 0x00FF;
  }
  [[nodiscard]] constexpr bool is_group_length() const { return element == 0; }

  friend constexpr auto operator<=>(const Tag& left, const Tag& right) {
    return left.number() <=> right.number();
  }
  friend constexpr bool operator==(const Tag&, const Tag&) = default;
};

// "00100020", as PS3.18 F.2 writes it.
[[nodiscard]] std::string to_string(Tag tag);
// Takes "00100020" in either case; nothing for anything else.
[[nodiscard]] std::optional<Tag> parse_tag(std::string_view text);

// Names as the keywords of PS3.6.
namespace tags {
inline constexpr Tag kFileMetaInformationGroupLength{0x0002, 0x0000};
inline constexpr Tag kMediaStorageSopClassUid{0x0002, 0x0002};
inline constexpr Tag kMediaStorageSopInstanceUid{0x0002, 0x0003};
inline constexpr Tag kTransferSyntaxUid{0x0002, 0x0010};
inline constexpr Tag kSpecificCharacterSet{0x0008, 0x0005};
inline constexpr Tag kImageType{0x0008, 0x0008};
inline constexpr Tag kSopClassUid{0x0008, 0x0016};
inline constexpr Tag kSopInstanceUid{0x0008, 0x0018};
inline constexpr Tag kStudyDate{0x0008, 0x0020};
inline constexpr Tag kSeriesDate{0x0008, 0x0021};
inline constexpr Tag kStudyTime{0x0008, 0x0030};
inline constexpr Tag kSeriesTime{0x0008, 0x0031};
inline constexpr Tag kAccessionNumber{0x0008, 0x0050};
inline constexpr Tag kInstanceAvailability{0x0008, 0x0056};
inline constexpr Tag kModality{0x0008, 0x0060};
inline constexpr Tag kModalitiesInStudy{0x0008, 0x0061};
inline constexpr Tag kSopClassesInStudy{0x0008, 0x0062};
inline constexpr Tag kInstitutionName{0x0008, 0x0080};
inline constexpr Tag kReferringPhysicianName{0x0008, 0x0090};
inline constexpr Tag kTimezoneOffsetFromUtc{0x0008, 0x0201};
inline constexpr Tag kStudyDescription{0x0008, 0x1030};
inline constexpr Tag kSeriesDescription{0x0008, 0x103E};
inline constexpr Tag kRetrieveUrl{0x0008, 0x1190};
inline constexpr Tag kAvailableTransferSyntaxUid{0x0008, 0x3002};
inline constexpr Tag kPatientName{0x0010, 0x0010};
inline constexpr Tag kPatientId{0x0010, 0x0020};
inline constexpr Tag kIssuerOfPatientId{0x0010, 0x0021};
inline constexpr Tag kPatientBirthDate{0x0010, 0x0030};
inline constexpr Tag kPatientSex{0x0010, 0x0040};
inline constexpr Tag kPatientAge{0x0010, 0x1010};
inline constexpr Tag kBodyPartExamined{0x0018, 0x0015};
inline constexpr Tag kStudyInstanceUid{0x0020, 0x000D};
inline constexpr Tag kSeriesInstanceUid{0x0020, 0x000E};
inline constexpr Tag kStudyId{0x0020, 0x0010};
inline constexpr Tag kSeriesNumber{0x0020, 0x0011};
inline constexpr Tag kInstanceNumber{0x0020, 0x0013};
inline constexpr Tag kLaterality{0x0020, 0x0060};
inline constexpr Tag kImageLaterality{0x0020, 0x0062};
inline constexpr Tag kNumberOfStudyRelatedSeries{0x0020, 0x1206};
inline constexpr Tag kNumberOfStudyRelatedInstances{0x0020, 0x1208};
inline constexpr Tag kNumberOfSeriesRelatedInstances{0x0020, 0x1209};
inline constexpr Tag kSamplesPerPixel{0x0028, 0x0002};
inline constexpr Tag kPhotometricInterpretation{0x0028, 0x0004};
inline constexpr Tag kNumberOfFrames{0x0028, 0x0008};
inline constexpr Tag kRows{0x0028, 0x0010};
inline constexpr Tag kColumns{0x0028, 0x0011};
inline constexpr Tag kBitsAllocated{0x0028, 0x0100};
inline constexpr Tag kBitsStored{0x0028, 0x0101};
inline constexpr Tag kPixelRepresentation{0x0028, 0x0103};
inline constexpr Tag kExtendedOffsetTable{0x7FE0, 0x0001};
inline constexpr Tag kExtendedOffsetTableLengths{0x7FE0, 0x0002};
inline constexpr Tag kFloatPixelData{0x7FE0, 0x0008};
inline constexpr Tag kDoubleFloatPixelData{0x7FE0, 0x0009};
inline constexpr Tag kPixelData{0x7FE0, 0x0010};
inline constexpr Tag kItem{0xFFFE, 0xE000};
inline constexpr Tag kItemDelimitation{0xFFFE, 0xE00D};
inline constexpr Tag kSequenceDelimitation{0xFFFE, 0xE0DD};
}  // namespace tags

[[nodiscard]] constexpr bool is_pixel_data(Tag tag) {
  return tag == tags::kPixelData || tag == tags::kFloatPixelData ||
         tag == tags::kDoubleFloatPixelData;
}

}  // namespace pacs::dicom
