// Retrieving frames (PS3.18 10.4.1.1.7).
#include <string>
#include <string_view>

#include "dicomweb/frame_answer.h"
#include "dicomweb/resource.h"
#include "dicomweb/routes.h"
#include "edge/stored_file.h"

namespace pacs::dicomweb {
namespace {

Result<void> retrieve_frames(DicomwebServices& services, const http::Request& request,
                             http::ResponseWriter& writer) {
  const OpenedResource opened = PACS_TRY(open_resource(services, request));
  return send_frames(services, request, writer, opened, request.path_parameter("frames"));
}

}  // namespace

void add_frame_routes(http::Router& router, DicomwebServices& services) {
  const std::string instance =
      std::string(kRoot) + "/studies/{study}/series/{series}/instances/{instance}";
  router.add(http::Method::get, instance + "/frames/{frames}",
             [&services](http::Request& request, http::ResponseWriter& writer) {
               edge::finish_stream(request, writer, retrieve_frames(services, request, writer));
             });
}

}  // namespace pacs::dicomweb
