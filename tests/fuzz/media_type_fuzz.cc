// Content-Type, Accept and Accept-Encoding: what is taken can be written and read again; a list is
// sorted and bounded.
#include <algorithm>
#include <optional>

#include "http/headers.h"
#include "http/media_type.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs::http;

std::string in_quotes(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

std::string written(const MediaType& type) {
  std::string text = type.essence();
  for (const auto& [name, value] : type.parameters) text += ";" + name + "=" + in_quotes(value);
  return text;
}

void check_media_type(const MediaType& type) {
  FUZZ_CHECK(is_token(type.type) && is_token(type.subtype));
  for (const auto& [name, value] : type.parameters) {
    FUZZ_CHECK(is_token(name));
    FUZZ_CHECK(type.parameter(name) == &value);  // no name twice
  }
  const auto again = parse_media_type(written(type));
  FUZZ_CHECK(again && again->essence() == type.essence() && again->parameters == type.parameters);
}

void check_accept(std::string_view text) {
  const auto ranges = parse_accept(text);
  FUZZ_CHECK(ranges.size() <= kAcceptRangesMax);
  for (size_t i = 0; i < ranges.size(); ++i) {
    FUZZ_CHECK(ranges[i].quality_permille >= 0 && ranges[i].quality_permille <= 1000);
    FUZZ_CHECK(i == 0 || ranges[i - 1].quality_permille >= ranges[i].quality_permille);
    check_media_type(ranges[i].media_type);
    FUZZ_CHECK(ranges[i].media_type.type == "*" || ranges[i].media_type.subtype == "*" ||
               ranges[i].covers(ranges[i].media_type.essence()));
  }
  const int quality = accept_quality(std::string(text), "image/png");
  FUZZ_CHECK(quality >= 0 && quality <= 1000);
  const bool is_covered = std::any_of(ranges.begin(), ranges.end(), [](const AcceptRange& range) {
    return range.covers("image/png");
  });
  FUZZ_CHECK(is_covered || quality == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = pacs::fuzz::Input(data, size).rest();
  if (const auto type = parse_media_type(text)) check_media_type(*type);
  check_accept(text);
  for (const std::string& piece : split_outside_quotes(text, ',')) FUZZ_CHECK(!piece.empty());
  static_cast<void>(accepts_gzip(std::string(text)));
  return 0;
}
