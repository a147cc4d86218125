// The header fields of an object: Content-Range on the first line, then metadata, one field a line.
// What is read of the metadata is written and read again as the same.
#include "core/text.h"
#include "storage/s3_metadata.h"
#include "storage/s3_reader.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  if (const auto range = storage::parse_content_range(input.take_line())) {
    const std::string written = "bytes " + std::to_string(range->first) + "-" +
                                std::to_string(range->first) + "/" +
                                std::to_string(range->size_bytes);
    const auto again = storage::parse_content_range(written);
    FUZZ_CHECK(again && again->first == range->first && again->size_bytes == range->size_bytes);
  }
  http::Headers headers;
  while (!input.empty()) {
    const std::string_view line = input.take_line();
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    headers.add(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  const storage::S3Metadata metadata = storage::S3Metadata::from_headers(headers);
  http::Headers again;
  metadata.add_to(again);
  const storage::S3Metadata read = storage::S3Metadata::from_headers(again);
  FUZZ_CHECK(read.json.value_or("") == metadata.json.value_or(""));
  FUZZ_CHECK(read.attributes_id == metadata.attributes_id && read.write_id == metadata.write_id);
  if (!metadata.json) return 0;
  if (const auto attributes = storage::BlobAttributes::from_json(*metadata.json)) {
    const std::string ascii = storage::to_ascii_json(*attributes);
    for (const char c : ascii) FUZZ_CHECK(c > ' ' && c < 0x7F);
    const auto same = storage::BlobAttributes::from_json(ascii);
    FUZZ_CHECK(same && *same == *attributes);
  }
  return 0;
}
