#include "dicom/dicom_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <vector>

#include "core/text.h"
#include "dicom/charset.h"
#include "dicom/decimal_text.h"
#include "dicom/header_reader.h"
#include "dicom/little_endian.h"
#include "dicom/unknown_value.h"

namespace pacs::dicom {
namespace {

constexpr Tag kGroup3{0x0003, 0x0000};  // groups 0000 to 0002 are no part of a data set

constexpr double kWholeFloatMax = 9'223'372'036'854'775'808.0;  // 2^63: no integer of 64 bits

// Table F.2.3-1 of PS3.18 names the VRs that may be left to a BulkDataURI.
bool may_be_bulk(Vr vr) {
  switch (vr) {
    case Vr::DS:
    case Vr::FD:
    case Vr::FL:
    case Vr::IS:
    case Vr::LT:
    case Vr::SL:
    case Vr::SS:
    case Vr::ST:
    case Vr::SV:
    case Vr::UC:
    case Vr::UL:
    case Vr::US:
    case Vr::UT:
    case Vr::UV:
      return true;
    default:
      return is_bulk(vr);
  }
}

class JsonModelWriter {
 public:
  JsonModelWriter(JsonWriter& writer, const DicomJsonOptions& options, bool pixels_are_signed)
      : writer_(writer), options_(options), pixels_are_signed_(pixels_are_signed) {}

  // Nests as deeply as the reader lets a data set nest.
  void write_data_set(DataSetView data_set, const CharacterSet& around) {
    const CharacterSet character_set = CharacterSet::of(data_set, around);
    writer_.begin_object();
    if (is_ascending(data_set)) {
      for (const ElementView element : data_set) write_element(element, character_set);
    } else {
      for (const ElementView& element : in_order(data_set)) write_element(element, character_set);
    }
    writer_.end_object();
  }

 private:
  static bool is_ascending(DataSetView data_set) {
    std::optional<Tag> previous;
    for (const ElementView element : data_set) {
      if (previous && element.tag() <= *previous) return false;
      previous = element.tag();
    }
    return true;
  }

  // PS3.18 F.2.2 wants ascending tags; of a repeated one the first counts.
  static std::vector<ElementView> in_order(DataSetView data_set) {
    std::vector<ElementView> elements;
    for (const ElementView element : data_set) elements.push_back(element);
    const auto tag_of = [](const ElementView& element) { return element.tag(); };
    std::stable_sort(elements.begin(), elements.end(),
                     [&](const ElementView& left, const ElementView& right) {
                       return tag_of(left) < tag_of(right);
                     });
    const auto repeated = [&](const ElementView& left, const ElementView& right) {
      return tag_of(left) == tag_of(right);
    };
    elements.erase(std::unique(elements.begin(), elements.end(), repeated), elements.end());
    return elements;
  }

  void write_element(const ElementView& element, const CharacterSet& character_set) {
    if (element.tag() < kGroup3) return;
    const std::string name = to_string(element.tag());
    const size_t path_size = path_.size();
    path_ += name;
    writer_.key(name);
    writer_.begin_object();
    const Vr vr = known_vr(element, pixels_are_signed_);
    if (vr == Vr::SQ && element.vr() == Vr::UN) {
      write_unknown_sequence(element, character_set);
    } else {
      write_content(element, vr, character_set);
    }
    writer_.end_object();
    path_.resize(path_size);
  }

  // Its values have no place in the file by which they could be found, so all are inline.
  void write_unknown_sequence(const ElementView& element, const CharacterSet& character_set) {
    const auto read = depth_ < kSequenceDepthMax
                          ? read_unknown_sequence(element, kSequenceDepthMax - depth_)
                          : std::nullopt;
    if (!read) return write_content(element, Vr::UN, character_set);
    is_inside_unknown_ = true;
    write_content(*read->begin(), Vr::SQ, character_set);
    is_inside_unknown_ = false;
  }

  void write_content(const ElementView& element, Vr vr, const CharacterSet& character_set) {
    writer_.member("vr", to_string(vr));
    if (vr == Vr::SQ) return write_items(element, character_set);
    if (element.tag() == tags::kSpecificCharacterSet) return write_utf8_term();
    if (element.length() == uint64_t{0}) return;
    const size_t limit =
        is_bulk(vr) ? options_.inline_binary_size_max : options_.inline_value_size_max;
    const bool is_large = !is_inside_unknown_ && element.value().size() > limit && may_be_bulk(vr);
    if (!element.is_in_memory() || is_large) return write_bulk_data_uri();
    if (is_bulk(vr)) return writer_.member("InlineBinary", to_base64(element.value()));
    if (vr == Vr::PN) return write_person_names(element, character_set);
    if (vr == Vr::DS || vr == Vr::IS) return write_number_texts(element);
    if (is_text(vr)) return write_texts(element, vr, character_set);
    write_numbers(element, vr);
  }

  // Whatever the set was, what stands here is UTF-8 (PS3.18 F.2.1).
  void write_utf8_term() {
    writer_.key("Value");
    writer_.begin_array();
    writer_.string("ISO_IR 192");
    writer_.end_array();
  }

  void write_bulk_data_uri() {
    if (!options_.bulk_data_uri || is_inside_unknown_) return;
    writer_.member("BulkDataURI", options_.bulk_data_uri(path_));
  }

  void write_items(const ElementView& element, const CharacterSet& character_set) {
    const std::vector<DataSetView> items = element.items();
    if (items.empty()) return;
    writer_.key("Value");
    writer_.begin_array();
    const size_t path_size = path_.size();
    ++depth_;
    for (size_t i = 0; i < items.size(); ++i) {
      path_ += '/' + std::to_string(i + 1) + '/';
      write_data_set(items[i], character_set);
      path_.resize(path_size);
    }
    --depth_;
    writer_.end_array();
  }

  void write_texts(const ElementView& element, Vr vr, const CharacterSet& character_set) {
    const std::string_view text = as_text(element.value());
    if (character_set.is_ascii(text)) return write_ascii(text, vr);
    const auto values = character_set.values_to_utf8(text, vr);
    if (values.size() == 1 && values.front().empty()) return;
    writer_.key("Value");
    writer_.begin_array();
    for (const std::string& value : values) {
      value.empty() ? writer_.null() : writer_.string(value);
    }
    writer_.end_array();
  }

  // The same as above without a copy of each value.
  void write_ascii(std::string_view text, Vr vr) {
    const bool is_one = !has_several_values(vr) || text.find('\\') == std::string_view::npos;
    if (is_one && without_padding(text, vr).empty()) return;
    writer_.key("Value");
    writer_.begin_array();
    for (bool is_last = false; !is_last;) {
      const size_t end = is_one ? std::string_view::npos : text.find('\\');
      is_last = end == std::string_view::npos;
      const std::string_view value = without_padding(text.substr(0, end), vr);
      value.empty() ? writer_.null() : writer_.string(value);
      if (!is_last) text.remove_prefix(end + 1);
    }
    writer_.end_array();
  }

  // PS3.18 F.2.2: up to three component groups. Delimiters that nothing follows are left out
  // (PS3.5 6.2.1.1).
  void write_person_names(const ElementView& element, const CharacterSet& character_set) {
    auto names = character_set.values_to_utf8(as_text(element.value()), Vr::PN);
    for (std::string& name : names) name = without_trailing_delimiters(name);
    if (names.size() == 1 && names.front().empty()) return;
    writer_.key("Value");
    writer_.begin_array();
    for (const std::string& name : names) {
      name.empty() ? writer_.null() : write_person_name(name);
    }
    writer_.end_array();
  }

  void write_person_name(std::string_view name) {
    static constexpr std::string_view kGroups[] = {"Alphabetic", "Ideographic", "Phonetic"};
    writer_.begin_object();
    const std::vector<std::string_view> groups = split(name, '=');
    for (size_t i = 0; i < std::min(groups.size(), std::size(kGroups)); ++i) {
      const std::string group = without_trailing_delimiters(groups[i]);
      if (!group.empty()) writer_.member(kGroups[i], group);
    }
    writer_.end_object();
  }

  void write_number_texts(const ElementView& element) {
    const std::string_view text = element.text();
    if (text.empty()) return;
    writer_.key("Value");
    writer_.begin_array();
    for (const std::string_view padded : split(text, '\\')) {
      const std::string_view value = trim(padded.substr(0, padded.find('\0')));
      if (value.empty()) {
        writer_.null();
      } else if (const auto number = json_number(value)) {
        writer_.raw(*number);
      } else {
        writer_.string(value);
      }
    }
    writer_.end_array();
  }

  void write_numbers(const ElementView& element, Vr vr) {
    const Bytes value = element.value();
    const size_t size = vr == Vr::AT ? 4 : number_size(vr);
    if (value.size() < size) return;
    writer_.key("Value");
    writer_.begin_array();
    for (size_t at = 0; at + size <= value.size(); at += size) write_number(vr, &value[at]);
    writer_.end_array();
  }

  void write_number(Vr vr, const std::byte* at) {
    switch (vr) {
      case Vr::AT:
        return writer_.string(
            to_string(Tag{load_little_endian<uint16_t>(at), load_little_endian<uint16_t>(at + 2)}));
      case Vr::US:
        return writer_.number(uint64_t{load_little_endian<uint16_t>(at)});
      case Vr::SS:
        return writer_.number(int64_t{load_little_endian<int16_t>(at)});
      case Vr::UL:
        return writer_.number(uint64_t{load_little_endian<uint32_t>(at)});
      case Vr::SL:
        return writer_.number(int64_t{load_little_endian<int32_t>(at)});
      case Vr::UV:
        return writer_.number(load_little_endian<uint64_t>(at));
      case Vr::SV:
        return writer_.number(load_little_endian<int64_t>(at));
      case Vr::FL:
        return write_float(load_little_endian<float>(at));
      default:
        return write_float(load_little_endian<double>(at));
    }
  }

  // The shortest digits that give the same number back; what is no number is a word.
  template <typename Float>
  void write_float(Float value) {
    if (std::isnan(value)) return writer_.string("NaN");
    if (std::isinf(value)) return writer_.string(value > 0 ? "inf" : "-inf");
    char digits[32];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    std::string number(digits, static_cast<size_t>(end - digits));
    // Many readers take digits alone for an integer, of which they hold 64 bits.
    if (std::abs(value) >= kWholeFloatMax && number.find_first_of(".e") == std::string::npos) {
      number += ".0";
    }
    writer_.raw(number);
  }

  JsonWriter& writer_;
  const DicomJsonOptions& options_;
  const bool pixels_are_signed_;
  std::string path_;
  size_t depth_ = 0;  // of sequences
  bool is_inside_unknown_ = false;
};

bool has_signed_pixels(DataSetView data_set) {
  const auto representation = data_set.find(tags::kPixelRepresentation);
  return representation && representation->value().size() >= 2 &&
         load_little_endian<uint16_t>(representation->value().data()) == 1;
}

}  // namespace

std::optional<ElementView> find_by_path(DataSetView data_set, std::string_view path) {
  const std::vector<std::string_view> parts = split(path, '/');
  if (parts.size() % 2 == 0) return std::nullopt;
  for (size_t i = 0;; i += 2) {
    const auto tag = parse_tag(parts[i]);
    if (!tag) return std::nullopt;
    const auto element = data_set.find(*tag);
    if (!element || i + 1 == parts.size()) return element;
    const auto number = parse_unsigned(parts[i + 1]);
    if (!number || *number == 0 || *number > element->item_count()) return std::nullopt;
    data_set = element->item(static_cast<size_t>(*number) - 1);
  }
}

void write_dicom_json(JsonWriter& writer, DataSetView data_set, const DicomJsonOptions& options) {
  JsonModelWriter(writer, options, has_signed_pixels(data_set))
      .write_data_set(data_set, CharacterSet());
}

std::string to_dicom_json(DataSetView data_set, const DicomJsonOptions& options) {
  JsonWriter writer;
  write_dicom_json(writer, data_set, options);
  return writer.take();
}

}  // namespace pacs::dicom
