// Request targets and query strings: what is decoded is clean UTF-8, and encoding it and reading it
// again gives the same.
#include <algorithm>

#include "core/text.h"
#include "http/uri.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs::http;

bool is_clean(std::string_view text) {
  return pacs::is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

void check_query(std::string_view text) {
  const auto parameters = parse_query(text);
  if (!parameters) return;
  FUZZ_CHECK(parameters->size() <= kQueryParametersMax);
  for (const auto& [name, value] : *parameters) FUZZ_CHECK(is_clean(name) && is_clean(value));
  const auto again = parse_query(encode_query(*parameters));
  FUZZ_CHECK(again && *again == *parameters);
}

void check_decoding(std::string_view text) {
  FUZZ_CHECK(percent_encode(text).find_first_of("/?#& %\"") == std::string::npos ||
             percent_encode(text).find('%') != std::string::npos);
  const auto decoded = percent_decode(text);
  if (!decoded) return;
  FUZZ_CHECK(is_clean(*decoded) && decoded->size() <= text.size());
  FUZZ_CHECK(percent_decode(percent_encode(*decoded)) == decoded);
  FUZZ_CHECK(percent_decode(percent_encode_path(*decoded)) == decoded);
}

void check_target(std::string_view text) {
  const auto target = parse_request_target(text);
  if (!target) return;
  FUZZ_CHECK(target->path == "*" || target->path.starts_with('/'));
  FUZZ_CHECK(target->path.find('?') == std::string::npos);
  FUZZ_CHECK(target->authority.has_value() == target->scheme.has_value());
  if (target->authority) FUZZ_CHECK(is_host(*target->authority));
  FUZZ_CHECK(!target->scheme || *target->scheme == "http" || *target->scheme == "https");
  // The same in its origin form.
  if (target->path == "*") return;
  const bool has_query = text.find('?') != std::string_view::npos;
  const std::string origin_form = target->path + (has_query ? "?" + target->query : "");
  const auto again = parse_request_target(origin_form);
  FUZZ_CHECK(again && again->path == target->path && again->query == target->query);
}

void check_url(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) return;
  const auto again =
      parse_url(url->scheme + "://" + url->host + ":" + std::to_string(url->port) + url->target);
  FUZZ_CHECK(again && again->host == url->host && again->port == url->port &&
             again->target == url->target);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = pacs::fuzz::Input(data, size).rest();
  check_query(text);
  check_decoding(text);
  check_target(text);
  check_url(text);
  return 0;
}
