// Signed links: none is good but those that were signed, character for character, and none leaves
// MEDIA_URL. Input: a key, then "METHOD PATH?QUERY" as a stranger sends it, "@" being what the
// signed link for the key has at that place.
#include <string>

#include "core/object_key.h"
#include "storage/media_url.h"
#include "tests/fuzz/fixed_keys.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs;
using namespace pacs::storage;

constexpr int64_t kLifeMillis = 600'000;

// The text with each "@" replaced.
std::string filled_in(std::string_view text, std::string_view signed_part) {
  std::string out;
  for (const char c : text) {
    if (c == '@') {
      out += signed_part;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static fuzz::FixedKeys fixed;
  static const MediaUrl urls = MediaUrl::create("/media/", *fixed.keys, fixed.clock).value();
  fuzz::Input input(data, size);
  const auto key = ObjectKey::parse(input.take_line());
  const std::string_view method = input.take_line();
  const std::string_view sent_path = input.take_line();
  const std::string_view sent_query = input.rest();

  std::string signed_path;
  std::string signed_query;
  if (key) {
    const std::string url = urls.sign(*key, fixed.clock.now() + kLifeMillis).value();
    const size_t mark = url.find('?');
    signed_path = url.substr(0, mark);
    signed_query = url.substr(mark + 1);
    FUZZ_CHECK(urls.verify("GET", signed_path, signed_query).has_value());
    const auto named = urls.key_of(signed_path);
    FUZZ_CHECK(named && *named == *key);
  }
  const std::string path = filled_in(sent_path, signed_path);
  const std::string query = filled_in(sent_query, signed_query);
  if (urls.verify(method, path, query)) {
    FUZZ_CHECK(method == "GET" || method == "HEAD");
    FUZZ_CHECK(key && path == signed_path);
    FUZZ_CHECK(query.size() == signed_query.size());  // the parameters may change places
  }
  if (const auto named = urls.key_of(path)) {
    FUZZ_CHECK(path.starts_with("/media/radiology/") || path.find('%') != std::string::npos);
    FUZZ_CHECK(ObjectKey::parse(named->str()) == *named);
  }
  return 0;
}
