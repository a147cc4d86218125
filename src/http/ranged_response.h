// Answers GET and HEAD of a body with known size: whole, one range, several ranges
// (multipart/byteranges), or not at all where the client's copy is still good.
#pragma once

#include <optional>
#include <string>

#include "core/clock.h"
#include "http/conditions.h"
#include "http/ranged_body.h"
#include "http/request.h"
#include "http/response_writer.h"

namespace pacs::http {

struct RangedResponse {
  std::string content_type{};
  std::string content_disposition{};  // see content_disposition(); empty: no such field
  std::string cache_control{};        // empty: no such field
  Validators validators{};
  Headers extra{};  // sent with every answer, the 304 and 416 included
};

// Sends 200, 206, 304, 412 or 416. Error: that of the body or of the connection; the answer has
// then been started and is broken off, nothing is left to do but to log.
Result<void> send_ranged(const Request& request, ResponseWriter& writer, RangedBody& body,
                         const RangedResponse& response);

enum class Disposition { inline_, attachment };
// `attachment; filename="…"; filename*=UTF-8''…` (RFC 6266), safe for any UTF-8 name.
[[nodiscard]] std::string content_disposition(Disposition disposition, std::string_view filename);

}  // namespace pacs::http
