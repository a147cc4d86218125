// Sends multipart/related (RFC 2387; PS3.18 8.6.1.2): parts of known size, one after the other,
// with an exact Content-Length, in memory that does not grow with them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/stream.h"
#include "http/headers.h"
#include "http/response_writer.h"

namespace pacs::dicomweb {

struct AnswerPart {
  std::string content_type;      // `application/dicom; transfer-syntax=1.2.840.10008.1.2.1`
  std::string content_location;  // empty: no such field
  uint64_t size_bytes = 0;
  // Writes exactly that many bytes. Called once, when its turn has come; never for a HEAD.
  std::function<Result<void>(ByteSink&)> write;
};

// 200 with all parts; `type` is that of the root (RFC 2387 3.1). Error: that of a part or of the
// connection; the answer has then been started and is broken off.
[[nodiscard]] Result<void> send_multipart(http::ResponseWriter& writer, http::Headers headers,
                                          std::string_view type,
                                          const std::vector<AnswerPart>& parts);

}  // namespace pacs::dicomweb
