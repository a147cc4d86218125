// GET studies/: from a request to a query of the index, and from a page to the answer.
#pragma once

#include "core/result.h"
#include "http/request.h"
#include "http/response.h"
#include "rest/rest_services.h"

namespace pacs::rest {

[[nodiscard]] Result<http::Response> answer_study_list(RestServices& services,
                                                       http::Request& request);

}  // namespace pacs::rest
