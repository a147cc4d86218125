// The transfer syntaxes of PS3.6 table A-1, and what each says about the bytes (PS3.5 chapter 10
// and annex A).
#pragma once

#include <bit>
#include <span>
#include <string_view>

namespace pacs::dicom {

enum class VrEncoding { implicit_vr, explicit_vr };

// What a frame's bytes are. `native` pixels are not encapsulated.
enum class PixelCodec {
  native,
  encapsulated_uncompressed,
  rle,
  jpeg,           // baseline, extended, and the retired processes with losses
  jpeg_lossless,  // process 14
  jpeg_ls,
  jpeg_2000,
  high_throughput_jpeg_2000,
  jpeg_xl,
  deflated_frames,
  jpip,    // the pixels are elsewhere
  mpeg_2,  // video: frames cannot be told apart without decoding
  mpeg_4,
  hevc,
  smpte_2110,  // real-time video, never in a file
};

struct TransferSyntax {
  std::string_view uid;
  std::string_view name;
  VrEncoding vr_encoding = VrEncoding::explicit_vr;
  std::endian byte_order = std::endian::little;
  PixelCodec codec = PixelCodec::native;
  bool is_encapsulated = false;
  bool is_deflated = false;  // the whole data set (PS3.5 A.5)
  // Its codec may lose information; false where the standard promises that nothing is lost.
  bool may_be_lossy = false;
  bool is_retired = false;

  [[nodiscard]] bool is_video() const {
    return codec == PixelCodec::mpeg_2 || codec == PixelCodec::mpeg_4 || codec == PixelCodec::hevc;
  }
};

inline constexpr std::string_view kImplicitVrLittleEndian = "1.2.840.10008.1.2";
inline constexpr std::string_view kExplicitVrLittleEndian = "1.2.840.10008.1.2.1";
inline constexpr std::string_view kDeflatedExplicitVrLittleEndian = "1.2.840.10008.1.2.1.99";
inline constexpr std::string_view kExplicitVrBigEndian = "1.2.840.10008.1.2.2";

// Null for a private or unknown one. Lives as long as the program.
[[nodiscard]] const TransferSyntax* find_transfer_syntax(std::string_view uid);
[[nodiscard]] std::span<const TransferSyntax> transfer_syntaxes();

}  // namespace pacs::dicom
