#include "dicomweb/rendered_answer.h"

#include <numeric>
#include <utility>

#include "archive/rendering.h"
#include "core/bytes.h"
#include "dicom/readable_text.h"
#include "dicomweb/frame_body.h"
#include "dicomweb/frame_list.h"
#include "http/ranged_response.h"

namespace pacs::dicomweb {
namespace {

bool is_stored_as_it_is(const archive::ShownImage& image) {
  return image.shown_as == archive::ShownAs::document || image.shown_as == archive::ShownAs::video;
}

// The bytes of a document or a video, where they stand in the stored file.
FrameBody stored_body(DicomwebServices& services, archive::ShownImage& image) {
  dicom::FrameTable::Frame place;
  if (image.shown_as == archive::ShownAs::video) {
    place = image.frames.frame(0);
  } else {
    place.pieces = {{image.document_offset, image.document_length}};
    place.bit_length = image.document_length * 8;
  }
  return {services.retrieve, image.opened, std::move(place)};
}

bool is_text(const Rendition& rendition) { return rendition.type.starts_with("text/"); }

std::string content_type_of(const Rendition& rendition) {
  return is_text(rendition) ? rendition.type + "; charset=utf-8" : rendition.type;
}

Result<std::string> made_body(DicomwebServices& services, const Rendition& rendition) {
  archive::ShownImage& image = rendition.image;
  if (is_text(rendition)) {
    const auto form =
        rendition.type == "text/html" ? dicom::TextForm::html : dicom::TextForm::plain;
    return dicom::readable_text(image.header.data_set, form);
  }
  archive::RenderingTerms terms = rendition.terms;
  if (rendition.type == "image/gif") {
    return services.rendering.animation(image, rendition.frames, terms);
  }
  terms.form =
      rendition.type == "image/png" ? archive::RenderedForm::png : archive::RenderedForm::jpeg;
  return services.rendering.picture(image, rendition.frames.front(), terms);
}

// Nothing that was stored may run anything in a browser; its viewer of PDF does not work in a
// sandbox.
void add_browser_rules(const Rendition& rendition, http::Headers& fields) {
  fields.set("X-Content-Type-Options", "nosniff");
  fields.set("Content-Security-Policy",
             rendition.image.shown_as == archive::ShownAs::document
                 ? "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"
                 : "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  // The viewer's page is alone in its process, and shows within it what says that it may be there.
  fields.set("Cross-Origin-Embedder-Policy", "require-corp");
}

}  // namespace

Result<std::vector<size_t>> every_frame(const archive::ShownImage& image) {
  if (image.frame_count() > kFramesAtOnceMax) {
    return resource_exhausted("too_large", "the image has too many frames: name some of them");
  }
  std::vector<size_t> frames(image.frame_count());
  std::iota(frames.begin(), frames.end(), size_t{0});
  return frames;
}

Result<void> send_rendition(DicomwebServices& services, const http::Request& request,
                            http::ResponseWriter& writer, const Rendition& rendition,
                            http::Headers fields) {
  add_browser_rules(rendition, fields);
  if (!is_stored_as_it_is(rendition.image)) {
    std::string body = PACS_TRY(made_body(services, rendition));
    fields.set("Content-Type", content_type_of(rendition));
    writer.send({http::Status::ok, std::move(fields), std::move(body)});
    return {};
  }
  FrameBody body = stored_body(services, rendition.image);
  http::RangedResponse response;
  response.content_type = content_type_of(rendition);
  response.validators.etag = fields.find("ETag").value_or("");
  fields.remove("ETag");
  response.extra = std::move(fields);
  return http::send_ranged(request, writer, body, response);
}

Result<void> write_rendition(DicomwebServices& services, const Rendition& rendition,
                             const PartHead& write_head) {
  if (!is_stored_as_it_is(rendition.image)) {
    const std::string body = PACS_TRY(made_body(services, rendition));
    ByteSink* sink = PACS_TRY(write_head(content_type_of(rendition), body.size()));
    return sink->write(as_bytes(body));
  }
  FrameBody body = stored_body(services, rendition.image);
  ByteSink* sink = PACS_TRY(write_head(content_type_of(rendition), body.size()));
  return body.write_to(*sink, 0, body.size());
}

}  // namespace pacs::dicomweb
