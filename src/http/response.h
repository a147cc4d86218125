// A small answer that is built whole before it is sent. Larger ones are streamed: ResponseWriter.
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"
#include "http/headers.h"
#include "http/status.h"

namespace pacs::http {

struct Response {
  Status status = Status::ok;
  Headers headers;
  std::string body;
};

[[nodiscard]] Response json(Status status, std::string json_text);
// text/plain; charset=utf-8.
[[nodiscard]] Response text(Status status, std::string plain_text);
// No body, no Content-Type.
[[nodiscard]] Response empty(Status status);
// 303 and its kin, with Location.
[[nodiscard]] Response redirect(Status status, std::string_view location);

}  // namespace pacs::http
