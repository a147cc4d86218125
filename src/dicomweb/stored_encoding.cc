#include "dicomweb/stored_encoding.h"

#include <array>
#include <bit>
#include <utility>

#include "archive/transcoding.h"
#include "core/assert.h"
#include "dicom/transfer_syntax.h"

namespace pacs::dicomweb {
namespace {

constexpr std::string_view kOctets = "application/octet-stream";

// PS3.18 tables 8.7.3-2 and 8.7.3-5.
std::string_view media_type_of(dicom::PixelCodec codec) {
  switch (codec) {
    case dicom::PixelCodec::rle:
      return "image/dicom-rle";
    case dicom::PixelCodec::jpeg:
    case dicom::PixelCodec::jpeg_lossless:
      return "image/jpeg";
    case dicom::PixelCodec::jpeg_ls:
      return "image/jls";
    case dicom::PixelCodec::jpeg_2000:
      return "image/jp2";
    case dicom::PixelCodec::high_throughput_jpeg_2000:
      return "image/jphc";
    case dicom::PixelCodec::jpeg_xl:
      return "image/jxl";
    case dicom::PixelCodec::mpeg_2:
      return "video/mpeg";
    case dicom::PixelCodec::mpeg_4:
      return "video/mp4";
    case dicom::PixelCodec::hevc:
      return "video/H265";
    default:
      return kOctets;
  }
}

struct DefaultSyntax {
  std::string_view media_type;
  std::string_view transfer_syntax;
};
constexpr std::array kDefaultSyntaxes = {
    DefaultSyntax{kOctets, dicom::kExplicitVrLittleEndian},
    DefaultSyntax{"*/*", dicom::kExplicitVrLittleEndian},
    DefaultSyntax{"application/*", dicom::kExplicitVrLittleEndian},
    DefaultSyntax{"image/*", "1.2.840.10008.1.2.4.70"},
    DefaultSyntax{"image/jpeg", "1.2.840.10008.1.2.4.70"},
    DefaultSyntax{"image/dicom-rle", "1.2.840.10008.1.2.5"},
    DefaultSyntax{"image/jls", "1.2.840.10008.1.2.4.80"},
    DefaultSyntax{"image/jp2", "1.2.840.10008.1.2.4.90"},
    DefaultSyntax{"image/jphc", "1.2.840.10008.1.2.4.201"}};

std::string_view default_syntax_of(std::string_view media_type) {
  for (const DefaultSyntax& entry : kDefaultSyntaxes) {
    if (entry.media_type == media_type) return entry.transfer_syntax;
  }
  return {};
}

}  // namespace

std::string FrameEncoding::content_type() const {
  return media_type + "; transfer-syntax=" + transfer_syntax;
}

bool FrameEncoding::is_accepted_by(const AcceptedType& accepted) const {
  const auto& wanted = accepted.transfer_syntax;
  const bool is_named = wanted == "*" || wanted == transfer_syntax;
  if (wanted && !is_named) return false;
  if (accepted.covers(media_type)) return true;
  return accepted.essence == kOctets && is_named;
}

Result<FrameEncoding> frame_encoding_of(std::string_view transfer_syntax_uid) {
  const dicom::TransferSyntax* syntax = dicom::find_transfer_syntax(transfer_syntax_uid);
  if (syntax == nullptr) {
    return not_acceptable("the whole instance alone: its transfer syntax is not a known one");
  }
  if (syntax->is_deflated || syntax->byte_order == std::endian::big) {
    return not_acceptable(
        "the whole instance alone: frames of deflated or big endian data sets "
        "cannot be taken out of them");
  }
  return encoding_in(transfer_syntax_uid);
}

FrameEncoding encoding_in(std::string_view transfer_syntax_uid) {
  const dicom::TransferSyntax* syntax = dicom::find_transfer_syntax(transfer_syntax_uid);
  PACS_ASSERT(syntax != nullptr);
  FrameEncoding encoding;
  encoding.media_type = media_type_of(syntax->codec);
  encoding.is_compressed =
      syntax->is_encapsulated && syntax->codec != dicom::PixelCodec::encapsulated_uncompressed;
  encoding.transfer_syntax =
      encoding.is_compressed ? transfer_syntax_uid : dicom::kExplicitVrLittleEndian;
  return encoding;
}

std::optional<FrameEncoding> made_encoding_for(const AcceptedType& accepted,
                                               std::string_view stored_syntax) {
  std::string_view wanted = default_syntax_of(accepted.essence);
  if (accepted.transfer_syntax && *accepted.transfer_syntax != "*") {
    wanted = *accepted.transfer_syntax;
  }
  if (!archive::can_transcode(stored_syntax, wanted)) return std::nullopt;
  FrameEncoding encoding = encoding_in(wanted);
  if (!encoding.is_accepted_by({.essence = accepted.essence,
                                .is_multipart = accepted.is_multipart,
                                .transfer_syntax = std::string(wanted)})) {
    return std::nullopt;
  }
  return encoding;
}

std::optional<ChosenEncoding> choose_encoding(std::span<const AcceptedType> accepted,
                                              const std::optional<FrameEncoding>& stored,
                                              std::string_view stored_syntax) {
  for (size_t at = 0; stored && at < accepted.size(); ++at) {
    if (stored->is_accepted_by(accepted[at])) return ChosenEncoding{*stored, true, at};
  }
  for (size_t at = 0; at < accepted.size(); ++at) {
    auto made = made_encoding_for(accepted[at], stored_syntax);
    if (made) return ChosenEncoding{std::move(*made), false, at};
  }
  return std::nullopt;
}

}  // namespace pacs::dicomweb
