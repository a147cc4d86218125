// Reads multipart bodies (RFC 2046 5.1) as they come: multipart/form-data (RFC 7578) and
// multipart/related (RFC 2387). Nothing but one buffer is held in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/stream.h"
#include "http/headers.h"

namespace pacs::http {

struct MultipartLimits {
  size_t parts_max = 10'000;              // more than any form; a STOW-RS request has its own limit
  size_t part_header_bytes_max = 16'384;  // as for the head of a request
  size_t preamble_bytes_max = 16'384;     // mail readers wrote a sentence there
};

struct Part {
  Headers headers;
  std::string name;                     // of the form field; empty for multipart/related
  std::optional<std::string> filename;  // UTF-8; filename* (RFC 5987) wins over filename
  std::string content_type;             // as sent; empty when absent
};

// One thread at a time. The source outlives the reader.
class MultipartReader {
 public:
  // `content_type` is that of the message. `unsupported` (reason "not_multipart") for another type,
  // `invalid_argument` ("bad_boundary") without a boundary as RFC 2046 has it.
  [[nodiscard]] static Result<MultipartReader> create(ByteSource& source,
                                                      std::string_view content_type,
                                                      const MultipartLimits& limits = {});
  MultipartReader(MultipartReader&&) noexcept;
  ~MultipartReader();

  // The next part, after skipping what was left of the one before; nothing after the closing
  // boundary (what follows it is read and dropped). Errors: `invalid_argument`
  // ("bad_multipart") for a malformed or truncated message, `resource_exhausted`
  // ("too_many_parts", "too_large") beyond a limit, those of the source.
  [[nodiscard]] Result<std::optional<Part>> next_part();

  // The body of the part that next_part() gave last; ends where the part ends. A message that ends
  // before its closing boundary is an error here, never the end of the part.
  [[nodiscard]] ByteSource& body();

 private:
  struct State;
  explicit MultipartReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pacs::http
