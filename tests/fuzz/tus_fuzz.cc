// The fields of resumable uploads: what Upload-Metadata holds comes out byte for byte, and no
// number or checksum is taken that is not one. Input: Upload-Length, Upload-Checksum,
// Upload-Metadata, a line each.
#include <string>

#include "core/bytes.h"
#include "core/text.h"
#include "http/request.h"
#include "rest/tus_fields.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs;
using namespace pacs::rest;

constexpr size_t kTextBytesMax = 1 << 20;

void check_metadata(std::string_view text) {
  auto fields = parse_upload_metadata(text);
  if (!fields) {
    FUZZ_CHECK(fields.error().code == ErrorCode::invalid_argument);
    return;
  }
  for (const std::string_view untrimmed : split(text, ',')) {
    const std::string_view pair = trim(untrimmed);
    if (pair.empty()) continue;
    const size_t space = pair.find(' ');
    const std::string_view key = pair.substr(0, space);
    const auto value = from_base64(space == std::string_view::npos ? "" : pair.substr(space + 1));
    FUZZ_CHECK(value.has_value());
    const auto got = fields->find_text(key, kTextBytesMax);
    FUZZ_CHECK(got.has_value());
    FUZZ_CHECK(got->value_or("") == as_text(*value));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  MemorySource no_body({});
  http::Request request(no_body);
  const std::string_view length = input.take_line();
  const std::string_view checksum = input.take_line();
  const std::string_view metadata = input.rest();
  request.headers.add("Upload-Length", length);
  request.headers.add("Upload-Checksum", checksum);

  if (const auto number = read_number_header(request, "Upload-Length")) {
    FUZZ_CHECK(*number <= static_cast<uint64_t>(kIntegerMax));
    FUZZ_CHECK(length.find_first_not_of("0123456789") == std::string_view::npos);
  }
  if (auto digest = read_piece_digest(request)) {
    FUZZ_CHECK(digest->has_value());
    FUZZ_CHECK(checksum.starts_with("sha256 ") || checksum.starts_with("sha1 "));
    (*digest)->update(as_bytes(metadata));
    static_cast<void>((*digest)->matches());
  }
  check_metadata(metadata);
  // Several in one field and one twice are the same mistake.
  request.headers.add("Upload-Length", length);
  FUZZ_CHECK(!read_number_header(request, "Upload-Length"));
  return 0;
}
