// ZIP files that are imported: no more comes out than the limits allow, of no entry more than an
// image may have, and each entry is told about once.
#include <algorithm>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "cli/import_zip.h"
#include "core/file.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs;
using namespace pacs::cli;

constexpr ZipLimits kLimits = {.entries_max = 20,
                               .growth_max = 200,
                               .output_bytes_always = 256 * 1024,
                               .memory_bytes_max = 16 * 1024};
constexpr uint64_t kImageBytesMax = 64 * 1024;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = fuzz::Input(data, size).rest();
  UniqueFd file(::memfd_create("zip", MFD_CLOEXEC));
  FUZZ_CHECK(file.get() >= 0 && write_all(file.get(), as_bytes(text)));
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());

  size_t entries = 0;
  uint64_t bytes_out = 0;
  const ImportSink sink{
      .take =
          [&](ImportItem item) {
            ++entries;
            FUZZ_CHECK(item.content != nullptr && item.content->size() <= kImageBytesMax);
            FUZZ_CHECK(item.place.starts_with(path + ": "));
            bytes_out += item.content->size();
            return true;
          },
      .leave_out =
          [&](const ImportResult& result) {
            ++entries;
            FUZZ_CHECK(!result.code.empty() && result.outcome != ImportOutcome::stored);
          }};
  FUZZ_CHECK(find_images_in_zip(
      path, {.kinds = ImportKinds::dicom, .image_bytes_max = kImageBytesMax}, sink, kLimits));
  FUZZ_CHECK(entries <= kLimits.entries_max + 1);
  FUZZ_CHECK(bytes_out <= std::max(kLimits.output_bytes_always, size * kLimits.growth_max));
  return 0;
}
