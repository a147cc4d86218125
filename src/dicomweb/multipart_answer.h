// Sends multipart/related (RFC 2387; PS3.18 8.6.1.2): one part after the other, in memory that does
// not grow with them; with an exact Content-Length where the size of each part is known before.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
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
  // Of a part that is not known before its turn: fills in all of the above, once. The answer is
  // then sent in chunks, and a part that is still without `write` is left out. That of the first
  // part is called before the answer is started.
  std::function<Result<void>(AnswerPart&)> open{};
};

// 200 with all parts; `type` is that of the root (RFC 2387 3.1). Error: that of a part or of the
// connection; the answer has then been started and is broken off.
[[nodiscard]] Result<void> send_multipart(http::ResponseWriter& writer, http::Headers headers,
                                          std::string_view type, std::vector<AnswerPart> parts);

// The same of parts that come one after the other, nothing behind the last: in chunks. An error of
// the first is returned before the answer is started.
using NextPart = std::function<Result<std::optional<AnswerPart>>()>;
[[nodiscard]] Result<void> send_part_by_part(http::ResponseWriter& writer, http::Headers headers,
                                             std::string_view type, const NextPart& next);

}  // namespace pacs::dicomweb
