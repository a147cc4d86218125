#include "dicom/json_data_set.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/text.h"
#include "dicom/data_set_builder.h"
#include "dicom/header_reader.h"
#include "dicom/little_endian.h"

namespace pacs::dicom {
namespace {

constexpr std::string_view kUtf8Term = "ISO_IR 192";
constexpr uint16_t kFirstGroup = 0x0008;
constexpr std::string_view kComponentGroups[] = {"Alphabetic", "Ideographic", "Phonetic"};

// What the metadata of an archive say besides the data set: where it is, and how it can be had.
bool is_told_by_archives(Tag tag) {
  return tag == tags::kInstanceAvailability || tag == tags::kRetrieveUrl ||
         tag == tags::kAvailableTransferSyntaxUid;
}

Error bad_metadata(Tag tag, std::string_view what) {
  return invalid_argument("bad_metadata", "(" + to_string(tag) + ") " + std::string(what));
}

// Of a text or a number as it was written; nothing for anything else.
std::optional<std::string> scalar_text(const JsonValue& value) {
  if (const std::string* text = value.as_string()) return *text;
  if (value.as_double()) return value.to_json();
  return std::nullopt;
}

template <typename Number>
bool append_whole(std::string& to, std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  append_little_endian(to, number);
  return true;
}

template <typename Float>
bool append_float(std::string& to, std::string_view text) {
  double number = 0;
  if (text == "NaN") {
    number = std::numeric_limits<double>::quiet_NaN();
  } else if (text == "inf" || text == "-inf") {
    number = std::numeric_limits<double>::infinity() * (text.front() == '-' ? -1 : 1);
  } else {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return false;
    if (std::abs(number) > double(std::numeric_limits<Float>::max())) return false;
  }
  append_little_endian(to, static_cast<Float>(number));
  return true;
}

bool append_tag(std::string& to, std::string_view text) {
  const auto tag = parse_tag(text);
  if (!tag) return false;
  append_little_endian(to, tag->group);
  append_little_endian(to, tag->element);
  return true;
}

// False when the text is none of that VR.
bool append_binary_number(std::string& to, Vr vr, std::string_view text) {
  switch (vr) {
    case Vr::AT:
      return append_tag(to, text);
    case Vr::US:
      return append_whole<uint16_t>(to, text);
    case Vr::SS:
      return append_whole<int16_t>(to, text);
    case Vr::UL:
      return append_whole<uint32_t>(to, text);
    case Vr::SL:
      return append_whole<int32_t>(to, text);
    case Vr::UV:
      return append_whole<uint64_t>(to, text);
    case Vr::SV:
      return append_whole<int64_t>(to, text);
    case Vr::FL:
      return append_float<float>(to, text);
    case Vr::FD:
      return append_float<double>(to, text);
    default:
      return false;
  }
}

class JsonDataSetReader {
 public:
  explicit JsonDataSetReader(const FindBulk& find_bulk) : find_bulk_(find_bulk) {}

  // As deep as kSequenceDepthMax.
  Result<void> read_object(const JsonValue& object, size_t depth) {  // NOLINT(misc-no-recursion)
    const JsonValue::Object* members = object.as_object();
    if (members == nullptr) {
      return invalid_argument("bad_metadata", "a data set of the metadata is no object");
    }
    std::vector<std::pair<Tag, const JsonValue*>> elements;
    for (const auto& [name, element] : *members) {
      const auto tag = parse_tag(name);
      if (!tag) return invalid_argument("bad_metadata", "an attribute is not named by its tag");
      if (tag->group < kFirstGroup || tag->is_group_length()) continue;
      if (depth == 0 && is_told_by_archives(*tag)) continue;
      elements.emplace_back(*tag, &element);
    }
    std::sort(elements.begin(), elements.end());
    bool has_character_set = depth > 0;
    for (size_t at = 0; at < elements.size(); ++at) {
      const auto& [tag, element] = elements[at];
      if (at > 0 && elements[at - 1].first == tag) return bad_metadata(tag, "is there twice");
      if (!has_character_set && tag >= tags::kSpecificCharacterSet) {
        builder_.add_text(tags::kSpecificCharacterSet, Vr::CS, kUtf8Term);
        has_character_set = true;
      }
      if (tag != tags::kSpecificCharacterSet) PACS_TRY(read_element(tag, *element, depth));
    }
    return {};
  }

  [[nodiscard]] DataSet take() { return builder_.take(); }

 private:
  Result<void> read_element(Tag tag, const JsonValue& element,
                            size_t depth) {  // NOLINT(misc-no-recursion)
    if (builder_.node_count() >= kElementCountMax) {
      return invalid_argument("too_many_elements", "The metadata have too many elements.");
    }
    const JsonValue* vr_member = element.find("vr");
    const std::string* vr_text = vr_member == nullptr ? nullptr : vr_member->as_string();
    const auto vr = vr_text == nullptr ? std::nullopt : parse_vr(*vr_text);
    if (!vr) return bad_metadata(tag, "has no value representation");
    if (const JsonValue* uri = element.find("BulkDataURI")) return read_bulk(tag, *vr, *uri);
    if (const JsonValue* binary = element.find("InlineBinary")) {
      return read_inline_binary(tag, *vr, *binary);
    }
    const JsonValue* value = element.find("Value");
    static const JsonValue::Array kNoValues;
    const JsonValue::Array* values = value == nullptr ? &kNoValues : value->as_array();
    if (values == nullptr) return bad_metadata(tag, "has a Value that is no array");
    if (*vr == Vr::SQ) return read_items(tag, *values, depth);
    if (is_text(*vr)) return read_texts(tag, *vr, *values);
    return read_numbers(tag, *vr, *values);
  }

  Result<void> read_bulk(Tag tag, Vr vr, const JsonValue& uri) {
    if (vr == Vr::SQ) return bad_metadata(tag, "is a sequence and has no bulk data");
    const std::string* text = uri.as_string();
    if (text == nullptr) return bad_metadata(tag, "has a BulkDataURI that is no text");
    const BulkPlace place = PACS_TRY(find_bulk_(*text));
    builder_.add_element(
        {.tag = tag, .vr = vr, .length = place.length, .file_offset = place.offset});
    return {};
  }

  Result<void> read_inline_binary(Tag tag, Vr vr, const JsonValue& binary) {
    const std::string* text = binary.as_string();
    const auto bytes = text == nullptr ? std::nullopt : from_base64(*text);
    if (!bytes || !is_bulk(vr)) return bad_metadata(tag, "has an InlineBinary that is none");
    builder_.add_bytes(tag, vr, *bytes);
    return {};
  }

  Result<void> read_items(Tag tag, const JsonValue::Array& items,
                          size_t depth) {  // NOLINT(misc-no-recursion)
    if (depth >= kSequenceDepthMax) {
      return invalid_argument("nested_too_deeply",
                              "The sequences of the metadata are nested too deeply.");
    }
    const auto node = builder_.add_element({.tag = tag, .vr = Vr::SQ});
    for (const JsonValue& item : items) {
      const auto item_node = builder_.add_item();
      // An empty item may be told as null (PS3.18 F.2.5).
      if (!item.is_null()) PACS_TRY(read_object(item, depth + 1));
      builder_.close(item_node);
    }
    builder_.close(node);
    return {};
  }

  Result<void> read_texts(Tag tag, Vr vr, const JsonValue::Array& values) {
    std::string joined;
    for (size_t at = 0; at < values.size(); ++at) {
      if (at > 0) joined += '\\';
      if (values[at].is_null()) continue;
      const auto text = vr == Vr::PN ? person_name(values[at]) : scalar_text(values[at]);
      if (!text) return bad_metadata(tag, "has a value that is no text");
      joined += *text;
    }
    builder_.add_text(tag, vr, joined);
    return {};
  }

  static std::optional<std::string> person_name(const JsonValue& value) {
    if (!value.is_object()) return std::nullopt;
    std::string name;
    for (const std::string_view group : kComponentGroups) {
      if (group != kComponentGroups[0]) name += '=';
      const JsonValue* member = value.find(group);
      if (member == nullptr) continue;
      const std::string* text = member->as_string();
      if (text == nullptr) return std::nullopt;
      name += *text;
    }
    while (!name.empty() && name.back() == '=') name.pop_back();
    return name;
  }

  Result<void> read_numbers(Tag tag, Vr vr, const JsonValue::Array& values) {
    std::string bytes;
    for (const JsonValue& value : values) {
      const auto text = scalar_text(value);
      if (!text || !append_binary_number(bytes, vr, trim(*text))) {
        return bad_metadata(tag, "has a value that its value representation cannot have");
      }
    }
    builder_.add_bytes(tag, vr, as_bytes(bytes));
    return {};
  }

  const FindBulk& find_bulk_;
  DataSetBuilder builder_;
};

}  // namespace

Result<DataSet> read_json_data_set(const JsonValue& object, const FindBulk& find_bulk) {
  JsonDataSetReader reader(find_bulk);
  PACS_TRY(reader.read_object(object, 0));
  return reader.take();
}

}  // namespace pacs::dicom
