// The head of a request, from bytes to checked fields (RFC 9112 2, 3, 5, 6). Whatever two readers
// could take in two ways is refused, since that is how requests are smuggled past a proxy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "http/headers.h"
#include "http/method.h"
#include "http/uri.h"

namespace pacs::http {

struct HeadLimits {
  size_t fields_max = 100;
  size_t target_bytes_max = 12 * 1024;
};

struct RequestHead {
  Method method = Method::get;
  int http_minor = 1;
  std::string target_text;
  RequestTarget target;
  std::string host;  // of the target when it is absolute, else of the Host field
  Headers headers;
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;

  [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

// How many of the first bytes of a connection are a whole head, its empty line included. Empty
// lines before the head are part of it. Something that can never become a head counts as whole, so
// that it is refused at once. Nothing when more bytes are needed. `scanned` is how far an earlier
// call on a shorter text got, and is updated.
[[nodiscard]] std::optional<size_t> find_head_end(std::string_view bytes, size_t& scanned);

// `bytes` is one whole head. Errors, all of them `invalid_argument`: reason "bad_head",
// "target_too_long", "head_too_large", "unknown_method", "unknown_version", "unknown_coding",
// "unknown_expectation".
[[nodiscard]] Result<RequestHead> parse_request_head(std::string_view bytes,
                                                     const HeadLimits& limits);

}  // namespace pacs::http
