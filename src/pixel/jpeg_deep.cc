#include "pixel/jpeg_deep.h"

#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmjpeg/djcparam.h>
#include <dcmtk/dcmjpeg/djdijg12.h>
#include <dcmtk/dcmjpeg/djdijg16.h>
#include <dcmtk/dcmjpeg/djdijg8.h>
#include <dcmtk/dcmjpeg/djeijg12.h>
#include <dcmtk/dcmjpeg/djeijg16.h>
#include <dcmtk/dcmjpeg/djeijg8.h>
#include <dcmtk/oflog/oflog.h>

#include "dicom/little_endian.h"

namespace pacs::pixel {
namespace {

constexpr uint32_t kLosslessProcess = 3;
constexpr int kFirstOrderPrediction = 1;

// What its codecs want to say is said by their results.
void silence_toolkit() {
  static std::once_flag once;
  std::call_once(once, [] { OFLog::configure(OFLogger::OFF_LOG_LEVEL); });
}

DJCodecParameter codec_parameters() {
  return {ECC_lossyYCbCr, EDC_never, EUC_never, EPC_colorByPixel};
}

std::unique_ptr<DJDecoder> decoder_for(uint32_t precision, const DJCodecParameter& parameters) {
  if (precision <= 8) return std::make_unique<DJDecompressIJG8Bit>(parameters, OFFalse);
  if (precision <= 12) return std::make_unique<DJDecompressIJG12Bit>(parameters, OFFalse);
  return std::make_unique<DJDecompressIJG16Bit>(parameters, OFFalse);
}

std::unique_ptr<DJEncoder> encoder_for(uint32_t bits, const DJCodecParameter& parameters) {
  if (bits <= 8) {
    return std::make_unique<DJCompressIJG8Bit>(parameters, EJM_lossless, kFirstOrderPrediction, 0);
  }
  if (bits <= 12) {
    return std::make_unique<DJCompressIJG12Bit>(parameters, EJM_lossless, kFirstOrderPrediction, 0);
  }
  return std::make_unique<DJCompressIJG16Bit>(parameters, EJM_lossless, kFirstOrderPrediction, 0);
}

}  // namespace

Result<Frame> decode_jpeg_deep(const PixelFormat& stated, const JpegHeader& header, Bytes stored) {
  const PixelFormat format = PACS_TRY(decoded_format(stated, header.picture));
  const uint32_t precision = header.picture.precision;
  if (precision > 16 || precision < 2 || (header.process != kLosslessProcess && precision > 12)) {
    return broken_frame("no JPEG has samples of so many bits");
  }
  silence_toolkit();
  const DJCodecParameter parameters = codec_parameters();
  const auto decoder = decoder_for(precision, parameters);
  const uint64_t samples = uint64_t{format.rows} * format.columns * format.samples_per_pixel;
  const size_t bytes_each = decoder->bytesPerSample();
  ByteVector pixels(static_cast<size_t>(samples) * bytes_each);
  if (decoder->init().bad()) return resource_exhausted("decoding", "no memory for a JPEG decoder");
  ByteVector input(stored.begin(), stored.end());
  const OFCondition result =
      decoder->decode(reinterpret_cast<Uint8*>(input.data()), static_cast<Uint32>(input.size()),
                      reinterpret_cast<Uint8*>(pixels.data()), static_cast<Uint32>(pixels.size()),
                      stated.is_signed ? OFTrue : OFFalse);
  if (result.bad()) return broken_frame("the JPEG stream is damaged or ends too early");
  FrameWriter writer(format, header.picture, format.bits_stored);
  for (uint64_t i = 0; i < samples; ++i) {
    writer.put(i, bytes_each == 1 ? static_cast<int32_t>(pixels[i])
                                  : dicom::load_little_endian<uint16_t>(pixels.data() + 2 * i));
  }
  return std::move(writer).finish();
}

Result<ByteVector> encode_jpeg_lossless(const Frame& frame) {
  const PixelFormat& format = frame.format;
  silence_toolkit();
  const DJCodecParameter parameters = codec_parameters();
  const auto encoder = encoder_for(format.bits_stored, parameters);
  const uint64_t pixels = uint64_t{format.rows} * format.columns;
  const uint32_t mask = (uint32_t{1} << format.bits_stored) - 1;
  std::vector<Uint16> wide;
  std::vector<Uint8> narrow;
  const bool is_wide = encoder->bytesPerSample() == 2;
  is_wide ? wide.reserve(pixels * format.samples_per_pixel)
          : narrow.reserve(pixels * format.samples_per_pixel);
  for (uint64_t pixel = 0; pixel < pixels; ++pixel) {
    for (unsigned sample = 0; sample < format.samples_per_pixel; ++sample) {
      const uint32_t value = static_cast<uint32_t>(sample_at(frame, pixel, sample)) & mask;
      is_wide ? wide.push_back(static_cast<Uint16>(value))
              : narrow.push_back(static_cast<Uint8>(value));
    }
  }
  // Of a lossless stream it asks the colours only to convert none.
  const EP_Interpretation colours = format.samples_per_pixel == 3 ? EPI_RGB : EPI_Monochrome2;
  Uint8* memory = nullptr;
  Uint32 size = 0;
  const auto columns = static_cast<Uint16>(format.columns);
  const auto rows = static_cast<Uint16>(format.rows);
  const OFCondition result = is_wide
                                 ? encoder->encode(columns, rows, colours, format.samples_per_pixel,
                                                   wide.data(), memory, size)
                                 : encoder->encode(columns, rows, colours, format.samples_per_pixel,
                                                   narrow.data(), memory, size);
  const std::unique_ptr<Uint8[]> owned(memory);
  if (result.bad() || !owned)
    return internal_error("encoding", "the lossless JPEG encoder gave up");
  const Bytes all(reinterpret_cast<const std::byte*>(owned.get()), size);
  return ByteVector(all.begin(), all.end());
}

}  // namespace pacs::pixel
