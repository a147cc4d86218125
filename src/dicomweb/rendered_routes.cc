// Retrieving rendered resources (PS3.18 10.4.1.1.3): of a study, a series, an instance or frames of
// it, as pictures, documents or text.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "archive/rendering.h"
#include "core/bytes.h"
#include "dicomweb/accepted.h"
#include "dicomweb/frame_list.h"
#include "dicomweb/rendered_answer.h"
#include "dicomweb/rendered_type.h"
#include "dicomweb/rendering_parameters.h"
#include "dicomweb/resource.h"
#include "dicomweb/routes.h"
#include "dicomweb/validators.h"
#include "edge/stored_file.h"

namespace pacs::dicomweb {
namespace {

using archive::ShownAs;
using archive::ShownImage;

// Those that the path names, if it does.
Result<std::optional<std::vector<size_t>>> asked_frames(const ShownImage& image,
                                                        std::optional<std::string_view> list) {
  if (!list) return std::optional<std::vector<size_t>>();
  if (image.shown_as != ShownAs::frames && image.shown_as != ShownAs::picture) {
    return not_acceptable("no picture of frames: the instance has none");
  }
  return std::optional(PACS_TRY(parse_frame_list(*list, image.frame_count())));
}

// Rendered parts one after the other, in chunks: how large each is shows when it is made.
//   --part-REQUEST
//   Content-Type: image/jpeg
//   Content-Length: 30211
//   Content-Location: https://…/frames/1/rendered
class RenderedParts {
 public:
  RenderedParts(DicomwebServices& services, const http::Request& request,
                http::ResponseWriter& writer, http::Headers fields)
      : services_(services),
        request_(request),
        writer_(writer),
        fields_(std::move(fields)),
        boundary_("part-" + writer.request_id()) {}

  [[nodiscard]] bool has_begun() const { return sink_ != nullptr; }
  // Of a HEAD nothing but the head is wanted.
  [[nodiscard]] bool is_enough() const { return has_begun() && writer_.body_is_swallowed(); }

  Result<void> write(const Rendition& rendition) {
    std::string location = url_of(services_, request_, rendition.image.opened.record);
    if (!rendition.frames.empty() && rendition.type != "image/gif") {
      location += "/frames/" + std::to_string(rendition.frames.front() + 1);
    }
    location += "/rendered";
    return write_rendition(
        services_, rendition, [&](const std::string& type, uint64_t size) -> Result<ByteSink*> {
          begin(type);
          const std::string head = "--" + boundary_ + "\r\nContent-Type: " + type +
                                   "\r\nContent-Length: " + std::to_string(size) +
                                   "\r\nContent-Location: " + location + "\r\n\r\n";
          PACS_TRY(sink_->write(as_bytes((parts_++ > 0 ? "\r\n" : "") + head)));
          return sink_;
        });
  }

  Result<void> finish() {
    PACS_TRY(sink_->write(as_bytes("\r\n--" + boundary_ + "--\r\n")));
    return writer_.finish();
  }

 private:
  void begin(const std::string& type) {
    if (has_begun()) return;
    const std::string essence = type.substr(0, type.find(';'));
    fields_.set("Content-Type",
                "multipart/related; type=\"" + essence + "\"; boundary=" + boundary_);
    sink_ = &writer_.start(http::Status::ok, std::move(fields_), std::nullopt);
  }

  DicomwebServices& services_;
  const http::Request& request_;
  http::ResponseWriter& writer_;
  http::Headers fields_;
  const std::string boundary_;
  ByteSink* sink_ = nullptr;
  size_t parts_ = 0;
};

// What one request asks of one instance or of many.
struct RenderedRequest {
  DicomwebServices& services;
  const http::Request& request;
  http::ResponseWriter& writer;
  const OpenedResource& opened;
  archive::RenderingTerms terms;
  http::Headers fields;
  std::optional<std::string_view> frame_list;
};

Result<void> write_rendered_instance(RenderedRequest& asked, ShownImage& image,
                                     const std::string& type, const std::vector<size_t>& frames,
                                     RenderedParts& parts) {
  if (type == "image/gif" || image.shown_as != ShownAs::frames) {
    return parts.write({image, type, frames, asked.terms});
  }
  for (const size_t frame : frames) {
    if (parts.is_enough()) break;
    PACS_TRY(parts.write({image, type, {frame}, asked.terms}));
  }
  return {};
}

// One item as it is: the representative frame of an image of many, unless they make an animation.
Result<std::optional<std::vector<size_t>>> frames_of_single(
    const ShownImage& image, const std::string& type,
    const std::optional<std::vector<size_t>>& asked) {
  if (image.shown_as != ShownAs::frames) return std::optional(std::vector<size_t>{0});
  if (type == "image/gif") return std::optional(asked ? *asked : PACS_TRY(every_frame(image)));
  if (!asked) return std::optional(std::vector<size_t>{image.representative});
  if (asked->size() == 1) return asked;
  return std::optional<std::vector<size_t>>();  // a single part is for one item (PS3.18 8.7.3.1)
}

Result<void> send_rendered_instance(RenderedRequest& asked, const index::ImageRecord& instance) {
  ShownImage image = PACS_TRY(asked.services.rendering.open(asked.opened.caller.scope, instance));
  const auto frames = PACS_TRY(asked_frames(image, asked.frame_list));
  for (const AcceptedType& accepted : accepted_types(asked.request)) {
    const auto type = rendered_type_for(image, accepted);
    if (!type) continue;
    if (!accepted.is_multipart) {
      auto single = PACS_TRY(frames_of_single(image, *type, frames));
      if (single) {
        return send_rendition(asked.services, asked.request, asked.writer,
                              {image, *type, std::move(*single), asked.terms},
                              std::move(asked.fields));
      }
      if (accepted.essence != "*/*") continue;
    }
    RenderedParts parts(asked.services, asked.request, asked.writer, std::move(asked.fields));
    const auto shown = frames ? *frames : PACS_TRY(every_frame(image));
    PACS_TRY(write_rendered_instance(asked, image, *type, shown, parts));
    return parts.finish();
  }
  return not_rendered_so(image);
}

// All instances that can be rendered so, each in its turn.
Result<void> send_rendered_instances(RenderedRequest& asked,
                                     const std::vector<index::ImageRecord>& instances) {
  RenderedParts parts(asked.services, asked.request, asked.writer, std::move(asked.fields));
  for (const AcceptedType& accepted : accepted_types(asked.request)) {
    if (!accepted.is_multipart && accepted.essence != "*/*") continue;
    for (const index::ImageRecord& instance : instances) {
      if (parts.is_enough()) break;
      ShownImage image =
          PACS_TRY(asked.services.rendering.open(asked.opened.caller.scope, instance));
      const auto type = rendered_type_for(image, accepted);
      if (!type) continue;
      const auto shown = PACS_TRY(every_frame(image));
      PACS_TRY(write_rendered_instance(asked, image, *type, shown, parts));
    }
    if (parts.has_begun()) return parts.finish();
  }
  return not_acceptable(
      "multipart/related; type=\"image/jpeg\", image/png and, for what is no "
      "image, application/pdf and text/html");
}

Result<void> retrieve_rendered(DicomwebServices& services, const http::Request& request,
                               http::ResponseWriter& writer,
                               std::optional<std::string_view> frame_list) {
  const OpenedResource opened = PACS_TRY(open_resource(services, request));
  const auto terms = PACS_TRY(read_rendering_terms(request));
  std::vector<index::ImageRecord> instances;
  if (opened.resource.instance) {
    instances.push_back(*opened.resource.instance);
  } else {
    instances = PACS_TRY(instances_of(services, opened.caller.scope, opened.resource));
  }
  http::Headers fields = fields_of(request, instances);
  if (is_unchanged(request, fields)) return send_not_modified(writer, std::move(fields));
  RenderedRequest asked{services, request, writer, opened, terms, std::move(fields), frame_list};
  if (instances.size() == 1) return send_rendered_instance(asked, instances.front());
  return send_rendered_instances(asked, instances);
}

}  // namespace

void add_rendered_routes(http::Router& router, DicomwebServices& services) {
  const auto handler = [&services](http::Request& request, http::ResponseWriter& writer) {
    edge::finish_stream(request, writer,
                        retrieve_rendered(services, request, writer, std::nullopt));
  };
  const std::string study = std::string(kRoot) + "/studies/{study}";
  const std::string instance = study + "/series/{series}/instances/{instance}";
  router.add(http::Method::get, study + "/rendered", handler);
  router.add(http::Method::get, study + "/series/{series}/rendered", handler);
  router.add(http::Method::get, instance + "/rendered", handler);
  router.add(http::Method::get, instance + "/frames/{frames}/rendered",
             [&services](http::Request& request, http::ResponseWriter& writer) {
               edge::finish_stream(
                   request, writer,
                   retrieve_rendered(services, request, writer, request.path_parameter("frames")));
             });
}

}  // namespace pacs::dicomweb
