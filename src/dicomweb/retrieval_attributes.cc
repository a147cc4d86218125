#include "dicomweb/retrieval_attributes.h"

#include <map>

#include "core/json_writer.h"
#include "dicom/json_elements.h"
#include "dicom/tag.h"

namespace pacs::dicomweb {
namespace {

std::string element_json(std::string_view vr, std::string_view value) {
  JsonWriter writer;
  writer.begin_object();
  writer.member("vr", vr);
  writer.key("Value");
  writer.begin_array();
  writer.string(value);
  writer.end_array();
  writer.end_object();
  return writer.take();
}

}  // namespace

std::string with_retrieval_attributes(std::string_view metadata_json,
                                      const RetrievalAttributes& attributes) {
  std::map<dicom::Tag, std::string> begin;  // all up to the last of them
  size_t rest = metadata_json.find('{') + 1;
  dicom::for_each_json_element(metadata_json, [&](dicom::Tag tag, std::string_view json) {
    if (tag > dicom::tags::kAvailableTransferSyntaxUid) return false;
    begin.emplace(tag, json);
    rest = static_cast<size_t>(json.data() - metadata_json.data()) + json.size();
    return true;
  });
  begin[dicom::tags::kInstanceAvailability] = element_json("CS", "ONLINE");
  begin[dicom::tags::kRetrieveUrl] = element_json("UR", attributes.url);
  begin.erase(dicom::tags::kAvailableTransferSyntaxUid);
  if (!attributes.transfer_syntax.empty()) {
    begin[dicom::tags::kAvailableTransferSyntaxUid] =
        element_json("UI", attributes.transfer_syntax);
  }
  std::string out;
  for (const auto& [tag, json] : begin) {
    out += (out.empty() ? "{\"" : ",\"") + to_string(tag) + "\":" + json;
  }
  // Either a comma and the elements behind, or the closing brace alone.
  std::string_view behind = metadata_json.substr(rest);
  const bool starts_with_element = !behind.empty() && behind.front() == '"';
  if (starts_with_element) out += ',';
  return out.append(behind);
}

}  // namespace pacs::dicomweb
