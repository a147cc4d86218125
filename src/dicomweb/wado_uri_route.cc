// The URI service (PS3.18 9): one instance by query parameters.
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "dicomweb/accepted.h"
#include "dicomweb/instance_answer.h"
#include "dicomweb/instance_encoding.h"
#include "dicomweb/resource.h"
#include "dicomweb/routes.h"
#include "edge/stored_file.h"

namespace pacs::dicomweb {
namespace {

constexpr std::string_view kDicomType = "application/dicom";

Result<void> check_parameters(const http::Request& request) {
  if (request.query_parameter("requestType") != "WADO") {
    return invalid_argument("bad_parameter", "requestType must be WADO");
  }
  const std::string type = request.query_parameter("contentType").value_or("");
  if (type != kDicomType) return not_acceptable("contentType=application/dicom");
  return {};
}

// The resource is that which the path of the other service would name.
Result<void> move_to_path(http::Request& request) {
  constexpr std::array<std::pair<const char*, const char*>, 3> kNames = {
      {{"studyUID", "study"}, {"seriesUID", "series"}, {"objectUID", "instance"}}};
  for (const auto& [parameter, name] : kNames) {
    const auto value = request.query_parameter(parameter);
    if (!value) {
      return invalid_argument("bad_parameter", std::string(parameter) + " is missing");
    }
    request.path_parameters.emplace_back(name, *value);
  }
  return {};
}

Result<void> retrieve_object(DicomwebServices& services, http::Request& request,
                             http::ResponseWriter& writer) {
  PACS_TRY(check_parameters(request));
  PACS_TRY(move_to_path(request));
  const OpenedResource opened = PACS_TRY(open_resource(services, request));
  auto instances = PACS_TRY(instances_of(services, opened.caller.scope, opened.resource));
  // "*" is ours here: PS3.18 9.4.2.4 knows UIDs alone.
  const auto encoding = find_encoding(instances.front(), request.query_parameter("transferSyntax"));
  if (!encoding) {
    return not_acceptable("transferSyntax=" + instances.front().attributes.transfer_syntax);
  }
  return send_instance(services, request, writer, opened.caller.scope, std::move(instances.front()),
                       *encoding);
}

}  // namespace

void add_wado_uri_route(http::Router& router, DicomwebServices& services) {
  router.add(http::Method::get, std::string(kRoot) + "/wado",
             [&services](http::Request& request, http::ResponseWriter& writer) {
               edge::finish_stream(request, writer, retrieve_object(services, request, writer));
             });
}

}  // namespace pacs::dicomweb
