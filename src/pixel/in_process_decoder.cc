#include "pixel/in_process_decoder.h"

#include <bit>
#include <new>
#include <utility>

#include "dicom/transfer_syntax.h"
#include "pixel/colour_conversion.h"
#include "pixel/high_throughput.h"
#include "pixel/jpeg_2000.h"
#include "pixel/jpeg_8_bit.h"
#include "pixel/jpeg_deep.h"
#include "pixel/jpeg_ls.h"
#include "pixel/native_frame.h"
#include "pixel/rle.h"
#include "pixel/samples.h"

namespace pacs::pixel {
namespace {

using dicom::PixelCodec;

// Which JPEG a stream is it says itself; devices have put one under the transfer syntax of another.
Result<Frame> decode_jpeg_family(const PixelFormat& stated, Bytes stored) {
  const JpegHeader header = PACS_TRY(read_jpeg_header(stored));
  switch (header.process) {
    case 0:
    case 1:
    case 2:
    case 9:
    case 10:
      return header.picture.precision == 8 ? decode_jpeg_8_bit(stated, header, stored)
                                           : decode_jpeg_deep(stated, header, stored);
    case 3:
      return decode_jpeg_deep(stated, header, stored);
    case 55:
      return decode_jpeg_ls(stated, header, stored);
    default:
      return broken_frame("the JPEG process of the stream is one that nothing here decodes");
  }
}

Result<Frame> decode_jpeg_2000_family(const PixelFormat& stated, Bytes stored) {
  const Jpeg2000Header header = PACS_TRY(read_jpeg_2000_header(stored));
  return header.is_high_throughput ? decode_high_throughput(stated, header)
                                   : decode_jpeg_2000(stated, header);
}

Result<Frame> decode_by(const dicom::TransferSyntax& syntax, const PixelFormat& stated,
                        Bytes stored) {
  switch (syntax.codec) {
    case PixelCodec::native:
    case PixelCodec::encapsulated_uncompressed:
      return decode_native(stated, syntax.byte_order, stored);
    case PixelCodec::rle:
      return decode_rle(stated, stored);
    case PixelCodec::jpeg:
    case PixelCodec::jpeg_lossless:
    case PixelCodec::jpeg_ls:
      return decode_jpeg_family(stated, stored);
    default:
      return decode_jpeg_2000_family(stated, stored);
  }
}

}  // namespace

bool is_decoded_by_own_code(std::string_view transfer_syntax_uid) {
  const dicom::TransferSyntax* const syntax = dicom::find_transfer_syntax(transfer_syntax_uid);
  return syntax != nullptr && (syntax->codec == PixelCodec::native ||
                               syntax->codec == PixelCodec::encapsulated_uncompressed ||
                               syntax->codec == PixelCodec::rle);
}

bool can_decode(std::string_view transfer_syntax_uid) {
  const dicom::TransferSyntax* const syntax = dicom::find_transfer_syntax(transfer_syntax_uid);
  if (syntax == nullptr) return false;
  switch (syntax->codec) {
    case PixelCodec::native:
    case PixelCodec::encapsulated_uncompressed:
    case PixelCodec::rle:
    case PixelCodec::jpeg:
    case PixelCodec::jpeg_lossless:
    case PixelCodec::jpeg_ls:
    case PixelCodec::jpeg_2000:
    case PixelCodec::high_throughput_jpeg_2000:
      return true;
    default:
      return false;
  }
}

Result<Frame> InProcessDecoder::decode(std::string_view transfer_syntax_uid,
                                       const PixelFormat& stated, Bytes stored) {
  if (!can_decode(transfer_syntax_uid)) {
    return unsupported("transfer_syntax", "no decoder is there for this transfer syntax");
  }
  try {
    return decode_by(*dicom::find_transfer_syntax(transfer_syntax_uid), stated, stored);
  } catch (const std::bad_alloc&) {
    return resource_exhausted("decoding", "the frame needs more memory than a frame may take");
  }
}

Result<Frame> InProcessDecoder::decode_given(std::string_view transfer_syntax_uid,
                                             const PixelFormat& stated, ByteVector stored) {
  const dicom::TransferSyntax* const syntax = dicom::find_transfer_syntax(transfer_syntax_uid);
  if (syntax != nullptr && syntax->codec == PixelCodec::native &&
      syntax->byte_order == std::endian::little) {
    return adopt_native(stated, std::move(stored));
  }
  return decode(transfer_syntax_uid, stated, stored);
}

Result<Frame> InProcessDecoder::convert_colours(const PixelFormat& format, Bytes request) {
  try {
    return convert_pixels(format, request);
  } catch (const std::bad_alloc&) {
    return resource_exhausted("decoding", "the picture needs more memory than a frame may take");
  }
}

}  // namespace pacs::pixel
