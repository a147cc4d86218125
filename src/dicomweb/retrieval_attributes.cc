#include "dicomweb/retrieval_attributes.h"

#include <array>

#include "core/json_text.h"
#include "dicom/json_elements.h"
#include "dicom/tag.h"

namespace pacs::dicomweb {
namespace {

struct ToldAttribute {
  dicom::Tag tag;
  std::string_view begin;  // of the element, up to its value
  std::string_view value;  // empty: it is not told, and what the data set says does not stand
};

void begin_element(std::string& out) { out += out.size() == 1 ? "\"" : ",\""; }

void append_told(std::string& out, const ToldAttribute& told) {
  if (told.value.empty()) return;
  begin_element(out);
  out += told.begin;
  append_json_text(out, told.value);
  out += "]}";
}

}  // namespace

std::string with_retrieval_attributes(std::string_view metadata_json,
                                      const RetrievalAttributes& attributes) {
  const std::array<ToldAttribute, 3> all = {{
      {dicom::tags::kInstanceAvailability, R"(00080056":{"vr":"CS","Value":[)", "ONLINE"},
      {dicom::tags::kRetrieveUrl, R"(00081190":{"vr":"UR","Value":[)", attributes.url},
      {dicom::tags::kAvailableTransferSyntaxUid, R"(00083002":{"vr":"UI","Value":[)",
       attributes.transfer_syntax},
  }};
  std::string out = "{";
  out.reserve(metadata_json.size() + attributes.url.size() + 256);
  const auto* next = all.begin();
  size_t rest = metadata_json.find('{') + 1;  // behind what has been copied
  constexpr size_t kNameSize = 10;  // of an element, from its digits to the colon: 00080016":
  dicom::for_each_json_element(metadata_json, [&](dicom::Tag tag, std::string_view json) {
    for (; next != all.end() && next->tag < tag; ++next) append_told(out, *next);
    if (next == all.end()) return false;
    rest = static_cast<size_t>(json.data() - metadata_json.data()) + json.size();
    if (next->tag == tag) {
      append_told(out, *next++);
    } else {
      begin_element(out);
      out.append(json.data() - kNameSize, kNameSize + json.size());
    }
    return true;
  });
  for (; next != all.end(); ++next) append_told(out, *next);
  // Either a comma and the elements behind, or the closing brace alone.
  std::string_view behind = metadata_json.substr(rest);
  if (behind.starts_with(',')) behind.remove_prefix(1);
  if (behind.starts_with('"') && out.size() > 1) out += ',';
  return out.append(behind);
}

}  // namespace pacs::dicomweb
