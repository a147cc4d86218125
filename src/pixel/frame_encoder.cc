#include "pixel/frame_encoder.h"

#include <algorithm>
#include <array>
#include <new>

#include "dicom/transfer_syntax.h"
#include "pixel/colour.h"
#include "pixel/high_throughput.h"
#include "pixel/jpeg_2000.h"
#include "pixel/jpeg_8_bit.h"
#include "pixel/jpeg_deep.h"
#include "pixel/jpeg_ls.h"
#include "pixel/rle.h"

namespace pacs::pixel {
namespace {

enum class Encoding {
  native,
  rle,
  jpeg,
  jpeg_lossless,
  jpeg_ls,
  jpeg_ls_near,
  jpeg_2000,
  jpeg_2000_lossy,
  high_throughput,
  high_throughput_rpcl,
  high_throughput_lossy,
};

struct EncodingOfSyntax {
  std::string_view uid;
  Encoding encoding;
};

constexpr std::array kEncodings = {
    EncodingOfSyntax{dicom::kExplicitVrLittleEndian, Encoding::native},
    EncodingOfSyntax{dicom::kImplicitVrLittleEndian, Encoding::native},
    EncodingOfSyntax{"1.2.840.10008.1.2.5", Encoding::rle},
    EncodingOfSyntax{"1.2.840.10008.1.2.4.50", Encoding::jpeg},
    EncodingOfSyntax{"1.2.840.10008.1.2.4.70", Encoding::jpeg_lossless},
    EncodingOfSyntax{"1.2.840.10008.1.2.4.80", Encoding::jpeg_ls},
    EncodingOfSyntax{"1.2.840.10008.1.2.4.81", Encoding::jpeg_ls_near},
    EncodingOfSyntax{"1.2.840.10008.1.2.4.90", Encoding::jpeg_2000},
    EncodingOfSyntax{"1.2.840.10008.1.2.4.91", Encoding::jpeg_2000_lossy},
    EncodingOfSyntax{"1.2.840.10008.1.2.4.201", Encoding::high_throughput},
    EncodingOfSyntax{"1.2.840.10008.1.2.4.202", Encoding::high_throughput_rpcl},
    EncodingOfSyntax{"1.2.840.10008.1.2.4.203", Encoding::high_throughput_lossy},
};

const EncodingOfSyntax* find_encoding(std::string_view uid) {
  for (const EncodingOfSyntax& entry : kEncodings) {
    if (entry.uid == uid) return &entry;
  }
  return nullptr;
}

bool loses_information(Encoding encoding) {
  return encoding == Encoding::jpeg || encoding == Encoding::jpeg_ls_near ||
         encoding == Encoding::jpeg_2000_lossy || encoding == Encoding::high_throughput_lossy;
}

Error not_encodable(std::string_view detail) { return unsupported("encoding", detail); }

// What the transfer syntaxes cannot hold (PS3.5 8.2).
Result<void> check_encodable(Encoding encoding, const PixelFormat& format) {
  const std::string_view colours = format.photometric_interpretation;
  if (format.is_floating)
    return not_encodable("pixels that are floating point numbers stay native");
  if (encoding == Encoding::rle) return {};
  if (format.bits_allocated != 8 && format.bits_allocated != 16) {
    return not_encodable("this transfer syntax holds samples of 8 or 16 bits allocated");
  }
  if (format.samples_per_pixel != 1 && format.samples_per_pixel != 3) {
    return not_encodable("this transfer syntax holds one or three samples a pixel");
  }
  if (format.bits_stored < 2 && encoding != Encoding::jpeg_2000) {
    return not_encodable("this transfer syntax holds samples of two bits and more");
  }
  if (!loses_information(encoding)) return {};
  if (colours == "PALETTE COLOR") {
    return not_encodable("numbers of a palette bear no loss");
  }
  if (encoding == Encoding::jpeg && (format.bits_allocated != 8 || format.is_signed)) {
    return not_encodable("JPEG baseline holds unsigned samples of 8 bits");
  }
  if (encoding == Encoding::jpeg_ls_near && format.is_signed) {
    return not_encodable("near-lossless JPEG-LS knows no negative samples");
  }
  return {};
}

Result<ByteVector> encode_by(Encoding encoding, const Frame& frame) {
  switch (encoding) {
    case Encoding::native:
      return frame.bytes;
    case Encoding::rle:
      return encode_rle(frame);
    case Encoding::jpeg:
      return encode_jpeg_8_bit(frame, kJpegQuality);
    case Encoding::jpeg_lossless:
      return encode_jpeg_lossless(frame);
    case Encoding::jpeg_ls:
      return encode_jpeg_ls(frame, 0);
    case Encoding::jpeg_ls_near:
      return encode_jpeg_ls(frame, kNearLosslessDifference);
    case Encoding::jpeg_2000:
      return encode_jpeg_2000(frame, 0);
    case Encoding::jpeg_2000_lossy:
      return encode_jpeg_2000(frame, kJpeg2000Ratio);
    case Encoding::high_throughput:
      return encode_high_throughput(frame, HighThroughput::lossless);
    case Encoding::high_throughput_rpcl:
      return encode_high_throughput(frame, HighThroughput::lossless_rpcl);
    case Encoding::high_throughput_lossy:
      return encode_high_throughput(frame, HighThroughput::lossy);
  }
  return not_encodable("this transfer syntax is not encoded here");
}

std::string_view colours_after(Encoding encoding, std::string_view colours) {
  switch (encoding) {
    case Encoding::jpeg:
      return colours == "RGB" || colours == "YBR_FULL" ? "YBR_FULL_422" : colours;
    case Encoding::jpeg_2000:
    case Encoding::high_throughput:
    case Encoding::high_throughput_rpcl:
      return colours == "RGB" ? "YBR_RCT" : colours;
    case Encoding::jpeg_2000_lossy:
    case Encoding::high_throughput_lossy:
      return colours == "RGB" ? "YBR_ICT" : colours;
    default:
      return colours;
  }
}

Frame with_all_chrominances(const Frame& frame) {
  Frame whole;
  whole.format = frame.format;
  whole.format.photometric_interpretation = "YBR_FULL";
  whole.format.is_planar = false;
  whole.bytes.reserve(static_cast<size_t>(whole.format.frame_bytes()));
  const uint64_t pairs = (uint64_t{frame.format.columns} + 1) / 2;
  for (uint32_t y = 0; y < frame.format.rows; ++y) {
    for (uint32_t x = 0; x < frame.format.columns; ++x) {
      const std::byte* const pair = frame.bytes.data() + (y * pairs + x / 2) * 4;
      whole.bytes.insert(whole.bytes.end(), {pair[x % 2], pair[2], pair[3]});
    }
  }
  return whole;
}

}  // namespace

bool can_encode(std::string_view transfer_syntax_uid) {
  return find_encoding(transfer_syntax_uid) != nullptr;
}

Result<Frame> with_whole_pixels(const Frame& frame) {
  const PixelFormat& format = frame.format;
  if (frame.bytes.size() < format.frame_bytes()) {
    return internal_error("encoding", "a frame has fewer bytes than its pixels need");
  }
  if (format.photometric_interpretation == "YBR_FULL_422" && format.samples_per_pixel == 3) {
    if (format.bits_allocated != 8) {
      return not_encodable("halved chrominances of more than 8 bits are not known here");
    }
    return with_all_chrominances(frame);
  }
  Frame whole = frame;
  whole.format.is_planar = false;
  if (!format.is_planar || format.samples_per_pixel == 1) return whole;
  const size_t cell = format.bits_allocated / 8;
  const uint64_t pixels = uint64_t{format.rows} * format.columns;
  std::byte* to = whole.bytes.data();
  for (uint64_t pixel = 0; pixel < pixels; ++pixel) {
    for (uint64_t sample = 0; sample < format.samples_per_pixel; ++sample) {
      const std::byte* const from = frame.bytes.data() + (sample * pixels + pixel) * cell;
      to = std::copy(from, from + cell, to);
    }
  }
  return whole;
}

Result<Frame> as_rgb(Frame frame) {
  const PixelFormat& format = frame.format;
  if (format.photometric_interpretation != "YBR_FULL" || format.samples_per_pixel != 3 ||
      format.bits_allocated != 8 || format.is_planar) {
    return not_encodable("only YBR_FULL of 8 bits is turned into RGB");
  }
  for (size_t at = 0; at + 2 < frame.bytes.size(); at += 3) {
    const auto value = [&](size_t i) { return std::to_integer<uint8_t>(frame.bytes[at + i]); };
    const auto rgb = rgb_of_ybr_full({value(0), value(1), value(2)});
    for (size_t i = 0; i < rgb.size(); ++i) frame.bytes[at + i] = std::byte{rgb[i]};
  }
  frame.format.photometric_interpretation = "RGB";
  return frame;
}

Result<EncodedFrame> encode_frame(std::string_view transfer_syntax_uid, const Frame& frame) {
  const EncodingOfSyntax* const entry = find_encoding(transfer_syntax_uid);
  if (entry == nullptr) return not_encodable("this transfer syntax is not encoded here");
  const Encoding encoding = entry->encoding;
  if (encoding == Encoding::native) return EncodedFrame{frame.format, frame.bytes};
  PACS_TRY(check_encodable(encoding, frame.format));
  try {
    const Frame whole = PACS_TRY(with_whole_pixels(frame));
    EncodedFrame encoded;
    encoded.bytes = PACS_TRY(encode_by(encoding, whole));
    encoded.format = whole.format;
    encoded.format.photometric_interpretation =
        colours_after(encoding, whole.format.photometric_interpretation);
    if (encoding != Encoding::rle) {
      encoded.format.high_bit = static_cast<uint16_t>(encoded.format.bits_stored - 1);
    }
    return encoded;
  } catch (const std::bad_alloc&) {
    return resource_exhausted("encoding", "the frame needs more memory than there is");
  }
}

}  // namespace pacs::pixel
