#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <pugixml.hpp>

#include "core/json_writer.h"
#include "core/text.h"
#include "dicom/dicom_xml.h"
#include "dicom/header_reader.h"
#include "dicom/tag.h"
#include "dicom/vr.h"

namespace pacs::dicom {
namespace {

constexpr const char* kNameGroupElements[] = {"Alphabetic", "Ideographic", "Phonetic"};
constexpr const char* kNamePartElements[] = {"FamilyName", "GivenName", "MiddleName", "NamePrefix",
                                             "NameSuffix"};

Error bad_xml(std::string_view detail) { return invalid_argument("bad_xml", detail); }

// The name without the prefix of a namespace.
std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

class NativeXmlReader {
 public:
  // As deep as kSequenceDepthMax.
  Result<void> read_data_set(const pugi::xml_node& parent,
                             size_t depth) {  // NOLINT(misc-no-recursion)
    if (depth > kSequenceDepthMax) {
      return invalid_argument("nested_too_deeply", "the sequences are nested too deeply");
    }
    std::vector<uint32_t> seen;
    writer_.begin_object();
    for (const pugi::xml_node& node : parent.children()) {
      if (node.type() != pugi::node_element) continue;
      if (local_name(node) != "DicomAttribute") return bad_xml("a data set has attributes alone");
      const auto tag = parse_tag(node.attribute("tag").value());
      if (!tag) return bad_xml("an attribute has no tag of eight hexadecimal digits");
      seen.push_back(tag->number());
      PACS_TRY(read_element(node, *tag, depth));
    }
    writer_.end_object();
    std::sort(seen.begin(), seen.end());
    if (std::adjacent_find(seen.begin(), seen.end()) != seen.end()) {
      return bad_xml("an attribute is there twice");
    }
    return {};
  }

  [[nodiscard]] std::string take() { return writer_.take(); }

 private:
  Result<void> read_element(const pugi::xml_node& node, Tag tag,
                            size_t depth) {  // NOLINT(misc-no-recursion)
    const auto vr = parse_vr(node.attribute("vr").value());
    if (!vr) return bad_xml("an attribute has no value representation");
    writer_.key(to_string(tag));
    writer_.begin_object();
    writer_.member("vr", to_string(*vr));
    PACS_TRY(read_content(node, *vr, depth));
    writer_.end_object();
    return {};
  }

  Result<void> read_content(const pugi::xml_node& node, Vr vr,
                            size_t depth) {  // NOLINT(misc-no-recursion)
    std::vector<pugi::xml_node> values;
    for (const pugi::xml_node& child : node.children()) {
      if (child.type() != pugi::node_element) continue;
      const std::string_view name = local_name(child);
      if (name == "BulkData") {
        writer_.member("BulkDataURI", child.attribute("uri").value());
        return {};
      }
      if (name == "InlineBinary") {
        std::string base64 = child.text().get();
        std::erase_if(base64,
                      [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
        writer_.member("InlineBinary", base64);
        return {};
      }
      values.push_back(child);
    }
    if (values.empty()) return {};
    writer_.key("Value");
    writer_.begin_array();
    size_t next = 1;
    for (const pugi::xml_node& value : values) {
      const auto number = parse_unsigned(value.attribute("number").value());
      if (!number || *number < next || *number - next > kGapMax) {
        return bad_xml("the values of an attribute are not numbered one behind the other");
      }
      for (; next < *number; ++next) writer_.null();
      ++next;
      PACS_TRY(read_value(value, vr, depth));
    }
    writer_.end_array();
    return {};
  }

  Result<void> read_value(const pugi::xml_node& value, Vr vr,
                          size_t depth) {  // NOLINT(misc-no-recursion)
    const std::string_view name = local_name(value);
    if (vr == Vr::SQ) {
      return name == "Item" ? read_data_set(value, depth + 1)
                            : Result<void>(bad_xml("a sequence has items alone"));
    }
    if (vr == Vr::PN) {
      if (name != "PersonName") return bad_xml("a person's name is a PersonName");
      read_name(value);
      return {};
    }
    if (name != "Value") return bad_xml("an attribute has a value that is none");
    const std::string_view text = value.text().get();
    const bool is_float = vr == Vr::FL || vr == Vr::FD;
    if (is_float && (text == "INF" || text == "-INF")) {
      writer_.string(text == "INF" ? "inf" : "-inf");
    } else {
      writer_.string(text);
    }
    return {};
  }

  void read_name(const pugi::xml_node& name) {
    writer_.begin_object();
    for (const char* group : kNameGroupElements) {
      for (const pugi::xml_node& child : name.children()) {
        if (local_name(child) != group) continue;
        writer_.member(group, name_group(child));
        break;
      }
    }
    writer_.end_object();
  }

  static std::string name_group(const pugi::xml_node& group) {
    std::string text;
    for (const char* part : kNamePartElements) {
      if (part != kNamePartElements[0]) text += '^';
      for (const pugi::xml_node& child : group.children()) {
        if (local_name(child) == part) text += child.text().get();
      }
    }
    while (!text.empty() && text.back() == '^') text.pop_back();
    return text;
  }

  // Values that are left out, between two.
  static constexpr uint64_t kGapMax = 1000;

  JsonWriter writer_;
};

}  // namespace

Result<std::string> native_xml_to_json(std::string_view xml) {
  // A node takes some forty bytes, and the shortest is <a/>.
  const auto count = static_cast<size_t>(std::count(xml.begin(), xml.end(), '<'));
  if (count > kXmlNodeCountMax) {
    return invalid_argument("too_many_elements", "the XML has too many elements");
  }
  pugi::xml_document document;
  const pugi::xml_parse_result parsed =
      document.load_buffer(xml.data(), xml.size(),
                           pugi::parse_default | pugi::parse_ws_pcdata_single | pugi::parse_doctype,
                           pugi::encoding_utf8);
  if (!parsed) return bad_xml("the document is no XML");
  for (const pugi::xml_node& node : document.children()) {
    if (node.type() == pugi::node_doctype) return bad_xml("the XML declares a document type");
  }
  const pugi::xml_node root = document.document_element();
  if (local_name(root) != "NativeDicomModel") return bad_xml("the XML is no NativeDicomModel");
  NativeXmlReader reader;
  PACS_TRY(reader.read_data_set(root, 0));
  return reader.take();
}

}  // namespace pacs::dicom
