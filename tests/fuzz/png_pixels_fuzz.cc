// The pixels of a PNG: as many bytes as its header promises, or none that are taken for them.
#include "dicom/random_access.h"
#include "pixel/png_rows.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

class CountingSink final : public pacs::ByteSink {
 public:
  pacs::Result<void> write(pacs::Bytes bytes) override {
    size_bytes += bytes.size();
    return {};
  }
  uint64_t size_bytes = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const pacs::dicom::MemoryAccess file(pacs::as_bytes(pacs::fuzz::Input(data, size).rest()));
  const auto format = pacs::pixel::read_png_format(file);
  if (!format || format->size_bytes() > (1 << 22)) return 0;
  CountingSink sink;
  const auto written = pacs::pixel::write_png_pixels(file, *format, sink);
  FUZZ_CHECK(sink.size_bytes <= format->size_bytes());
  FUZZ_CHECK(!written || sink.size_bytes == format->size_bytes());
  return 0;
}
