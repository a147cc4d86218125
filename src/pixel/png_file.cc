// PNG (ISO/IEC 15948) by libspng.
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <spng.h>

#include "pixel/icc_profile.h"
#include "pixel/picture_file.h"

namespace pacs::pixel {
namespace {

// A chunk that is no image data; those that are larger are skipped.
constexpr size_t kPngChunkBytesMax = size_t{4} << 20;
constexpr size_t kPngChunkCacheBytesMax = size_t{8} << 20;
constexpr uint32_t kPngSideMax = 65'535;
// For bodies that compress to a third, a fast level costs a tenth more bytes and half the time.
constexpr int kPngCompressionLevel = 4;

using PngContext = std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)>;

Error png_not_read() { return invalid_argument("pixel_data", "the PNG file is damaged"); }
Error png_not_written() {
  return internal_error("png_encoder", "the picture could not be encoded");
}

}  // namespace

Result<std::string> to_png(const Picture& picture, Bytes profile) {
  const PngContext context(spng_ctx_new(SPNG_CTX_ENCODER), &spng_ctx_free);
  if (!context) return png_not_written();
  spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1);
  spng_set_option(context.get(), SPNG_IMG_COMPRESSION_LEVEL, kPngCompressionLevel);
  spng_ihdr header{};
  header.width = picture.width;
  header.height = picture.height;
  header.bit_depth = 8;
  header.color_type = picture.colour == Picture::Colour::rgb ? SPNG_COLOR_TYPE_TRUECOLOR
                                                             : SPNG_COLOR_TYPE_GRAYSCALE;
  if (spng_set_ihdr(context.get(), &header) != 0) return png_not_written();
  spng_iccp icc{};
  std::string copy(as_text(profile));
  if (!profile.empty()) {
    std::string("ICC profile").copy(icc.profile_name, sizeof(icc.profile_name) - 1);
    icc.profile = copy.data();
    icc.profile_len = copy.size();
    if (spng_set_iccp(context.get(), &icc) != 0) return png_not_written();
  }
  if (spng_encode_image(context.get(), picture.samples.data(), picture.samples.size(), SPNG_FMT_PNG,
                        SPNG_ENCODE_FINALIZE) != 0) {
    return png_not_written();
  }
  size_t size = 0;
  int error = 0;
  void* file = spng_get_png_buffer(context.get(), &size, &error);
  if (file == nullptr) return png_not_written();
  std::string bytes(static_cast<const char*>(file), size);
  std::free(file);  // NOLINT: libspng took it by malloc
  return bytes;
}

Result<Picture> from_png(Bytes file) {
  const PngContext context(spng_ctx_new(0), &spng_ctx_free);
  if (!context) return png_not_read();
  spng_set_image_limits(context.get(), kPngSideMax, kPngSideMax);
  spng_set_chunk_limits(context.get(), kPngChunkBytesMax, kPngChunkCacheBytesMax);
  spng_ihdr header{};
  if (spng_set_png_buffer(context.get(), file.data(), file.size()) != 0 ||
      spng_get_ihdr(context.get(), &header) != 0) {
    return png_not_read();
  }
  if (uint64_t{header.width} * header.height > kPicturePixelsMax) {
    return unsupported("pixel_format", "the image has more pixels than a picture may have");
  }
  size_t size = 0;
  if (spng_decoded_image_size(context.get(), SPNG_FMT_RGBA8, &size) != 0) return png_not_read();
  std::vector<uint8_t> rgba(size);
  if (spng_decode_image(context.get(), rgba.data(), size, SPNG_FMT_RGBA8, SPNG_DECODE_TRNS) != 0) {
    return png_not_read();
  }
  const bool is_grey = header.color_type == SPNG_COLOR_TYPE_GRAYSCALE ||
                       header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA;
  Picture picture = blank_picture(header.width, header.height,
                                  is_grey ? Picture::Colour::grey : Picture::Colour::rgb);
  const size_t channels = picture.channels();
  for (size_t pixel = 0; pixel < picture.pixels(); ++pixel) {
    const uint8_t* from = rgba.data() + pixel * 4;
    for (size_t channel = 0; channel < channels; ++channel) {
      picture.samples[pixel * channels + channel] =
          static_cast<uint8_t>((unsigned{from[channel]} * from[3] + 127) / 255);
    }
  }
  return picture;
}

}  // namespace pacs::pixel
