// Retrieving metadata (PS3.18 10.4.1.1.2): the attributes of instances as DICOM JSON or XML,
// from the index alone.
#include <functional>
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

struct ShownInstances {
  const std::vector<index::ImageRecord>& instances;
  const std::vector<index::InstanceMetadata>& metadata;
  const std::optional<std::set<dicom::Tag>>& fields;  // nothing: all
};

// One JSON object of each, appended to the text that `begin` gives.
Result<void> append_objects(const DicomwebServices& services, const index::Scope& scope,
                            const http::Request& request, const ShownInstances& shown,
                            const std::function<std::string&()>& begin) {
  const std::string root = root_url(services, request);
  std::unordered_map<int64_t, const index::InstanceMetadata*> by_id;
  for (const index::InstanceMetadata& each : shown.metadata) by_id[each.image_id] = &each;
  for (const index::ImageRecord& instance : shown.instances) {
    ShownMetadata one;
    if (archive::is_picture(instance)) {
      one = PACS_TRY(metadata_of_picture(services, scope, instance));
    } else if (const auto found = by_id.find(instance.id); found != by_id.end()) {
      one = {found->second->json, instance.attributes.transfer_syntax};
    }
    if (one.json.empty()) continue;
    if (shown.fields) one.json = with_fields_alone(one.json, *shown.fields);
    const std::string url = url_below(root, instance);
    append_with_addresses(
        begin(), with_retrieval_attributes(one.json, {url, std::move(one.transfer_syntax)}), url);
  }
  return {};
}

// One text of all, since there may be thousands.
Result<std::string> json_array(const DicomwebServices& services, const index::Scope& scope,
                               const http::Request& request, const ShownInstances& shown) {
  constexpr size_t kAddressesBytes = 512;  // of each, about
  size_t size = shown.instances.size() * kAddressesBytes;
  for (const index::InstanceMetadata& each : shown.metadata) size += each.json.size();
  std::string body;
  body.reserve(size);
  body += '[';
  PACS_TRY(append_objects(services, scope, request, shown, [&body]() -> std::string& {
    if (body.size() > 1) body += ',';
    return body;
  }));
  return body += ']';
}

Result<std::vector<std::string>> json_objects(const DicomwebServices& services,
                                              const index::Scope& scope,
                                              const http::Request& request,
                                              const ShownInstances& shown) {
  std::vector<std::string> objects;
  PACS_TRY(append_objects(services, scope, request, shown,
                          [&objects]() -> std::string& { return objects.emplace_back(); }));
  return objects;
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
  const ShownInstances shown{instances, metadata, fields};
  if (*model == DicomModel::xml) {
    const auto objects = PACS_TRY(json_objects(services, scope, request, shown));
    return xml_parts(request, std::move(headers), objects);
  }
  std::string body = PACS_TRY(json_array(services, scope, request, shown));
  headers.set("Content-Type", kDicomJson);
  return http::Response{http::Status::ok, std::move(headers), std::move(body)};
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
