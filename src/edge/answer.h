// From what a function returns to what is sent.
#pragma once

#include <string>

#include "core/result.h"
#include "edge/edge_services.h"
#include "http/handler.h"
#include "http/request.h"
#include "http/response.h"

namespace pacs::edge {

// The answer, an error as application/problem+json. What it says is not to be kept by caches unless
// it says so itself, since it depends on who asks and names patients.
[[nodiscard]] http::Response response_to(Result<http::Response> answer,
                                         const http::Request& request);

// A handler of the router that sends what `function` returns. `services` outlives the router.
template <typename Services>
[[nodiscard]] http::Handler answering(Services& services,
                                      Result<http::Response> (*function)(Services&,
                                                                         http::Request&)) {
  return [&services, function](http::Request& request, http::ResponseWriter& writer) {
    writer.send(response_to(function(services, request), request));
  };
}

// "https://pacs.example" by setting, else as the client addressed us; without a slash at its end.
[[nodiscard]] std::string public_base(const EdgeServices& services, const http::Request& request);

}  // namespace pacs::edge
