// The query parameters of rendered resources (PS3.18 8.3.5) and of the URI service (PS3.18 9.5).
#pragma once

#include <string_view>

#include "archive/rendering_terms.h"
#include "core/result.h"
#include "http/request.h"

namespace pacs::dicomweb {

// annotation, charset, iccprofile, quality, viewport and window; unknown ones are ignored. Errors:
// invalid_argument/bad_parameter for what the grammar does not allow; unsupported/not_acceptable
// for a colour space or character set that is allowed and cannot be given.
[[nodiscard]] Result<archive::RenderingTerms> read_rendering_terms(const http::Request& request);

// Of a thumbnail: `viewport=width,height` alone counts (PS3.18 8.3.5.2). Errors: the same.
[[nodiscard]] Result<archive::RenderingTerms> read_thumbnail_terms(const http::Request& request);

// Of the URI service: annotation, charset, imageQuality, rows, columns, region, windowCenter and
// windowWidth. A region is told by fractions of the image (PS3.18 9.5.1.2), hence its size. Errors:
// the same.
struct ImageSize {
  double width = 1;
  double height = 1;
};
[[nodiscard]] Result<archive::RenderingTerms> read_uri_terms(const http::Request& request,
                                                             ImageSize image);

// "vw,vh[,sx,sy,sw,sh]", of which the last four may be empty; negative sw and sh flip.
[[nodiscard]] Result<archive::Viewport> parse_viewport(std::string_view text);
// "center,width,shape".
[[nodiscard]] Result<archive::Window> parse_window(std::string_view text);

}  // namespace pacs::dicomweb
