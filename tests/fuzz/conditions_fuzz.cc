// Conditions and ranges of a GET, up to the bytes of the answer: it is one of the five that the
// standard names, its length is what it says, and its bytes are those of the body.
#include <string>

#include "core/text.h"
#include "http/conditions.h"
#include "http/ranged_response.h"
#include "http/response_writer.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs::http;

constexpr std::string_view kBody = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr pacs::UnixMillis kModified = 1'700'000'000'000;

struct Answer {
  int status = 0;
  Headers headers;
  std::string body;
};

Answer parse_answer(std::string_view wire) {
  Answer answer;
  const size_t end = wire.find("\r\n\r\n");
  FUZZ_CHECK(wire.starts_with("HTTP/1.1 ") && end != std::string_view::npos);
  answer.status = static_cast<int>(pacs::parse_unsigned(wire.substr(9, 3)).value_or(0));
  for (const std::string_view line : pacs::split(wire.substr(0, end), '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || line.starts_with("HTTP/")) continue;
    std::string_view value = line.substr(colon + 1);
    if (value.ends_with('\r')) value.remove_suffix(1);
    answer.headers.add(line.substr(0, colon), pacs::trim(value));
  }
  answer.body = wire.substr(end + 4);
  return answer;
}

void check_answer(const Answer& answer) {
  FUZZ_CHECK(answer.status == 200 || answer.status == 206 || answer.status == 304 ||
             answer.status == 412 || answer.status == 416);
  if (answer.status == 304) FUZZ_CHECK(answer.body.empty());
  if (const auto length = answer.headers.find("Content-Length")) {
    FUZZ_CHECK(pacs::parse_unsigned(*length) == answer.body.size());
  }
  if (answer.status == 200) FUZZ_CHECK(answer.body == kBody);
  const auto range = answer.headers.find("Content-Range");
  if (answer.status != 206 || !range) return;
  // "bytes 0-9/62"
  const size_t dash = range->find('-');
  const size_t slash = range->find('/');
  const auto first = pacs::parse_unsigned(range->substr(6, dash - 6));
  const auto last = pacs::parse_unsigned(range->substr(dash + 1, slash - dash - 1));
  FUZZ_CHECK(first && last && *first <= *last && *last < kBody.size());
  FUZZ_CHECK(answer.body == kBody.substr(*first, *last - *first + 1));
}

void check_date(std::string_view text) {
  const auto time = parse_http_date(text);
  if (!time) return;
  FUZZ_CHECK(*time % 1000 == 0);
  FUZZ_CHECK(parse_http_date(pacs::to_http_date(*time)) == time);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pacs::fuzz::Input input(data, size);
  pacs::MemorySource no_body({});
  Request request(no_body);
  while (!input.empty()) {
    const std::string_view line = input.take_line();
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view value = pacs::trim(line.substr(colon + 1));
    request.headers.add(line.substr(0, colon), value);
    check_date(value);
  }
  StringWire wire;
  ResponseTerms terms;
  terms.request_id = "r1";
  ResponseWriter writer(wire, std::move(terms));
  MemoryBody body(pacs::as_bytes(kBody));
  RangedResponse response;
  response.content_type = "application/dicom";
  response.validators = {quoted_etag("abc"), kModified};
  FUZZ_CHECK(send_ranged(request, writer, body, response).has_value());
  FUZZ_CHECK(writer.complete());
  check_answer(parse_answer(wire.text()));
  return 0;
}
