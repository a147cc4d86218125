// Which media type an image is rendered as (PS3.18 8.7.4), of those that a client accepts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "archive/shown_image.h"
#include "dicomweb/accepted.h"

namespace pacs::dicomweb {

// Those that it can be rendered as, the default first: image/jpeg, image/png and image/gif of
// frames, and the two of text besides where a presentation state shows those of others,
// application/pdf of a document, the stored stream's own of a video, text/html and text/plain of
// everything else.
[[nodiscard]] std::vector<std::string> rendered_types_of(const archive::ShownImage& image);

// The first of them that falls under `accepted`.
[[nodiscard]] std::optional<std::string> rendered_type_for(const archive::ShownImage& image,
                                                           const AcceptedType& accepted);

// not_acceptable() with what there is.
[[nodiscard]] Error not_rendered_so(const archive::ShownImage& image);

}  // namespace pacs::dicomweb
