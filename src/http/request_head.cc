#include "http/request_head.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/text.h"

namespace pacs::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
// RFC 9112 2.2 asks to forgive an empty line after the request before; nobody sends more.
constexpr size_t kEmptyLinesMax = 2;
constexpr size_t kContentLengthDigitsMax = 18;  // always fits, and no file is as large

Error bad_head(std::string_view detail) { return invalid_argument("bad_head", detail); }

std::string_view without_empty_lines(std::string_view bytes) {
  for (size_t count = 0; count < kEmptyLinesMax && bytes.starts_with(kLineEnd); ++count) {
    bytes.remove_prefix(kLineEnd.size());
  }
  return bytes;
}

// The next line, which must end in CR LF and hold neither of them.
Result<std::string_view> take_line(std::string_view& rest) {
  const size_t end = rest.find(kLineEnd.front());
  const std::string_view line = rest.substr(0, end);
  if (end == std::string_view::npos || rest.substr(end, kLineEnd.size()) != kLineEnd ||
      line.find(kLineEnd.back()) != std::string_view::npos) {
    return bad_head("a line of the head does not end in CR LF");
  }
  rest.remove_prefix(end + kLineEnd.size());
  return line;
}

// GET /path?query HTTP/1.1
Result<void> parse_request_line(std::string_view line, const HeadLimits& limits,
                                RequestHead& head) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return bad_head("the request line is not METHOD TARGET VERSION");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method)) return bad_head("the method is not a token");
  const bool is_version = version.size() == 8 && version.starts_with("HTTP/") &&
                          version[6] == '.' && version[5] >= '0' && version[5] <= '9' &&
                          version[7] >= '0' && version[7] <= '9';
  if (!is_version) return bad_head("the version of the request line is malformed");
  if (version[5] != '1') {
    return invalid_argument("unknown_version", "this server speaks HTTP/1.1 and HTTP/1.0");
  }
  // RFC 9110 2.5: a later minor version is read as the latest that is known.
  head.http_minor = version[7] == '0' ? 0 : 1;
  if (target.size() > limits.target_bytes_max) {
    return invalid_argument("target_too_long", "the URL is longer than this server takes");
  }
  const auto known = parse_method(method);
  if (!known) return invalid_argument("unknown_method", "this server does not know that method");
  head.method = *known;
  auto parts = parse_request_target(target);
  if (!parts || (parts->path == "*" && head.method != Method::options)) {
    return bad_head("the target of the request line is malformed");
  }
  head.target_text = target;
  head.target = std::move(*parts);
  return {};
}

// Name: value
Result<void> parse_field(std::string_view line, Headers& headers) {
  if (line.front() == ' ' || line.front() == '\t') {
    return bad_head("a folded header line: write the field on one line");
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return bad_head("a header line is not NAME: VALUE, or has a space before the colon");
  }
  const std::string_view value = trim(line.substr(colon + 1));
  const bool clean = std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\t';
  });
  if (!clean) return bad_head("a header value holds a control character");
  headers.add(line.substr(0, colon), value);
  return {};
}

Result<void> settle_host(RequestHead& head) {
  const auto hosts = head.headers.all("Host");
  if (hosts.size() > 1) return bad_head("more than one Host header");
  if (hosts.empty() && head.http_minor == 1) return bad_head("the Host header is missing");
  if (!hosts.empty()) {
    if (!is_host(hosts.front())) return bad_head("the Host header is malformed");
    head.host = hosts.front();
  }
  if (head.target.authority) head.host = *head.target.authority;
  return {};
}

// RFC 9112 6.1 and 6.3, without its leniencies.
Result<void> settle_framing(RequestHead& head) {
  const auto lengths = head.headers.all("Content-Length");
  const auto codings = head.headers.all("Transfer-Encoding");
  if (lengths.size() > 1) return bad_head("more than one Content-Length");
  if (!lengths.empty() && !codings.empty()) {
    return bad_head("Content-Length together with Transfer-Encoding");
  }
  if (!lengths.empty()) {
    const auto length = parse_unsigned(lengths.front());
    if (!length || lengths.front().size() > kContentLengthDigitsMax) {
      return bad_head("the Content-Length is not a number of bytes");
    }
    head.content_length = *length;
  }
  if (codings.empty()) return {};
  if (head.http_minor == 0) return bad_head("Transfer-Encoding with HTTP/1.0");
  if (codings.size() > 1) return bad_head("more than one Transfer-Encoding");
  if (!equals_ignoring_case(codings.front(), "chunked")) {
    if (to_lower(codings.front()).find("chunked") != std::string::npos) {
      return bad_head("a Transfer-Encoding that is not just \"chunked\"");
    }
    return invalid_argument("unknown_coding", "the only transfer coding that is taken is chunked");
  }
  head.chunked = true;
  return {};
}

Result<void> settle_connection(RequestHead& head) {
  head.keep_alive = head.http_minor == 1;
  for (const std::string& option : head.headers.list("Connection")) {
    if (equals_ignoring_case(option, "close")) {
      head.keep_alive = false;
      break;
    }
    if (equals_ignoring_case(option, "keep-alive")) head.keep_alive = true;
  }
  const auto expectation = head.headers.joined("Expect");
  if (!expectation) return {};
  if (!equals_ignoring_case(*expectation, "100-continue")) {
    return invalid_argument("unknown_expectation", "the only expectation known is 100-continue");
  }
  head.expects_continue = head.http_minor == 1 && head.has_body();  // RFC 9110 10.1.1
  return {};
}

}  // namespace

std::optional<size_t> find_head_end(std::string_view bytes, size_t& scanned) {
  const size_t start = bytes.size() - without_empty_lines(bytes).size();
  size_t at = std::max(scanned, start);
  while (at < bytes.size()) {
    const size_t line_feed = bytes.find('\n', at);
    if (line_feed == std::string_view::npos) break;
    const std::string_view before = bytes.substr(0, line_feed);
    if (!before.ends_with('\r')) return line_feed + 1;  // never a head: refused by the parser
    if (before.ends_with("\r\n\r") || line_feed == start + 1) return line_feed + 1;
    at = line_feed + 1;
  }
  scanned = bytes.ends_with('\r') ? bytes.size() - 1 : bytes.size();
  return std::nullopt;
}

Result<RequestHead> parse_request_head(std::string_view bytes, const HeadLimits& limits) {
  std::string_view rest = without_empty_lines(bytes);
  RequestHead head;
  const std::string_view request_line = PACS_TRY(take_line(rest));
  PACS_TRY(parse_request_line(request_line, limits, head));
  while (true) {
    const std::string_view line = PACS_TRY(take_line(rest));
    if (line.empty()) break;
    if (head.headers.size() == limits.fields_max) {
      return invalid_argument("head_too_large", "the request has too many header fields");
    }
    PACS_TRY(parse_field(line, head.headers));
  }
  if (!rest.empty()) return bad_head("bytes after the end of the head");
  PACS_TRY(settle_host(head));
  PACS_TRY(settle_framing(head));
  PACS_TRY(settle_connection(head));
  return head;
}

}  // namespace pacs::http
