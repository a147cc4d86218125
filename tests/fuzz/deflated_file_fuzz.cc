// A deflated data set (PS3.5 A.5) says the same as the data set that was deflated. The input is the
// latter: through the deflated bytes a fuzzer would not find its way.
#include <string>

#include <zlib.h>

#include "dicom/dicom_json.h"
#include "dicom/header_reader.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/support/dicom_builder.h"

namespace {

using namespace pacs::dicom;
using pacs::testing::DicomBuilder;

constexpr uint64_t kInflatedSizeMax = 1 << 20;
constexpr HeaderLimits kLimits = {.inflated_size_max = kInflatedSizeMax};

std::string deflated(std::string_view text, int level) {
  z_stream stream{};
  FUZZ_CHECK(deflateInit2(&stream, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string bytes(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  FUZZ_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

std::string meta_of(std::string_view transfer_syntax_uid) {
  return DicomBuilder().transfer_syntax(transfer_syntax_uid).build();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::string plain_meta = meta_of(kExplicitVrLittleEndian);
  static const std::string whole_deflated_meta = meta_of(kDeflatedExplicitVrLittleEndian);
  // What build() deflated for an empty data set is not ours.
  static const std::string deflated_meta = whole_deflated_meta.substr(
      0,
      whole_deflated_meta.size() -
          DicomBuilder().transfer_syntax(kDeflatedExplicitVrLittleEndian).build_data_set().size());
  pacs::fuzz::Input input(data, size);
  const int level = input.take_byte() % 10;
  const std::string_view text = input.rest();

  const std::string plain_file = plain_meta + std::string(text);
  const std::string deflated_file = deflated_meta + deflated(text, level);
  const auto plain = read_header(MemoryAccess(pacs::as_bytes(plain_file)), kLimits);
  const auto packed = read_header(MemoryAccess(pacs::as_bytes(deflated_file)), kLimits);
  if (plain && packed) {
    FUZZ_CHECK(to_dicom_json(plain->data_set) == to_dicom_json(packed->data_set));
    FUZZ_CHECK(plain->pixel_data.has_value() == packed->pixel_data.has_value());
  }
  // Where a plain file ends is known beforehand, where an inflated one does is not: so a length may
  // be taken for nonsense in the one alone. Else both are taken or neither.
  if (plain && !packed) {
    FUZZ_CHECK(packed.error().reason != "malformed" || plain->contradicts_transfer_syntax);
  }

  // The same bytes as if they were deflated already: anything but a crash.
  const std::string raw_file = deflated_meta + std::string(text);
  const auto raw = read_header(MemoryAccess(pacs::as_bytes(raw_file)), kLimits);
  if (!raw) FUZZ_CHECK(raw.error().code == pacs::ErrorCode::invalid_argument);
  return 0;
}
