// Sends what an image is rendered as.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "archive/rendering_terms.h"
#include "archive/shown_image.h"
#include "core/result.h"
#include "core/stream.h"
#include "dicomweb/dicomweb_services.h"
#include "http/headers.h"
#include "http/request.h"
#include "http/response_writer.h"

namespace pacs::dicomweb {

// One image as one media type; `type` is one of rendered_types_of(). `frames` count from 0 and are
// of an image of frames: the only one, or those of an animation.
struct Rendition {
  archive::ShownImage& image;
  std::string type;
  std::vector<size_t> frames;
  archive::RenderingTerms terms;
};

// All of an image, from 0. resource_exhausted/too_large for more than a list may name.
[[nodiscard]] Result<std::vector<size_t>> every_frame(const archive::ShownImage& image);

// As the body of an answer with these fields (ETag and the like). Errors: those of
// RenderingService; of the bytes or the connection, when the answer has been started and is broken
// off.
[[nodiscard]] Result<void> send_rendition(DicomwebServices& services, const http::Request& request,
                                          http::ResponseWriter& writer, const Rendition& rendition,
                                          http::Headers fields);

// As a part of a larger answer; `write_head` is called with its Content-Type and size before the
// first byte of it, and not at all on an error of rendering.
using PartHead = std::function<Result<ByteSink*>(const std::string& content_type, uint64_t size)>;
[[nodiscard]] Result<void> write_rendition(DicomwebServices& services, const Rendition& rendition,
                                           const PartHead& write_head);

}  // namespace pacs::dicomweb
