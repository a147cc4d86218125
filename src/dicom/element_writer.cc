#include "dicom/element_writer.h"

#include <array>
#include <string>

#include "dicom/dictionary.h"
#include "dicom/little_endian.h"

namespace pacs::dicom {
namespace {

constexpr uint64_t kShortLengthMax = 0xFFFE;  // the largest even one of 16 bits
// Counts bytes of a data set that is no more (retired, like group lengths).
constexpr Tag kLengthToEnd{0x0008, 0x0001};

// PS3.5 6.2.2; tables that may be US or OW are OW then.
Vr vr_for_length(const ElementView& element, uint64_t length) {
  const Vr vr = element.vr();
  if (has_long_length(vr) || length <= kShortLengthMax) return vr;
  const DictionaryEntry* entry = find_dictionary_entry(element.tag());
  const bool may_be_words = entry != nullptr && entry->vr_depends && number_size(vr) == 2;
  return may_be_words ? Vr::OW : Vr::UN;
}

uint64_t even(uint64_t length) { return length + length % 2; }

Error no_place() {
  return unsupported("no_place", "a value of this instance cannot be taken out of its file");
}

}  // namespace

Result<void> ElementWriter::header(Tag tag, Vr vr, uint32_t length) {
  std::string bytes;
  append_little_endian(bytes, tag.group);
  append_little_endian(bytes, tag.element);
  bytes += to_string(vr);
  if (has_long_length(vr)) {
    append_little_endian(bytes, uint16_t{0});
    append_little_endian(bytes, length);
  } else {
    append_little_endian(bytes, static_cast<uint16_t>(length));
  }
  return output_.put(bytes);
}

Result<void> ElementWriter::item(Tag tag, uint32_t length) {
  std::string bytes;
  append_little_endian(bytes, tag.group);
  append_little_endian(bytes, tag.element);
  append_little_endian(bytes, length);
  return output_.put(bytes);
}

Result<void> ElementWriter::padding(uint64_t length, Vr vr) {
  if (length % 2 == 0) return {};
  return output_.put(is_text(vr) && vr != Vr::UI ? std::string_view(" ", 1)
                                                 : std::string_view("\0", 1));
}

Result<void> ElementWriter::element(const ElementView& element) {  // NOLINT(misc-no-recursion)
  if (element.tag().is_group_length() || element.tag() == kLengthToEnd) return {};
  if (element.is_sequence()) return sequence(element);
  return element.length() ? value(element) : find_fragments(element);
}

Result<void> ElementWriter::sequence(const ElementView& element) {  // NOLINT(misc-no-recursion)
  const std::vector<DataSetView> items = element.items();
  if (items.empty()) return header(element.tag(), Vr::SQ, 0);
  PACS_TRY(header(element.tag(), Vr::SQ, kLengthUndefined));
  for (const DataSetView one : items) {
    PACS_TRY(item(tags::kItem, kLengthUndefined));
    for (const ElementView inner : one) PACS_TRY(this->element(inner));
    PACS_TRY(item(tags::kItemDelimitation, 0));
  }
  return item(tags::kSequenceDelimitation, 0);
}

Result<void> ElementWriter::value(const ElementView& element) {
  const uint64_t length = *element.length();
  if (even(length) > kValueBytesMax) {
    return unsupported("value_too_large", "a value is larger than a data element can be");
  }
  const Vr vr = vr_for_length(element, even(length));
  PACS_TRY(header(element.tag(), vr, static_cast<uint32_t>(even(length))));
  if (element.is_in_memory() || length == 0) {
    PACS_TRY(output_.write(element.value()));
  } else {
    const auto offset = element.file_offset();
    if (!offset || file_ == nullptr) return no_place();
    PACS_TRY(output_.copy(*file_, *offset, length, number_size(element.vr()),
                          element.file_byte_order()));
  }
  return padding(length, vr);
}

Result<void> ElementWriter::fragments(const PixelDataLocation& pixel_data) {
  PACS_TRY(header(pixel_data.tag, Vr::OB, kLengthUndefined));
  PACS_TRY(fragment(pixel_data.basic_offset_table.offset, pixel_data.basic_offset_table.length));
  for (const Fragment& one : pixel_data.fragments) PACS_TRY(fragment(one.offset, one.length));
  return item(tags::kSequenceDelimitation, 0);
}

Result<void> ElementWriter::fragment(uint64_t offset, uint64_t length) {
  if (file_ == nullptr) return no_place();
  PACS_TRY(item(tags::kItem, static_cast<uint32_t>(even(length))));
  PACS_TRY(output_.copy(*file_, offset, length, 1, std::endian::little));
  return padding(length, Vr::OB);
}

// Those of an icon, as a rule: their places are in the file alone.
Result<void> ElementWriter::find_fragments(const ElementView& element) {
  if (!element.file_offset() || file_ == nullptr) return no_place();
  PACS_TRY(header(element.tag(), Vr::OB, kLengthUndefined));
  const std::endian order = element.file_byte_order();
  uint64_t offset = *element.file_offset();
  while (true) {
    std::array<std::byte, 8> start{};
    if (PACS_TRY(file_->read_at(offset, start)) < start.size()) {
      return corrupt("file_too_short", "a stored file ends before its known size");
    }
    const Tag tag{load_u16(start.data(), order), load_u16(start.data() + 2, order)};
    const uint32_t length = load_u32(start.data() + 4, order);
    offset += start.size();
    if (tag != tags::kItem) break;
    PACS_TRY(fragment(offset, length));
    offset += length;
  }
  return item(tags::kSequenceDelimitation, 0);
}

}  // namespace pacs::dicom
