// DELETE of studies, series and instances: into the trash, for administrators. PS3.18 has no such
// transaction; the paths and the 204 are those that other archives agree on.
#include <string>

#include "access/actions.h"
#include "archive/remove.h"
#include "dicomweb/resource.h"
#include "dicomweb/routes.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/router.h"

namespace pacs::dicomweb {
namespace {

index::Removal removal_of(const Resource& resource) {
  index::Removal removal;
  if (resource.instance) {
    removal.image_ids.push_back(resource.instance->id);
  } else if (resource.series) {
    removal.series_ids.push_back(resource.series->id);
  } else {
    removal.study_ids.push_back(resource.study.id);
  }
  return removal;
}

Result<http::Response> delete_resource(DicomwebServices& services, http::Request& request) {
  const edge::Caller caller =
      PACS_TRY(authorise(services.edge, request, access::Action::administer));
  const Resource resource = PACS_TRY(get_resource(services, caller.scope, request));
  const archive::RemovalOutcome outcome =
      PACS_TRY(services.remove.remove(removal_of(resource), caller.actor));
  services.metrics.counter("pacs_lite_images_removed_total", "Images removed.")
      .add(static_cast<double>(outcome.images));
  return http::empty(http::Status::no_content);
}

}  // namespace

void add_delete_routes(http::Router& router, DicomwebServices& services) {
  const std::string study = std::string(kRoot) + "/studies/{study}";
  const std::string series = study + "/series/{series}";
  const std::string instance = series + "/instances/{instance}";
  for (const std::string& pattern : {study, series, instance}) {
    router.add(http::Method::delete_, pattern, edge::answering(services, delete_resource));
  }
}

}  // namespace pacs::dicomweb
