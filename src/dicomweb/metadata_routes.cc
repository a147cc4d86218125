// Retrieving metadata (PS3.18 10.4.1.1.2): the attributes of instances as DICOM JSON or XML,
// from the index alone.
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dicomweb/accepted.h"
#include "dicomweb/bulk_data_paths.h"
#include "dicomweb/metadata_fields.h"
#include "dicomweb/model_answer.h"
#include "dicomweb/picture.h"
#include "dicomweb/resource.h"
#include "dicomweb/retrieval_attributes.h"
#include "dicomweb/routes.h"
#include "dicomweb/validators.h"
#include "edge/answer.h"
#include "edge/stored_file.h"

namespace pacs::dicomweb {
namespace {

Result<std::vector<index::InstanceMetadata>> metadata_of(
    const DicomwebServices& services, const index::Scope& scope, const Resource& resource,
    const std::vector<index::ImageRecord>& instances) {
  if (resource.series && !resource.instance) {
    return services.images.metadata_of_series(scope, resource.series->id);
  }
  std::vector<int64_t> ids;
  ids.reserve(instances.size());
  for (const index::ImageRecord& instance : instances) ids.push_back(instance.id);
  return services.images.metadata(scope, ids);
}

struct ShownMetadata {
  std::string json{};  // empty: there is nothing to show
  std::string transfer_syntax{};
};

// Of a picture, which has none in the index; nothing for one that is no DICOM object.
Result<ShownMetadata> metadata_of_picture(const DicomwebServices& services,
                                          const index::Scope& scope,
                                          const index::ImageRecord& image) {
  const auto picture = open_picture(services, scope, image);
  if (picture) return ShownMetadata{metadata_json(**picture), (*picture)->transfer_syntax()};
  if (picture.error().code == ErrorCode::unsupported) return ShownMetadata();
  return picture.error();
}

// One JSON object of each, with `fields` alone where there are any.
Result<std::vector<std::string>> json_objects(const DicomwebServices& services,
                                              const index::Scope& scope,
                                              const http::Request& request,
                                              const std::vector<index::ImageRecord>& instances,
                                              const std::vector<index::InstanceMetadata>& metadata,
                                              const std::optional<std::set<dicom::Tag>>& fields) {
  std::unordered_map<int64_t, const index::InstanceMetadata*> by_id;
  for (const index::InstanceMetadata& each : metadata) by_id[each.image_id] = &each;
  std::vector<std::string> objects;
  objects.reserve(instances.size());
  for (const index::ImageRecord& instance : instances) {
    ShownMetadata shown;
    if (archive::is_picture(instance)) {
      shown = PACS_TRY(metadata_of_picture(services, scope, instance));
    } else if (const auto found = by_id.find(instance.id); found != by_id.end()) {
      shown = {found->second->json, instance.attributes.transfer_syntax};
    }
    if (shown.json.empty()) continue;
    if (fields) shown.json = with_fields_alone(shown.json, *fields);
    const std::string url = url_of(services, request, instance);
    append_with_addresses(
        objects.emplace_back(),
        with_retrieval_attributes(shown.json, {url, std::move(shown.transfer_syntax)}), url);
  }
  return objects;
}

std::string json_array(const std::vector<std::string>& objects) {
  size_t size = 2;
  for (const std::string& object : objects) size += object.size() + 1;
  std::string body;
  body.reserve(size);
  body += '[';
  for (const std::string& object : objects) {
    if (body.size() > 1) body += ',';
    body += object;
  }
  return body += ']';
}

Result<http::Response> retrieve_metadata(DicomwebServices& services, http::Request& request) {
  const OpenedResource opened = PACS_TRY(open_resource(services, request));
  const auto model = choose_model(request, XmlForm::multipart);
  if (!model) {
    return not_acceptable(
        "application/dicom+json or multipart/related; type=\"application/dicom+xml\"");
  }
  const auto fields = PACS_TRY(read_metadata_fields(request));
  const index::Scope& scope = opened.caller.scope;
  const auto instances = PACS_TRY(instances_of(services, scope, opened.resource));
  http::Headers headers = fields_of(request, instances);
  if (is_unchanged(request, headers)) {
    return http::Response{http::Status::not_modified, std::move(headers), {}};
  }
  const auto metadata = PACS_TRY(metadata_of(services, scope, opened.resource, instances));
  const auto objects =
      PACS_TRY(json_objects(services, scope, request, instances, metadata, fields));
  if (*model == DicomModel::xml) return xml_parts(request, std::move(headers), objects);
  headers.set("Content-Type", kDicomJson);
  return http::Response{http::Status::ok, std::move(headers), json_array(objects)};
}

}  // namespace

void add_metadata_routes(http::Router& router, DicomwebServices& services) {
  const auto handler = edge::answering(services, retrieve_metadata);
  const std::string study = std::string(kRoot) + "/studies/{study}";
  router.add(http::Method::get, study + "/metadata", handler);
  router.add(http::Method::get, study + "/series/{series}/metadata", handler);
  router.add(http::Method::get, study + "/series/{series}/instances/{instance}/metadata", handler);
}

}  // namespace pacs::dicomweb
