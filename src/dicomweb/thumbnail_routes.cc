// Retrieving thumbnails (PS3.18 10.4.1.1.4): one small picture that stands for a study, a series,
// an instance or a frame, whatever it is.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "archive/rendering.h"
#include "dicomweb/accepted.h"
#include "dicomweb/frame_list.h"
#include "dicomweb/rendering_parameters.h"
#include "dicomweb/resource.h"
#include "dicomweb/routes.h"
#include "dicomweb/validators.h"
#include "edge/stored_file.h"

namespace pacs::dicomweb {
namespace {

Result<archive::RenderedForm> thumbnail_form(const http::Request& request) {
  for (const AcceptedType& accepted : accepted_types(request)) {
    if (accepted.is_multipart) continue;
    if (accepted.covers("image/jpeg")) return archive::RenderedForm::jpeg;
    if (accepted.covers("image/png")) return archive::RenderedForm::png;
  }
  return not_acceptable("image/jpeg and image/png");
}

// The one in the middle of those with pixels, since the first slices show little; else of all.
index::ImageRecord representative_of(std::vector<index::ImageRecord> instances) {
  const auto is_no_image = [](const index::ImageRecord& one) { return !one.attributes.rows; };
  const auto images_end =
      std::stable_partition(instances.begin(), instances.end(),
                            [&](const index::ImageRecord& one) { return !is_no_image(one); });
  const auto count = images_end == instances.begin() ? instances.end() - instances.begin()
                                                     : images_end - instances.begin();
  return std::move(instances[static_cast<size_t>(count / 2)]);
}

// A list of one frame: a thumbnail is always one image. Beyond the last one is found out later.
Result<std::optional<size_t>> thumbnail_frame(std::optional<std::string_view> list) {
  if (!list) return std::optional<size_t>();
  const auto frames = PACS_TRY(parse_frame_list(*list, kFramesAtOnceMax));
  return std::optional(frames.front());
}

Result<void> retrieve_thumbnail(DicomwebServices& services, const http::Request& request,
                                http::ResponseWriter& writer,
                                std::optional<std::string_view> frame_list) {
  const OpenedResource opened = PACS_TRY(open_resource(services, request));
  auto terms = PACS_TRY(read_thumbnail_terms(request));
  terms.form = PACS_TRY(thumbnail_form(request));
  const auto frame = PACS_TRY(thumbnail_frame(frame_list));
  const index::Scope& scope = opened.caller.scope;
  const index::ImageRecord shown =
      opened.resource.instance
          ? *opened.resource.instance
          : representative_of(PACS_TRY(instances_of(services, scope, opened.resource)));
  http::Headers fields = fields_of(request, {shown});
  if (is_unchanged(request, fields)) return send_not_modified(writer, std::move(fields));
  std::string thumbnail = PACS_TRY(services.rendering.thumbnail(scope, shown, frame, terms));
  fields.set("Content-Type", terms.form == archive::RenderedForm::png ? "image/png" : "image/jpeg");
  fields.set("X-Content-Type-Options", "nosniff");
  writer.send({http::Status::ok, std::move(fields), std::move(thumbnail)});
  return {};
}

}  // namespace

void add_thumbnail_routes(http::Router& router, DicomwebServices& services) {
  const auto handler = [&services](http::Request& request, http::ResponseWriter& writer) {
    edge::finish_stream(request, writer,
                        retrieve_thumbnail(services, request, writer, std::nullopt));
  };
  const std::string study = std::string(kRoot) + "/studies/{study}";
  const std::string instance = study + "/series/{series}/instances/{instance}";
  router.add(http::Method::get, study + "/thumbnail", handler);
  router.add(http::Method::get, study + "/series/{series}/thumbnail", handler);
  router.add(http::Method::get, instance + "/thumbnail", handler);
  router.add(http::Method::get, instance + "/frames/{frames}/thumbnail",
             [&services](http::Request& request, http::ResponseWriter& writer) {
               edge::finish_stream(
                   request, writer,
                   retrieve_thumbnail(services, request, writer, request.path_parameter("frames")));
             });
}

}  // namespace pacs::dicomweb
