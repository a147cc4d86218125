// A picture that stands for a stored image on a page or in a list, as an answer.
#pragma once

#include "archive/rendering_terms.h"
#include "core/result.h"
#include "http/response_writer.h"
#include "index/image_record.h"
#include "index/scope.h"
#include "rest/rest_services.h"

namespace pacs::rest {

// A JPEG, and never an error because of what the image is: of what has no picture it is an icon.
// Errors: those of archive::RenderingService::thumbnail().
[[nodiscard]] Result<void> send_picture(RestServices& services, const index::Scope& scope,
                                        const index::ImageRecord& image,
                                        const archive::RenderingTerms& terms,
                                        http::ResponseWriter& writer);

}  // namespace pacs::rest
