#include "pixel/png_rows.h"

#include <algorithm>
#include <bit>
#include <optional>

#include <spng.h>

#include "dicom/picture_info.h"

namespace pacs::pixel {
namespace {

static_assert(std::endian::native == std::endian::little, "spng gives numbers of the host");

// What a chunk may ask for that is no pixel: none of these is looked at.
constexpr size_t kChunkBytesMax = size_t{8} << 20;

class PngStream {
 public:
  PngStream(const dicom::RandomAccess& file, const PngFormat& format)
      : file_(file), format_(format), decoder_(spng_ctx_new(0), &spng_ctx_free) {}

  Result<void> write(ByteSink& sink) {
    if (decoder_ == nullptr) return resource_exhausted("decoding", "no memory for a PNG");
    PACS_TRY(start());
    return is_interlaced_ ? write_at_once(sink) : write_rows(sink);
  }

 private:
  static int read(spng_ctx* /*decoder*/, void* user, void* to, size_t length) {
    auto& self = *static_cast<PngStream*>(user);
    const auto count = self.file_.read_at(self.offset_, {static_cast<std::byte*>(to), length});
    if (!count) {
      self.failure_ = count.error();
      return SPNG_IO_ERROR;
    }
    if (*count < length) return SPNG_IO_EOF;
    self.offset_ += length;
    return SPNG_OK;
  }

  Result<void> check(int state) {
    if (state == SPNG_OK) return {};
    if (failure_) return *failure_;
    return invalid_argument("pixel_data", "the PNG cannot be decoded");
  }

  Result<void> start() {
    PACS_TRY(check(
        spng_set_image_limits(decoder_.get(), dicom::kPictureSideMax, dicom::kPictureSideMax)));
    PACS_TRY(check(spng_set_chunk_limits(decoder_.get(), kChunkBytesMax, kChunkBytesMax)));
    PACS_TRY(check(spng_set_png_stream(decoder_.get(), &PngStream::read, this)));
    spng_ihdr header{};
    PACS_TRY(check(spng_get_ihdr(decoder_.get(), &header)));
    is_interlaced_ = header.interlace_method != SPNG_INTERLACE_NONE;
    const bool has_alpha = header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
                           header.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
    int form = SPNG_FMT_RGB8;
    decoded_samples_ = 3;
    if (format_.bits == 16) {
      form = has_alpha || format_.samples == 3 ? SPNG_FMT_RGBA16 : SPNG_FMT_PNG;
      decoded_samples_ = form == SPNG_FMT_PNG ? 1 : 4;
    } else if (format_.samples == 1 && !has_alpha) {
      form = SPNG_FMT_G8;
      decoded_samples_ = 1;
    }
    size_t size = 0;
    PACS_TRY(check(spng_decoded_image_size(decoder_.get(), form, &size)));
    decoded_row_bytes_ = uint64_t{format_.width} * decoded_samples_ * (format_.bits / 8);
    if (size != decoded_row_bytes_ * format_.height) {
      return invalid_argument("pixel_data", "the PNG is another one than its header said");
    }
    if (is_interlaced_ && size > kInterlacedBytesMax) {
      return resource_exhausted("decoding", "an interlaced PNG of this size is not decoded");
    }
    if (is_interlaced_) {
      whole_.resize(size);
      return check(spng_decode_image(decoder_.get(), whole_.data(), size, form, 0));
    }
    return check(spng_decode_image(decoder_.get(), nullptr, 0, form, SPNG_DECODE_PROGRESSIVE));
  }

  Result<void> write_rows(ByteSink& sink) {
    ByteVector row(static_cast<size_t>(decoded_row_bytes_));
    for (uint32_t y = 0; y < format_.height; ++y) {
      const int state = spng_decode_row(decoder_.get(), row.data(), row.size());
      const bool is_last = y + 1 == format_.height;
      if (!(is_last && state == SPNG_EOI)) PACS_TRY(check(state));
      PACS_TRY(write_row(row, sink));
    }
    return {};
  }

  Result<void> write_at_once(ByteSink& sink) {
    for (uint32_t y = 0; y < format_.height; ++y) {
      PACS_TRY(write_row(Bytes(whole_).subspan(static_cast<size_t>(decoded_row_bytes_ * y),
                                               static_cast<size_t>(decoded_row_bytes_)),
                         sink));
    }
    return {};
  }

  // Without the samples that are not wanted: alpha, or the copies of grey.
  Result<void> write_row(Bytes row, ByteSink& sink) {
    if (decoded_samples_ == format_.samples) return sink.write(row);
    const size_t pixel = size_t{decoded_samples_} * (format_.bits / 8);
    const size_t kept = size_t{format_.samples} * (format_.bits / 8);
    narrow_.resize(static_cast<size_t>(format_.row_bytes()));
    for (size_t x = 0; x < format_.width; ++x) {
      std::copy_n(row.begin() + static_cast<ptrdiff_t>(x * pixel), kept,
                  narrow_.begin() + static_cast<ptrdiff_t>(x * kept));
    }
    return sink.write(narrow_);
  }

  const dicom::RandomAccess& file_;
  const PngFormat& format_;
  std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> decoder_;
  uint64_t offset_ = 0;
  std::optional<Error> failure_;
  bool is_interlaced_ = false;
  unsigned decoded_samples_ = 3;
  uint64_t decoded_row_bytes_ = 0;
  ByteVector whole_;
  ByteVector narrow_;
};

}  // namespace

Result<PngFormat> read_png_format(const dicom::RandomAccess& file) {
  const dicom::PictureInfo picture = PACS_TRY(dicom::read_picture_info(file));
  if (picture.kind != dicom::MediaKind::png) {
    return unsupported("not_a_picture", "the file is no PNG");
  }
  PngFormat format;
  format.width = picture.width;
  format.height = picture.height;
  format.samples = picture.components >= 3 ? 3 : 1;
  format.bits = picture.bits == 16 ? 16 : 8;
  return format;
}

Result<void> write_png_pixels(const dicom::RandomAccess& file, const PngFormat& format,
                              ByteSink& sink) {
  return PngStream(file, format).write(sink);
}

}  // namespace pacs::pixel
