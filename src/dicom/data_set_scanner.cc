#include "dicom/data_set_scanner.h"

#include <algorithm>

#include "dicom/dictionary.h"
#include "dicom/little_endian.h"
#include "dicom/value_output.h"

namespace pacs::dicom {
namespace {

constexpr uint32_t kUndefinedLength = 0xFFFFFFFF;  // PS3.5 7.1.1
constexpr size_t kShortHeaderSize = 8;
constexpr size_t kLongHeaderSize = 12;
// Elements of other programs' private blocks; more creators in one item than there are blocks in a
// group come from no device.
constexpr size_t kCreatorsMax = 240;
constexpr uint16_t kMetaGroup = 0x0002;
constexpr uint16_t kDelimiterGroup = 0xFFFE;
constexpr Tag kDataSetTrailingPadding{0xFFFC, 0xFFFC};  // PS3.10 7.2

Error truncated() {
  return invalid_argument("truncated", "The DICOM file ends before a length that it states.");
}

Error malformed(const char* detail) { return invalid_argument("malformed", detail); }

Tag load_tag(const std::byte* at, std::endian order) {
  return {load_u16(at, order), load_u16(at + 2, order)};
}

std::string_view letters_at(const std::byte* at) { return {reinterpret_cast<const char*>(at), 2}; }

}  // namespace

DataSetScanner::DataSetScanner(ByteWindow& window, Encoding encoding, const HeaderLimits& limits)
    : window_(window), limits_(limits) {
  builder_.reserve_usual();
  levels_.reserve(16);
  Level root;
  root.encoding = encoding;
  root.end = window.end();
  levels_.push_back(root);
}

Result<void> DataSetScanner::scan_meta() {
  std::optional<uint64_t> stated_end;
  while (window_.ensure(kShortHeaderSize)) {
    const Tag tag = load_tag(window_.ahead(), std::endian::little);
    if (levels_.size() == 1 && (tag.group != kMetaGroup || window_.position() == stated_end)) {
      return {};
    }
    if (tag == tags::kFileMetaInformationGroupLength && !stated_end) {
      const ElementHeader header = PACS_TRY(read_element_header());
      PACS_TRY(check_length(header.length));
      if (header.length == sizeof(uint32_t)) {
        PACS_TRY(need(sizeof(uint32_t)));
        stated_end =
            window_.position() + sizeof(uint32_t) + load_little_endian<uint32_t>(window_.ahead());
      }
      PACS_TRY(skip(header.length));
      continue;
    }
    close_finished_levels();
    PACS_TRY(level().kind == LevelKind::sequence ? step_in_sequence() : step_in_elements());
  }
  if (window_.failure()) return *window_.failure();
  return levels_.size() == 1 ? Result<void>() : Result<void>(truncated());
}

Result<void> DataSetScanner::scan_data_set() {
  while (!is_finished_) {
    close_finished_levels();
    if (level().kind == LevelKind::sequence) {
      PACS_TRY(step_in_sequence());
      continue;
    }
    take_usual_elements();
    if (is_level_finished()) continue;
    if (level().kind == LevelKind::root && PACS_TRY(at_end_of_root())) return {};
    PACS_TRY(step_in_elements());
  }
  return {};
}

void DataSetScanner::close_finished_levels() {
  while (is_level_finished()) close_level();
}

bool DataSetScanner::is_level_finished() const {
  return levels_.size() > 1 && !levels_.back().has_undefined_length && left() == 0;
}

void DataSetScanner::close_level() {
  const Level closed = level();
  builder_.close(closed.node);
  creators_.resize(closed.first_creator);
  if (closed.kind == LevelKind::sequence) --open_sequences_;
  levels_.pop_back();
}

// The data set ends with the file. A few zero bytes behind it are padding that the sender's disk or
// network has added.
Result<bool> DataSetScanner::at_end_of_root() {
  if (window_.ensure(kShortHeaderSize)) return false;
  if (window_.failure()) return *window_.failure();
  const Bytes rest(window_.ahead(), window_.available());
  if (std::any_of(rest.begin(), rest.end(), [](std::byte byte) { return byte != std::byte{0}; })) {
    return truncated();
  }
  return true;
}

// Nearly all elements of nearly all files: explicit, little endian, no sequence, small, whole in
// the window. Nothing can go wrong with them, so they are taken without the checks of the others,
// and the first one that is different is left to those.
void DataSetScanner::take_usual_elements() {
  if (level().encoding != Encoding{VrEncoding::explicit_vr, std::endian::little}) return;
  while (true) {
    const size_t there = static_cast<size_t>(std::min<uint64_t>(window_.available(), left()));
    if (there < kLongHeaderSize || builder_.node_count() >= limits_.element_count_max) return;
    const std::byte* ahead = window_.ahead();
    const Tag tag = load_tag(ahead, std::endian::little);
    const std::optional<Vr> vr = parse_vr(letters_at(ahead + 4));
    if (!vr || *vr == Vr::SQ || tag.group >= tags::kPixelData.group || tag.is_group_length()) {
      return;
    }
    const bool is_long = has_long_length(*vr);
    const size_t header_size = is_long ? kLongHeaderSize : kShortHeaderSize;
    const uint32_t length =
        is_long ? load_little_endian<uint32_t>(ahead + 8) : load_little_endian<uint16_t>(ahead + 6);
    if (length > there - header_size || !is_kept(length)) return;
    window_.advance(header_size);
    const NodeIndex node = builder_.add_element(
        {.tag = tag, .vr = *vr, .length = length, .file_offset = file_position()});
    const MutableBytes value = builder_.add_value(node, length);
    std::copy_n(window_.ahead(), length, value.begin());
    window_.advance(length);
    if (tag == tags::kPixelRepresentation) remember({.tag = tag, .vr = *vr}, node);
  }
}

Result<void> DataSetScanner::step_in_sequence() {
  PACS_TRY(need(kShortHeaderSize));
  const std::endian order = level().encoding.order;
  const Tag tag = load_tag(window_.ahead(), order);
  const uint32_t length = load_u32(window_.ahead() + 4, order);
  if (tag == tags::kItem) {
    window_.advance(kShortHeaderSize);
    return open_item(length);
  }
  if (tag == tags::kSequenceDelimitation) {
    window_.advance(kShortHeaderSize);
    close_level();
    return {};
  }
  if (tag == tags::kItemDelimitation) {  // a second one, or one behind an item of stated length
    window_.advance(kShortHeaderSize);
    return {};
  }
  return malformed("A sequence of the DICOM data set holds something that is no item.");
}

Result<void> DataSetScanner::step_in_elements() {
  PACS_TRY(need(kShortHeaderSize));
  const Tag tag = load_tag(window_.ahead(), level().encoding.order);
  if (tag.group == kDelimiterGroup) {
    window_.advance(kShortHeaderSize);
    return take_delimiter(tag);
  }
  return take_element(PACS_TRY(read_element_header()));
}

Result<void> DataSetScanner::take_delimiter(Tag tag) {
  if (tag == tags::kItemDelimitation || tag == tags::kSequenceDelimitation) {
    // One too many at the root, or behind a stated length, says nothing.
    if (level().kind == LevelKind::root || !level().has_undefined_length) return {};
    close_level();
    // An item whose own delimiter is missing ends with its sequence.
    if (tag == tags::kSequenceDelimitation && level().kind == LevelKind::sequence) close_level();
    return {};
  }
  return malformed("The DICOM data set has an item outside a sequence.");
}

Result<void> DataSetScanner::take_element(const ElementHeader& header) {
  PACS_TRY(check_count());
  if (header.length != kUndefinedLength) PACS_TRY(check_length(header.length));
  const bool is_root = level().kind == LevelKind::root;
  if (is_root && is_pixel_data(header.tag) && !pixel_data_) return take_pixel_data_element(header);
  if (header.tag.is_group_length() || header.tag == kDataSetTrailingPadding) {
    return header.length == kUndefinedLength
               ? Result<void>(malformed("A group length of the DICOM data set has no length."))
               : skip(header.length);
  }
  if (header.length == kUndefinedLength) {
    const bool is_encapsulated =
        header.vr == Vr::OB || header.vr == Vr::OW || is_pixel_data(header.tag);
    if (!is_encapsulated) return open_sequence(header);
    const NodeIndex node = builder_.add_element({.tag = header.tag,
                                                 .vr = Vr::OB,
                                                 .file_offset = file_position(),
                                                 .file_byte_order = level().encoding.order});
    return take_fragments(node, nullptr);
  }
  // What claims to be a sequence and holds no item is taken as the unknown value that it is.
  if (header.vr == Vr::SQ && (header.length == 0 || starts_with_item())) {
    return open_sequence(header);
  }
  return take_value(header);
}

Result<void> DataSetScanner::take_value(const ElementHeader& header) {
  const Vr vr = header.vr == Vr::SQ ? Vr::UN : header.vr;
  const NodeIndex node = builder_.add_element({.tag = header.tag,
                                               .vr = vr,
                                               .length = header.length,
                                               .file_offset = file_position(),
                                               .file_byte_order = level().encoding.order});
  if (!is_kept(header.length)) return skip(header.length);
  const MutableBytes value = builder_.add_value(node, header.length);
  if (!window_.read(value)) return failure_or_truncated();
  if (level().encoding.order == std::endian::big) swap_numbers(value, number_size(vr));
  remember(header, node);
  return {};
}

bool DataSetScanner::is_kept(uint64_t length) const {
  return length <= limits_.value_size_kept_max &&
         builder_.values_size() + length <= limits_.values_size_kept_max;
}

// What later elements are read by.
void DataSetScanner::remember(const ElementHeader& header, NodeIndex node) {
  if (header.is_implicit && header.tag.is_private_creator()) {
    if (creators_.size() - level().first_creator < kCreatorsMax) {
      creators_.push_back({header.tag.group, header.tag.element, node});
    }
  } else if (header.tag == tags::kPixelRepresentation && level().kind == LevelKind::root) {
    const Bytes value = builder_.element(node).value();
    pixels_are_signed_ = value.size() >= 2 && load_little_endian<uint16_t>(value.data()) == 1;
  }
}

Result<void> DataSetScanner::take_pixel_data_element(const ElementHeader& header) {
  PixelDataLocation location;
  location.tag = header.tag;
  location.vr = header.vr;
  if (window_.is_file()) location.offset = window_.position();
  const uint64_t start = window_.position();
  location.is_encapsulated = header.length == kUndefinedLength;
  DataSetBuilder::Element element{.tag = header.tag,
                                  .vr = header.vr,
                                  .file_offset = file_position(),
                                  .file_byte_order = level().encoding.order};
  if (!location.is_encapsulated) element.length = header.length;
  const NodeIndex node = builder_.add_element(element);
  if (location.is_encapsulated) {
    PACS_TRY(take_fragments(node, &location));
  } else if (!window_.is_file() && header.length > limits_.inflated_size_max - start) {
    // What stands behind is not worth inflating all that.
    is_finished_ = true;
  } else {
    PACS_TRY(skip(header.length));
  }
  location.length = is_finished_ ? header.length : window_.position() - start;
  pixel_data_ = std::move(location);
  return {};
}

// PS3.5 A.4: items without nesting, up to a delimiter. Notes where they stand for the `location`.
Result<void> DataSetScanner::take_fragments(NodeIndex node, PixelDataLocation* location) {
  const std::endian order = level().encoding.order;
  size_t count = 0;
  while (true) {
    PACS_TRY(need(kShortHeaderSize));
    const Tag tag = load_tag(window_.ahead(), order);
    const uint32_t length = load_u32(window_.ahead() + 4, order);
    window_.advance(kShortHeaderSize);
    if (tag == tags::kSequenceDelimitation) break;
    if (tag != tags::kItem || length == kUndefinedLength) {
      return malformed("The encapsulated pixel data holds something that is no fragment.");
    }
    PACS_TRY(check_length(length));
    if (count > limits_.fragment_count_max) {
      return invalid_argument("too_many_fragments",
                              "The encapsulated pixel data has too many fragments.");
    }
    if (location != nullptr) {
      const Fragment fragment{window_.position(), length};
      if (count == 0) {
        location->basic_offset_table = fragment;
      } else {
        location->fragments.push_back(fragment);
      }
    }
    PACS_TRY(skip(length));
    ++count;
  }
  builder_.close(node);
  return {};
}

bool DataSetScanner::starts_with_item() {
  if (!window_.ensure(4)) return false;
  const Tag tag = load_tag(window_.ahead(), level().encoding.order);
  return tag == tags::kItem || tag == tags::kSequenceDelimitation;
}

Result<void> DataSetScanner::open_sequence(const ElementHeader& header) {
  if (open_sequences_ >= limits_.sequence_depth_max) {
    return invalid_argument("nested_too_deeply",
                            "The sequences of the DICOM data set are nested too deeply.");
  }
  Level opened;
  opened.kind = LevelKind::sequence;
  opened.encoding = level().encoding;
  opened.was_unknown = header.vr == Vr::UN && !header.is_implicit;
  if (opened.was_unknown) opened.encoding = {VrEncoding::implicit_vr, std::endian::little};
  opened.has_undefined_length = header.length == kUndefinedLength;
  opened.end = opened.has_undefined_length ? level().end : window_.position() + header.length;
  opened.first_creator = creators_.size();
  DataSetBuilder::Element element{.tag = header.tag, .vr = Vr::SQ};
  if (!opened.has_undefined_length) element.length = header.length;
  opened.node = builder_.add_element(element);
  levels_.push_back(opened);
  ++open_sequences_;
  return {};
}

Result<void> DataSetScanner::open_item(uint32_t length) {
  PACS_TRY(check_count());
  const bool has_undefined_length = length == kUndefinedLength;
  if (!has_undefined_length) PACS_TRY(check_length(length));
  Level opened;
  opened.kind = LevelKind::item;
  opened.has_undefined_length = has_undefined_length;
  opened.end = has_undefined_length ? level().end : window_.position() + length;
  opened.encoding = item_encoding(opened.end);
  opened.first_creator = creators_.size();
  opened.node = builder_.add_item();
  levels_.push_back(opened);
  return {};
}

// Items that are not in the encoding of their sequence: some programs copy private sequences from
// implicit into explicit data sets as they are, and others the reverse into UN.
Encoding DataSetScanner::item_encoding(uint64_t item_end) {
  Encoding encoding = level().encoding;
  if (item_end - window_.position() < kShortHeaderSize || !window_.ensure(kShortHeaderSize)) {
    return encoding;
  }
  const std::byte* ahead = window_.ahead();
  if (load_tag(ahead, encoding.order).group == kDelimiterGroup) return encoding;
  const uint64_t left = item_end - window_.position() - kShortHeaderSize;
  const uint32_t length = load_u32(ahead + 4, encoding.order);
  const bool has_vr = parse_vr(letters_at(ahead + 4)).has_value();
  const bool fits_implicit = length == kUndefinedLength || length <= left;
  if (encoding.vr == VrEncoding::explicit_vr && !has_vr && fits_implicit) {
    encoding.vr = VrEncoding::implicit_vr;
  } else if (level().was_unknown && has_vr && (!fits_implicit || window_.end() == UINT64_MAX)) {
    encoding.vr = VrEncoding::explicit_vr;
  }
  return encoding;
}

Result<void> DataSetScanner::need(size_t count) {
  if (count > left()) return Result<void>(check_length(count));
  if (!window_.ensure(count)) return failure_or_truncated();
  return {};
}

Result<void> DataSetScanner::check_length(uint64_t length) const {
  if (length <= left()) return {};
  if (length > window_.end() - window_.position()) return truncated();
  return malformed("A value of the DICOM data set is longer than the item around it.");
}

Result<void> DataSetScanner::check_count() const {
  if (builder_.node_count() < limits_.element_count_max) return {};
  return invalid_argument("too_many_elements", "The DICOM data set has too many elements.");
}

Result<void> DataSetScanner::skip(uint64_t count) {
  if (!window_.skip(count)) return failure_or_truncated();
  return {};
}

Error DataSetScanner::failure_or_truncated() const {
  return window_.failure() ? *window_.failure() : truncated();
}

uint64_t DataSetScanner::file_position() const {
  return window_.is_file() ? window_.position() : DataSetBuilder::kNotInFile;
}

// The header of an element, up to its value (PS3.5 7.1.2, 7.1.3).
Result<DataSetScanner::ElementHeader> DataSetScanner::read_element_header() {
  PACS_TRY(need(kShortHeaderSize));
  const Encoding encoding = level().encoding;
  ElementHeader header;
  header.tag = load_tag(window_.ahead(), encoding.order);
  size_t header_size = kShortHeaderSize;
  if (encoding.vr == VrEncoding::implicit_vr) {
    header.is_implicit = true;
    header.length = load_u32(window_.ahead() + 4, encoding.order);
    header.vr = implicit_vr(header.tag);
  } else {
    decode_explicit(header, header_size);
  }
  PACS_TRY(need(header_size));
  if (header_size == kLongHeaderSize) header.length = load_u32(window_.ahead() + 8, encoding.order);
  window_.advance(header_size);
  return header;
}

void DataSetScanner::decode_explicit(ElementHeader& header, size_t& header_size) {
  const std::string_view letters = letters_at(window_.ahead() + 4);
  const std::optional<Vr> vr = parse_vr(letters);
  if (!vr) {
    decode_unknown_vr(header, header_size, letters);
    return;
  }
  header.vr = *vr;
  if (has_long_length(*vr)) {
    header_size = kLongHeaderSize;
  } else {
    header.length = load_u16(window_.ahead() + 6, level().encoding.order);
  }
}

// Letters of a VR that is newer than this program come with the long form of the length (PS3.5
// 6.2.2, 7.1.2). Anything else is an element in implicit form when its length then fits, or one of
// the short form with a spoilt VR.
void DataSetScanner::decode_unknown_vr(ElementHeader& header, size_t& header_size,
                                       std::string_view letters) {
  const std::endian order = level().encoding.order;
  const std::byte* ahead = window_.ahead();
  header.vr = Vr::UN;
  const auto is_upper_case = [](char letter) { return letter >= 'A' && letter <= 'Z'; };
  const bool is_new_vr = is_upper_case(letters[0]) && is_upper_case(letters[1]);
  if (is_new_vr && load_u16(ahead + 6, order) == 0) {
    header_size = kLongHeaderSize;
    return;
  }
  const uint32_t long_length = load_u32(ahead + 4, order);
  if (!is_new_vr && (long_length == kUndefinedLength || long_length <= left() - kShortHeaderSize)) {
    header.is_implicit = true;
    header.length = long_length;
    header.vr = implicit_vr(header.tag);
    return;
  }
  header.length = load_u16(ahead + 6, order);
}

Vr DataSetScanner::implicit_vr(Tag tag) const {
  if (tag.is_private()) return implicit_private_vr(tag);
  return dicom::implicit_vr(tag, pixels_are_signed_);
}

Vr DataSetScanner::implicit_private_vr(Tag tag) const {
  if (tag.is_group_length()) return Vr::UL;
  if (tag.is_private_creator()) return Vr::LO;
  const auto block = static_cast<uint16_t>(tag.element >> 8);
  for (size_t i = levels_.back().first_creator; i < creators_.size(); ++i) {
    if (creators_[i].group == tag.group && creators_[i].block == block) {
      return private_dictionary_vr(tag, builder_.element(creators_[i].node).text());
    }
  }
  return Vr::UN;
}

}  // namespace pacs::dicom
