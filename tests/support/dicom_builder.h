// Makes DICOM files for tests, in any transfer syntax: say what the data set holds, then build()
// it.
//   const std::string file = DicomBuilder::ct_slice("1.2.3", "1.2.3.4", "1.2.3.4.5")
//                                .text(tags::kPatientId, Vr::LO, "P-1").build();
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/tag.h"
#include "dicom/transfer_syntax.h"
#include "dicom/vr.h"

namespace pacs::testing {

class DicomBuilder {
 public:
  enum class Length { stated, undefined };

  DicomBuilder() = default;
  // A small CT image that can be stored: 4 by 4 pixels of 16 bits.
  [[nodiscard]] static DicomBuilder ct_slice(std::string_view study_uid,
                                             std::string_view series_uid,
                                             std::string_view sop_instance_uid);

  DicomBuilder& transfer_syntax(std::string_view uid);
  DicomBuilder& without_preamble();
  DicomBuilder& without_meta();

  // An element is replaced when it is there already. Text is padded to an even length.
  DicomBuilder& text(dicom::Tag tag, dicom::Vr vr, std::string_view value);
  // US, SS, UL, SL, UV, SV, and AT as 0xGGGGEEEE.
  DicomBuilder& numbers(dicom::Tag tag, dicom::Vr vr, const std::vector<int64_t>& values);
  DicomBuilder& number(dicom::Tag tag, dicom::Vr vr, int64_t value) {
    return numbers(tag, vr, {value});
  }
  // FL, FD.
  DicomBuilder& floats(dicom::Tag tag, dicom::Vr vr, const std::vector<double>& values);
  // As they are, in the byte order of the transfer syntax already, not padded.
  DicomBuilder& bytes(dicom::Tag tag, dicom::Vr vr, std::string_view value);
  DicomBuilder& sequence(dicom::Tag tag, const std::vector<DicomBuilder>& items,
                         Length length = Length::stated);
  // Encapsulated pixel data: the basic offset table's entries and the fragments.
  DicomBuilder& fragments(const std::vector<uint32_t>& offsets,
                          const std::vector<std::string>& fragments);
  DicomBuilder& remove(dicom::Tag tag);
  // Bytes behind all elements, encoded already.
  DicomBuilder& raw(std::string_view bytes);

  // The file, and the data set alone (deflated where the transfer syntax says so).
  [[nodiscard]] std::string build() const;
  [[nodiscard]] std::string build_data_set() const;

 private:
  struct Element {
    dicom::Vr vr = dicom::Vr::UN;
    std::string bytes = {};  // little endian
    bool is_in_file_order = false;
    std::vector<DicomBuilder> items = {};
    Length length = Length::stated;
    std::vector<std::string> fragments = {};  // the offset table first
  };

  [[nodiscard]] std::string encode(const dicom::TransferSyntax& syntax) const;
  [[nodiscard]] std::string build_meta() const;
  static void append_element(std::string& to, dicom::Tag tag, const Element& element,
                             const dicom::TransferSyntax& syntax);

  std::string transfer_syntax_uid_{dicom::kExplicitVrLittleEndian};
  bool has_preamble_ = true;
  bool has_meta_ = true;
  std::map<dicom::Tag, Element> elements_;
  std::string raw_;
};

}  // namespace pacs::testing
