// From a function that returns an answer or an error to a handler of the router.
#pragma once

#include "core/result.h"
#include "http/handler.h"
#include "http/response.h"
#include "rest/rest_services.h"

namespace pacs::rest {

using AnswerFunction = Result<http::Response> (*)(RestServices&, http::Request&);

// Sends what the function returns, an error as application/problem+json. What it answers is not to
// be kept by caches, since it depends on who asks and names patients.
[[nodiscard]] http::Handler answering(RestServices& services, AnswerFunction function);

// The answer itself, for who adds to it before it is sent.
[[nodiscard]] http::Response response_to(Result<http::Response> answer,
                                         const http::Request& request);

}  // namespace pacs::rest
