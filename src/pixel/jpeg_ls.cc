#include "pixel/jpeg_ls.h"

#include <new>

#include <charls/charls.h>

#include "dicom/little_endian.h"

namespace pacs::pixel {
namespace {

size_t bytes_of_jpeg_ls_sample(uint32_t bits) { return bits <= 8 ? 1 : 2; }

// Some encoders leave a byte behind the last scan where a marker must be. All samples are there
// then, unless each component has a scan of its own.
void decode_scans(const charls::jpegls_decoder& decoder, bool is_planar, ByteVector& decoded) {
  try {
    decoder.decode(decoded.data(), decoded.size());
  } catch (const charls::jpegls_error& error) {
    const bool has_one_scan = !is_planar || decoder.frame_info().component_count == 1;
    if (error.code() != charls::jpegls_errc::jpeg_marker_start_byte_not_found || !has_one_scan) {
      throw;
    }
  }
}

}  // namespace

Result<Frame> decode_jpeg_ls(const PixelFormat& stated, const JpegHeader& header, Bytes stored) {
  const PixelFormat format = PACS_TRY(decoded_format(stated, header.picture));
  if (header.picture.precision > 16 || header.picture.precision < 2) {
    return broken_frame("no JPEG-LS has samples of so many bits");
  }
  const uint64_t pixels = uint64_t{format.rows} * format.columns;
  const size_t bytes_each = bytes_of_jpeg_ls_sample(header.picture.precision);
  ByteVector decoded(static_cast<size_t>(pixels) * format.samples_per_pixel * bytes_each);
  bool is_planar = false;
  try {
    charls::jpegls_decoder decoder(stored.data(), stored.size(), true);
    const charls::frame_info& picture = decoder.frame_info();
    if (picture.width != format.columns || picture.height != format.rows ||
        static_cast<uint32_t>(picture.component_count) != format.samples_per_pixel ||
        static_cast<uint32_t>(picture.bits_per_sample) != header.picture.precision) {
      return broken_frame("the JPEG-LS stream contradicts its own header");
    }
    is_planar = decoder.interleave_mode() == charls::interleave_mode::none;
    decode_scans(decoder, is_planar, decoded);
  } catch (const std::bad_alloc&) {
    return resource_exhausted("decoding", "the JPEG-LS decoder wanted more memory than there is");
  } catch (const std::exception&) {
    return broken_frame("the JPEG-LS stream is damaged or ends too early");
  }
  FrameWriter writer(format, header.picture, format.bits_stored);
  const unsigned samples = format.samples_per_pixel;
  for (uint64_t pixel = 0; pixel < pixels; ++pixel) {
    for (unsigned sample = 0; sample < samples; ++sample) {
      const uint64_t from = is_planar ? sample * pixels + pixel : pixel * samples + sample;
      writer.put(pixel * samples + sample,
                 bytes_each == 1 ? static_cast<int32_t>(decoded[from])
                                 : dicom::load_little_endian<uint16_t>(decoded.data() + 2 * from));
    }
  }
  return std::move(writer).finish();
}

Result<ByteVector> encode_jpeg_ls(const Frame& frame, int near) {
  const PixelFormat& format = frame.format;
  const uint64_t pixels = uint64_t{format.rows} * format.columns;
  const size_t bytes_each = bytes_of_jpeg_ls_sample(format.bits_stored);
  const uint32_t mask = (uint32_t{1} << format.bits_stored) - 1;
  ByteVector samples;
  samples.reserve(static_cast<size_t>(pixels) * format.samples_per_pixel * bytes_each);
  for (uint64_t pixel = 0; pixel < pixels; ++pixel) {
    for (unsigned sample = 0; sample < format.samples_per_pixel; ++sample) {
      const uint32_t value = static_cast<uint32_t>(sample_at(frame, pixel, sample)) & mask;
      samples.push_back(static_cast<std::byte>(value));
      if (bytes_each == 2) samples.push_back(static_cast<std::byte>(value >> 8));
    }
  }
  try {
    charls::jpegls_encoder encoder;
    encoder.frame_info({format.columns, format.rows, format.bits_stored, format.samples_per_pixel})
        .near_lossless(near)
        .interleave_mode(format.samples_per_pixel == 1 ? charls::interleave_mode::none
                                                       : charls::interleave_mode::sample);
    ByteVector encoded(encoder.estimated_destination_size());
    encoder.destination(encoded.data(), encoded.size());
    encoded.resize(encoder.encode(samples.data(), samples.size()));
    return encoded;
  } catch (const std::exception&) {
    return internal_error("encoding", "the JPEG-LS encoder gave up");
  }
}

}  // namespace pacs::pixel
