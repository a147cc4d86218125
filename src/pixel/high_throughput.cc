#include "pixel/high_throughput.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <mutex>
#include <new>
#include <stdexcept>
#include <vector>

#include <openjph/ojph_arch.h>
#include <openjph/ojph_base.h>
#include <openjph/ojph_codestream.h>
#include <openjph/ojph_file.h>
#include <openjph/ojph_mem.h>
#include <openjph/ojph_message.h>
#include <openjph/ojph_params.h>

#include "dicom/little_endian.h"

namespace pacs::pixel {
namespace {

// Of a lossy stream, in steps of the samples: what noise hides.
constexpr float kQuantizationSteps = 2;
constexpr uint32_t kLowestResolutionMax = 64;

// What it wants to say is said by its exceptions.
void silence_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    FILE* const nowhere = std::fopen("/dev/null", "we");
    if (nowhere == nullptr) return;
    ojph::set_info_stream(nowhere);
    ojph::set_warning_stream(nowhere);
    ojph::set_error_stream(nowhere);
  });
}

class OutputInMemory : public ojph::outfile_base {
 public:
  size_t write(const void* from, size_t size) override {
    const auto* bytes = static_cast<const std::byte*>(from);
    bytes_.insert(bytes_.end(), bytes, bytes + size);
    return size;
  }
  ojph::si64 tell() override { return static_cast<ojph::si64>(bytes_.size()); }
  ByteVector take() { return std::move(bytes_); }

 private:
  ByteVector bytes_;
};

// Lines come component by component, or interleaved; each says which component it is of.
// Those of a lossy stream may lie beyond the range that they came from.
void pull_lines(ojph::codestream& codestream, const CodedPicture& coded, FrameWriter& writer) {
  const unsigned samples = coded.components;
  const auto range = int64_t{1} << coded.precision;
  const auto low = static_cast<int32_t>(coded.is_signed ? -range / 2 : 0);
  const auto high = static_cast<int32_t>(coded.is_signed ? range / 2 - 1 : range - 1);
  std::vector<uint32_t> next_row(samples, 0);
  for (uint64_t line = 0; line < uint64_t{coded.rows} * samples; ++line) {
    ojph::ui32 component = 0;
    const ojph::line_buf* const pulled = codestream.pull(component);
    if (pulled == nullptr || component >= samples || pulled->size < coded.columns ||
        next_row[component] >= coded.rows) {
      throw std::runtime_error("a line is missing");
    }
    uint64_t index = uint64_t{next_row[component]++} * coded.columns * samples + component;
    for (uint32_t x = 0; x < coded.columns; ++x, index += samples) {
      writer.put(index, std::clamp(pulled->i32[x], low, high));
    }
  }
}

void describe_picture(ojph::codestream& codestream, const PixelFormat& format,
                      HighThroughput kind) {
  ojph::param_siz size = codestream.access_siz();
  size.set_image_extent(ojph::point(format.columns, format.rows));
  size.set_num_components(format.samples_per_pixel);
  for (unsigned i = 0; i < format.samples_per_pixel; ++i) {
    size.set_component(i, ojph::point(1, 1), format.bits_stored, format.is_signed);
  }
  ojph::param_cod coding = codestream.access_cod();
  uint32_t halvings = 0;
  while (halvings < 32 &&
         (std::max(format.rows, format.columns) - 1) >> halvings >= kLowestResolutionMax) {
    ++halvings;
  }
  coding.set_num_decomposition(halvings);
  coding.set_block_dims(64, 64);
  coding.set_progression_order("RPCL");
  coding.set_color_transform(format.photometric_interpretation == "RGB");
  coding.set_reversible(kind != HighThroughput::lossy);
  if (kind == HighThroughput::lossy) {
    const auto range = static_cast<float>(uint32_t{1} << format.bits_stored);
    codestream.access_qcd().set_irrev_quant(kQuantizationSteps / range);
  }
  codestream.set_planar(false);
}

void push_lines(ojph::codestream& codestream, const Frame& frame) {
  const PixelFormat& format = frame.format;
  ojph::ui32 component = 0;
  ojph::line_buf* line = codestream.exchange(nullptr, component);
  for (uint32_t y = 0; y < format.rows; ++y) {
    for (unsigned i = 0; i < format.samples_per_pixel; ++i) {
      const uint64_t first = uint64_t{y} * format.columns;
      for (uint32_t x = 0; x < format.columns; ++x) {
        line->i32[x] = sample_at(frame, first + x, component);
      }
      line = codestream.exchange(line, component);
    }
  }
}

// Puts a TLM marker (T.800 A.7.1) before the first tile part, unless the library has: one tile, one
// part. Psot of that part is its length.
Result<ByteVector> with_tile_lengths(ByteVector stream) {
  const Bytes bytes = stream;
  const auto word = [&](size_t at) { return dicom::load_u16(bytes.data() + at, std::endian::big); };
  size_t at = 2;
  while (at + 12 <= bytes.size() && word(at) != 0xFF90) {
    if (word(at) == 0xFF55) return stream;
    at += 2 + size_t{word(at + 2)};
  }
  if (at + 12 > bytes.size()) return internal_error("encoding", "the stream has no tile");
  constexpr std::array<uint8_t, 6> kTileLengths = {0xFF, 0x55, 0x00, 0x08, 0x00, 0x40};
  ByteVector marker;
  for (const uint8_t byte : kTileLengths) marker.push_back(std::byte{byte});
  marker.insert(marker.end(), bytes.begin() + static_cast<ptrdiff_t>(at + 6),
                bytes.begin() + static_cast<ptrdiff_t>(at + 10));
  stream.insert(stream.begin() + static_cast<ptrdiff_t>(at), marker.begin(), marker.end());
  return stream;
}

}  // namespace

Result<Frame> decode_high_throughput(const PixelFormat& stated, const Jpeg2000Header& header) {
  PixelFormat format = PACS_TRY(decoded_format(stated, header.picture));
  if (format.photometric_interpretation == "YBR_RCT" ||
      format.photometric_interpretation == "YBR_ICT") {
    format.photometric_interpretation = "RGB";
  }
  silence_library();
  FrameWriter writer(format, header.picture, header.picture.precision);
  try {
    ojph::mem_infile file;
    file.open(reinterpret_cast<const ojph::ui8*>(header.codestream.data()),
              header.codestream.size());
    ojph::codestream codestream;
    codestream.read_headers(&file);
    const ojph::param_siz size = codestream.access_siz();
    for (unsigned i = 0; i < format.samples_per_pixel; ++i) {
      if (size.get_recon_width(i) != format.columns || size.get_recon_height(i) != format.rows) {
        return broken_frame("the components of the JPEG 2000 picture do not fit together");
      }
    }
    codestream.create();
    pull_lines(codestream, header.picture, writer);
    codestream.close();
  } catch (const std::bad_alloc&) {
    return resource_exhausted("decoding", "the HTJ2K decoder wanted more memory than there is");
  } catch (const std::exception&) {
    return broken_frame("the HTJ2K stream is damaged or ends too early");
  }
  return std::move(writer).finish();
}

Result<ByteVector> encode_high_throughput(const Frame& frame, HighThroughput kind) {
  silence_library();
  OutputInMemory output;
  try {
    ojph::codestream codestream;
    describe_picture(codestream, frame.format, kind);
    codestream.write_headers(&output);
    push_lines(codestream, frame);
    codestream.flush();
    codestream.close();
  } catch (const std::exception&) {
    return internal_error("encoding", "the HTJ2K encoder gave up");
  }
  return with_tile_lengths(output.take());
}

}  // namespace pacs::pixel
