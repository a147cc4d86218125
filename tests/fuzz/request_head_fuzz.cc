// The head of a request: it ends at the same byte however it arrives, and what is taken has one
// framing, one host and no byte that another reader would take otherwise.
#include <algorithm>
#include <optional>

#include "core/text.h"
#include "http/request_head.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs::http;

// As the event loop asks: again with each byte that has arrived.
std::optional<size_t> find_end_piecewise(std::string_view bytes) {
  size_t scanned = 0;
  for (size_t size = 0; size <= bytes.size(); ++size) {
    if (const auto end = find_head_end(bytes.substr(0, size), scanned)) return end;
  }
  return std::nullopt;
}

void check_fields(const RequestHead& head, const HeadLimits& limits) {
  FUZZ_CHECK(head.headers.size() <= limits.fields_max);
  FUZZ_CHECK(head.target_text.size() <= limits.target_bytes_max);
  FUZZ_CHECK(!(head.chunked && head.content_length));
  FUZZ_CHECK(head.headers.all("Content-Length").size() <= 1);
  FUZZ_CHECK(head.headers.all("Host").size() <= 1);
  FUZZ_CHECK(head.host.empty() ? head.http_minor == 0 : is_host(head.host));
  FUZZ_CHECK(!head.chunked || head.http_minor == 1);
  for (const auto& [name, value] : head.headers) {
    FUZZ_CHECK(is_token(name));
    FUZZ_CHECK(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    FUZZ_CHECK(pacs::trim(value) == value);
  }
}

// Written plainly it is the same request.
void check_round_trip(const RequestHead& head, const HeadLimits& limits) {
  std::string text(to_string(head.method));
  text += " " + head.target_text + " HTTP/1." + std::to_string(head.http_minor) + "\r\n";
  for (const auto& [name, value] : head.headers) text += name + ": " + value + "\r\n";
  text += "\r\n";
  const auto again = parse_request_head(text, limits);
  FUZZ_CHECK(again.has_value());
  FUZZ_CHECK(again->host == head.host && again->chunked == head.chunked &&
             again->content_length == head.content_length && again->keep_alive == head.keep_alive &&
             again->target.path == head.target.path);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes = pacs::fuzz::Input(data, size).rest();
  size_t scanned = 0;
  const auto end = find_head_end(bytes, scanned);
  FUZZ_CHECK(!end || *end <= bytes.size());
  FUZZ_CHECK(find_end_piecewise(bytes) == end);
  const HeadLimits limits;
  const auto whole = parse_request_head(bytes, limits);
  // What the parser takes is just what the connection would have handed to it.
  if (whole) FUZZ_CHECK(end == bytes.size());
  if (!end) return 0;
  const auto head = parse_request_head(bytes.substr(0, *end), limits);
  if (!head) return 0;
  check_fields(*head, limits);
  check_round_trip(*head, limits);
  return 0;
}
