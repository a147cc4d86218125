// ZIP files as they come over the network: reading ends, no more comes out than the limits allow,
// and what is broken stays so.
#include <algorithm>
#include <string>

#include "http/zip_reader.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs::http;

constexpr ZipReaderLimits kLimits = {.growth_max = 200, .output_bytes_always = 256 * 1024};
constexpr size_t kMembersMax = 1'000;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pacs::fuzz::Input input(data, size);
  const size_t piece = size_t{input.take_byte()} * 16 + 1;
  pacs::fuzz::PiecewiseSource source(input.rest(), piece);
  auto zip = ZipReader::of_stream(source, kLimits);
  if (!zip) {
    FUZZ_CHECK(zip.error().reason == "bad_zip");
    return 0;
  }
  const uint64_t bytes_max = std::max(kLimits.output_bytes_always, size * kLimits.growth_max);
  uint64_t bytes_out = 0;
  for (size_t members = 0; members < kMembersMax; ++members) {
    const auto member = zip->next_member();
    if (!member) {
      FUZZ_CHECK(zip->next_member().error().reason == member.error().reason);
      return 0;
    }
    if (!*member) {
      FUZZ_CHECK(input.rest().find("PK\x05\x06") != std::string_view::npos);
      return 0;
    }
    const auto body = pacs::read_all(zip->body(), bytes_max);
    if (body) bytes_out += body->size();
    FUZZ_CHECK(bytes_out <= bytes_max);
  }
  return 0;
}
