// GET images/: the images of a study or series, in pages.
#pragma once

#include "core/result.h"
#include "http/request.h"
#include "http/response.h"
#include "rest/rest_services.h"

namespace pacs::rest {

[[nodiscard]] Result<http::Response> answer_image_list(RestServices& services,
                                                       http::Request& request);

}  // namespace pacs::rest
