#include "dicom/dicom_xml.h"

#include <array>
#include <optional>

#include "core/json_value.h"
#include "core/text.h"
#include "dicom/dictionary.h"
#include "dicom/header_reader.h"
#include "dicom/tag.h"

namespace pacs::dicom {
namespace {

constexpr std::array<std::string_view, 3> kNameGroups = {"Alphabetic", "Ideographic", "Phonetic"};
constexpr std::array<std::string_view, 5> kNameParts = {"FamilyName", "GivenName", "MiddleName",
                                                        "NamePrefix", "NameSuffix"};
constexpr std::string_view kRetiredPrefix = "RETIRED_";

// XML 1.0 2.2 knows no control characters but three; a carriage return is lost unless it is written
// as a reference (2.11).
void append_escaped(std::string& out, std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool is_noncharacter =
        text.substr(at).starts_with("\xEF\xBF\xBE") || text.substr(at).starts_with("\xEF\xBF\xBF");
    if (byte == '&') {
      out += "&amp;";
    } else if (byte == '<') {
      out += "&lt;";
    } else if (byte == '>') {
      out += "&gt;";
    } else if (byte == '"') {
      out += "&quot;";
    } else if (byte == '\r') {
      out += "&#13;";
    } else if (is_noncharacter || (byte < 0x20 && byte != '\t' && byte != '\n')) {
      out += "\xEF\xBF\xBD";
      if (is_noncharacter) at += 2;
    } else {
      out += text[at];
    }
  }
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += "=\"";
  append_escaped(out, value);
  out += '"';
}

class NativeXmlWriter {
 public:
  explicit NativeXmlWriter(std::string& out) : out_(out) {}

  // Nests as deeply as the JSON that was parsed.
  void write_data_set(const JsonValue::Object& data_set) {  // NOLINT(misc-no-recursion)
    for (const auto& [name, element] : data_set) {
      const auto tag = parse_tag(name);
      if (tag) write_element(*tag, element, data_set);
    }
  }

 private:
  static std::string creator_of(Tag tag, const JsonValue::Object& data_set) {
    const std::string name = to_string(Tag{tag.group, static_cast<uint16_t>(tag.element >> 8)});
    for (const auto& [key, element] : data_set) {
      if (key != name) continue;
      const JsonValue* values = element.find("Value");
      const JsonValue::Array* array = values == nullptr ? nullptr : values->as_array();
      const std::string* text =
          array == nullptr || array->empty() ? nullptr : array->front().as_string();
      return text == nullptr ? std::string() : *text;
    }
    return {};
  }

  void write_element(Tag tag, const JsonValue& element,
                     const JsonValue::Object& around) {  // NOLINT(misc-no-recursion)
    const JsonValue* vr_value = element.find("vr");
    const std::string* vr = vr_value == nullptr ? nullptr : vr_value->as_string();
    out_ += "<DicomAttribute";
    append_attribute(out_, "tag", to_string(tag));
    append_attribute(out_, "vr", vr == nullptr ? "UN" : *vr);
    if (tag.is_private()) {
      const std::string creator = tag.is_private_creator() ? "" : creator_of(tag, around);
      if (!creator.empty()) append_attribute(out_, "privateCreator", creator);
    } else if (const DictionaryEntry* entry = find_dictionary_entry(tag)) {
      std::string_view keyword = entry->keyword;
      if (keyword.starts_with(kRetiredPrefix)) keyword.remove_prefix(kRetiredPrefix.size());
      append_attribute(out_, "keyword", keyword);
    }
    out_ += '>';
    write_content(element, vr != nullptr && *vr == "SQ");
    out_ += "</DicomAttribute>\n";
  }

  void write_content(const JsonValue& element, bool is_sequence) {  // NOLINT(misc-no-recursion)
    if (const JsonValue* uri = element.find("BulkDataURI"); uri && uri->as_string()) {
      out_ += "<BulkData";
      append_attribute(out_, "uri", *uri->as_string());
      out_ += "/>";
      return;
    }
    if (const JsonValue* bytes = element.find("InlineBinary"); bytes && bytes->as_string()) {
      out_ += "<InlineBinary>";
      append_escaped(out_, *bytes->as_string());
      out_ += "</InlineBinary>";
      return;
    }
    const JsonValue* value = element.find("Value");
    const JsonValue::Array* values = value == nullptr ? nullptr : value->as_array();
    if (values == nullptr) return;
    for (size_t at = 0; at < values->size(); ++at) write_value((*values)[at], at + 1, is_sequence);
  }

  // What is empty is left out; the numbers of the others tell.
  void write_value(const JsonValue& value, size_t number,
                   bool is_sequence) {  // NOLINT(misc-no-recursion)
    const std::string attribute = " number=\"" + std::to_string(number) + "\">";
    if (const JsonValue::Object* object = value.as_object()) {
      out_ += (is_sequence ? "<Item" : "<PersonName") + attribute;
      if (is_sequence) {
        out_ += '\n';
        write_data_set(*object);
      } else {
        write_name(value);
      }
      out_ += is_sequence ? "</Item>" : "</PersonName>";
      return;
    }
    if (value.is_null()) return;
    out_ += "<Value" + attribute;
    append_escaped(out_, text_of(value));
    out_ += "</Value>";
  }

  // Infinities are spelt as XML Schema spells them.
  static std::string text_of(const JsonValue& value) {
    const std::string* text = value.as_string();
    if (text == nullptr) return value.to_json();
    if (*text == "inf") return "INF";
    return *text == "-inf" ? "-INF" : *text;
  }

  void write_name(const JsonValue& name) {
    for (const std::string_view group : kNameGroups) {
      const JsonValue* found = name.find(group);
      const std::string* text = found == nullptr ? nullptr : found->as_string();
      if (text == nullptr) continue;
      out_ += '<' + std::string(group) + '>';
      const auto parts = split(*text, '^');
      for (size_t at = 0; at < parts.size() && at < kNameParts.size(); ++at) {
        if (parts[at].empty()) continue;
        out_ += '<' + std::string(kNameParts[at]) + '>';
        append_escaped(out_, parts[at]);
        out_ += "</" + std::string(kNameParts[at]) + '>';
      }
      out_ += "</" + std::string(group) + '>';
    }
  }

  std::string& out_;
};

}  // namespace

Result<std::string> to_native_xml(std::string_view json) {
  // An object, a member, an array for each sequence.
  constexpr size_t kJsonDepthMax = 4 * (kSequenceDepthMax + 1);
  const JsonValue parsed = PACS_TRY(JsonValue::parse(json, kJsonDepthMax));
  const JsonValue::Object* data_set = parsed.as_object();
  if (data_set == nullptr) return invalid_argument("bad_json", "the data set is no object");
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<NativeDicomModel xmlns=\"http://dicom.nema.org/PS3.19/models/NativeDICOM\""
      " xml:space=\"preserve\">\n";
  NativeXmlWriter(out).write_data_set(*data_set);
  out += "</NativeDicomModel>\n";
  return out;
}

}  // namespace pacs::dicom
