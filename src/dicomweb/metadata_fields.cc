#include "dicomweb/metadata_fields.h"

#include <utility>

#include "core/text.h"
#include "dicom/attribute_path.h"
#include "dicom/json_elements.h"

namespace pacs::dicomweb {

namespace tags = dicom::tags;

namespace {

constexpr size_t kFieldShownMax = 64;  // in the text of an error

}  // namespace

Result<std::optional<std::set<dicom::Tag>>> read_metadata_fields(const http::Request& request) {
  std::set<dicom::Tag> fields = {tags::kSpecificCharacterSet, tags::kSopClassUid,
                                 tags::kSopInstanceUid, tags::kStudyInstanceUid,
                                 tags::kSeriesInstanceUid};
  bool wants_all = true;
  for (const std::string& value : request.query_parameters("includefield")) {
    for (const std::string_view part : split(value, ',')) {
      const std::string_view field = trim(part);
      if (field.empty()) continue;
      if (equals_ignoring_case(field, "all")) return std::optional<std::set<dicom::Tag>>();
      const auto path = dicom::parse_attribute_path(field);
      if (!path) {
        return invalid_argument("bad_parameter",
                                "includefield: " + std::string(field.substr(0, kFieldShownMax)) +
                                    " is no attribute that is known here");
      }
      wants_all = false;
      const dicom::Tag tag = path->first();
      fields.insert(tag);
      // Who owns a private attribute (PS3.5 7.8.1) is shown with it.
      if (tag.is_private() && !tag.is_private_creator()) {
        fields.insert({tag.group, static_cast<uint16_t>(tag.element >> 8)});
      }
    }
  }
  if (wants_all) return std::optional<std::set<dicom::Tag>>();
  return std::optional(std::move(fields));
}

std::string with_fields_alone(std::string_view metadata_json, const std::set<dicom::Tag>& fields) {
  std::string out;
  dicom::for_each_json_element(metadata_json, [&](dicom::Tag tag, std::string_view json) {
    if (!fields.contains(tag)) return true;
    out += (out.empty() ? "{\"" : ",\"") + to_string(tag) + "\":";
    out += json;
    return true;
  });
  return out.empty() ? "{}" : out + "}";
}

}  // namespace pacs::dicomweb
