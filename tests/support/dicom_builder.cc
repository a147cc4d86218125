#include "tests/support/dicom_builder.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <zlib.h>

#include "core/assert.h"

namespace pacs::testing {
namespace {

using dicom::Tag;
using dicom::TransferSyntax;
using dicom::Vr;
using dicom::VrEncoding;

constexpr uint32_t kUndefinedLength = 0xFFFFFFFF;

std::string number_bytes(uint64_t number, size_t size, std::endian order) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes += static_cast<char>(number >> (8 * i));
  if (order == std::endian::big) std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

void append_tag(std::string& to, Tag tag, std::endian order) {
  to += number_bytes(tag.group, 2, order) + number_bytes(tag.element, 2, order);
}

void append_header(std::string& to, Tag tag, Vr vr, uint64_t length, const TransferSyntax& syntax) {
  append_tag(to, tag, syntax.byte_order);
  if (syntax.vr_encoding == VrEncoding::implicit_vr) {
    to += number_bytes(length, 4, syntax.byte_order);
    return;
  }
  to += dicom::to_string(vr);
  if (dicom::has_long_length(vr)) to += std::string(2, '\0');
  to += number_bytes(length, dicom::has_long_length(vr) ? 4 : 2, syntax.byte_order);
}

void append_item_header(std::string& to, Tag tag, uint64_t length, std::endian order) {
  append_tag(to, tag, order);
  to += number_bytes(length, 4, order);
}

std::string in_order(std::string bytes, Vr vr, std::endian order) {
  const size_t size = dicom::number_size(vr);
  if (order == std::endian::little || size < 2) return bytes;
  for (size_t at = 0; at + size <= bytes.size(); at += size) {
    std::reverse(bytes.begin() + static_cast<ptrdiff_t>(at),
                 bytes.begin() + static_cast<ptrdiff_t>(at + size));
  }
  return bytes;
}

std::string deflate_raw(const std::string& text) {
  z_stream stream{};
  PACS_ASSERT(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8,
                           Z_DEFAULT_STRATEGY) == Z_OK);
  std::string deflated(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(deflated.data());
  stream.avail_out = static_cast<uInt>(deflated.size());
  PACS_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  deflated.resize(stream.total_out);
  deflateEnd(&stream);
  if (deflated.size() % 2 != 0) deflated += '\0';  // PS3.5 A.5
  return deflated;
}

const TransferSyntax& known_or_explicit(std::string_view uid) {
  const TransferSyntax* syntax = dicom::find_transfer_syntax(uid);
  return syntax != nullptr ? *syntax : *dicom::find_transfer_syntax(dicom::kExplicitVrLittleEndian);
}

}  // namespace

DicomBuilder DicomBuilder::ct_slice(std::string_view study_uid, std::string_view series_uid,
                                    std::string_view sop_instance_uid) {
  namespace tags = dicom::tags;
  DicomBuilder builder;
  builder.text(tags::kSpecificCharacterSet, Vr::CS, "ISO_IR 192")
      .text(tags::kSopClassUid, Vr::UI, "1.2.840.10008.5.1.4.1.1.2")
      .text(tags::kSopInstanceUid, Vr::UI, sop_instance_uid)
      .text(tags::kStudyDate, Vr::DA, "20260131")
      .text(tags::kStudyTime, Vr::TM, "093015.250")
      .text(tags::kAccessionNumber, Vr::SH, "ACC-1")
      .text(tags::kModality, Vr::CS, "CT")
      .text(tags::kReferringPhysicianName, Vr::PN, "Example^Doctor")
      .text(tags::kStudyDescription, Vr::LO, "Head")
      .text(tags::kSeriesDescription, Vr::LO, "Axial")
      .text(tags::kPatientName, Vr::PN, "Phantom^Head")
      .text(tags::kPatientId, Vr::LO, "PHANTOM-1")
      .text(tags::kPatientBirthDate, Vr::DA, "19700101")
      .text(tags::kPatientSex, Vr::CS, "O")
      .text(tags::kBodyPartExamined, Vr::CS, "HEAD")
      .text(tags::kStudyInstanceUid, Vr::UI, study_uid)
      .text(tags::kSeriesInstanceUid, Vr::UI, series_uid)
      .text(tags::kStudyId, Vr::SH, "1")
      .text(tags::kSeriesNumber, Vr::IS, "2")
      .text(tags::kInstanceNumber, Vr::IS, "3")
      .number(tags::kSamplesPerPixel, Vr::US, 1)
      .text(tags::kPhotometricInterpretation, Vr::CS, "MONOCHROME2")
      .number(tags::kRows, Vr::US, 4)
      .number(tags::kColumns, Vr::US, 4)
      .number(tags::kBitsAllocated, Vr::US, 16)
      .number(tags::kBitsStored, Vr::US, 12)
      .number(tags::kPixelRepresentation, Vr::US, 0)
      .bytes(tags::kPixelData, Vr::OW, std::string(32, '\x05'));
  return builder;
}

DicomBuilder& DicomBuilder::transfer_syntax(std::string_view uid) {
  transfer_syntax_uid_ = uid;
  return *this;
}

DicomBuilder& DicomBuilder::without_preamble() {
  has_preamble_ = false;
  return *this;
}

DicomBuilder& DicomBuilder::without_meta() {
  has_meta_ = false;
  return *this;
}

DicomBuilder& DicomBuilder::text(Tag tag, Vr vr, std::string_view value) {
  std::string padded(value);
  if (padded.size() % 2 != 0) padded += vr == Vr::UI ? '\0' : ' ';
  elements_[tag] = {.vr = vr, .bytes = std::move(padded)};
  return *this;
}

DicomBuilder& DicomBuilder::numbers(Tag tag, Vr vr, const std::vector<int64_t>& values) {
  std::string bytes;
  for (const int64_t value : values) {
    const auto number = static_cast<uint64_t>(value);
    if (vr == Vr::AT) {
      bytes += number_bytes(number >> 16, 2, std::endian::little);
      bytes += number_bytes(number, 2, std::endian::little);
    } else {
      bytes += number_bytes(number, dicom::number_size(vr), std::endian::little);
    }
  }
  elements_[tag] = {.vr = vr, .bytes = std::move(bytes)};
  return *this;
}

DicomBuilder& DicomBuilder::floats(Tag tag, Vr vr, const std::vector<double>& values) {
  std::string bytes;
  for (const double value : values) {
    if (vr == Vr::FL) {
      bytes +=
          number_bytes(std::bit_cast<uint32_t>(static_cast<float>(value)), 4, std::endian::little);
    } else {
      bytes += number_bytes(std::bit_cast<uint64_t>(value), 8, std::endian::little);
    }
  }
  elements_[tag] = {.vr = vr, .bytes = std::move(bytes)};
  return *this;
}

DicomBuilder& DicomBuilder::bytes(Tag tag, Vr vr, std::string_view value) {
  elements_[tag] = {.vr = vr, .bytes = std::string(value), .is_in_file_order = true};
  return *this;
}

DicomBuilder& DicomBuilder::sequence(Tag tag, const std::vector<DicomBuilder>& items,
                                     Length length) {
  elements_[tag] = {.vr = Vr::SQ, .items = items, .length = length};
  return *this;
}

DicomBuilder& DicomBuilder::fragments(const std::vector<uint32_t>& offsets,
                                      const std::vector<std::string>& fragments) {
  Element element{.vr = Vr::OB, .length = Length::undefined};
  std::string table;
  for (const uint32_t offset : offsets) table += number_bytes(offset, 4, std::endian::little);
  element.fragments.push_back(table);
  element.fragments.insert(element.fragments.end(), fragments.begin(), fragments.end());
  elements_[dicom::tags::kPixelData] = std::move(element);
  return *this;
}

DicomBuilder& DicomBuilder::remove(Tag tag) {
  elements_.erase(tag);
  return *this;
}

DicomBuilder& DicomBuilder::raw(std::string_view bytes) {
  raw_ += bytes;
  return *this;
}

std::string DicomBuilder::build() const {
  std::string file;
  if (has_preamble_) file = std::string(128, '\0') + "DICM";
  if (has_meta_) file += build_meta();
  return file + build_data_set();
}

std::string DicomBuilder::build_data_set() const {
  const TransferSyntax& syntax = known_or_explicit(transfer_syntax_uid_);
  const std::string bytes = encode(syntax);
  return syntax.is_deflated ? deflate_raw(bytes) : bytes;
}

std::string DicomBuilder::encode(const TransferSyntax& syntax) const {
  std::string bytes;
  for (const auto& [tag, element] : elements_) append_element(bytes, tag, element, syntax);
  return bytes + raw_;
}

std::string DicomBuilder::build_meta() const {
  namespace tags = dicom::tags;
  const auto value_of = [&](Tag tag) {
    const auto found = elements_.find(tag);
    return found == elements_.end() ? std::string() : found->second.bytes;
  };
  DicomBuilder meta;
  meta.bytes({0x0002, 0x0001}, Vr::OB, std::string_view("\0\1", 2))
      .bytes(tags::kMediaStorageSopClassUid, Vr::UI, value_of(tags::kSopClassUid))
      .bytes(tags::kMediaStorageSopInstanceUid, Vr::UI, value_of(tags::kSopInstanceUid))
      .text(tags::kTransferSyntaxUid, Vr::UI, transfer_syntax_uid_)
      .text({0x0002, 0x0012}, Vr::UI, "2.25.1");
  const TransferSyntax& syntax = known_or_explicit(dicom::kExplicitVrLittleEndian);
  const std::string elements = meta.encode(syntax);
  DicomBuilder length;
  length.number(tags::kFileMetaInformationGroupLength, Vr::UL,
                static_cast<int64_t>(elements.size()));
  return length.encode(syntax) + elements;
}

void DicomBuilder::append_element(std::string& to, Tag tag, const Element& element,
                                  const TransferSyntax& syntax) {
  namespace tags = dicom::tags;
  const std::endian order = syntax.byte_order;
  const bool is_undefined = element.length == Length::undefined;
  if (!element.fragments.empty()) {
    append_header(to, tag, element.vr, kUndefinedLength, syntax);
    for (const std::string& fragment : element.fragments) {
      append_item_header(to, tags::kItem, fragment.size(), order);
      to += fragment;
    }
    append_item_header(to, tags::kSequenceDelimitation, 0, order);
    return;
  }
  if (element.vr != Vr::SQ) {
    append_header(to, tag, element.vr, element.bytes.size(), syntax);
    to += element.is_in_file_order ? element.bytes : in_order(element.bytes, element.vr, order);
    return;
  }
  std::string content;
  for (const DicomBuilder& item : element.items) {
    const std::string bytes = item.encode(syntax);
    append_item_header(content, tags::kItem, is_undefined ? kUndefinedLength : bytes.size(), order);
    content += bytes;
    if (is_undefined) append_item_header(content, tags::kItemDelimitation, 0, order);
  }
  append_header(to, tag, Vr::SQ, is_undefined ? kUndefinedLength : content.size(), syntax);
  to += content;
  if (is_undefined) append_item_header(to, tags::kSequenceDelimitation, 0, order);
}

}  // namespace pacs::testing
