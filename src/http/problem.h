// An error as a client sees it: application/problem+json (RFC 9457) with `type`, `title`,
// `status`, `detail` (always a string), `code` (the stable reason) and `request_id`.
#pragma once

#include <string_view>

#include "core/error.h"
#include "http/response.h"

namespace pacs::http {

// Status by status_map.h, Retry-After where a retry helps, WWW-Authenticate with a 401. An
// `internal` error's own detail stays in the log; the client is given the request id to quote.
[[nodiscard]] Response problem(const Error& error, std::string_view request_id);
// The same with a status of the caller's choice.
[[nodiscard]] Response problem(Status status, std::string_view code, std::string_view detail,
                               std::string_view request_id);

}  // namespace pacs::http
