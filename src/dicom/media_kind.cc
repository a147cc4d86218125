#include "dicom/media_kind.h"

#include "dicom/vr.h"

namespace pacs::dicom {
namespace {

constexpr size_t kPreambleBytes = 128;  // PS3.10 7.1
constexpr std::string_view kDicomPrefix = "DICM";
constexpr std::string_view kPdfHeader = "%PDF-";
constexpr size_t kElementHeaderBytes = 8;

// Without the prefix a file is DICOM when it starts with an element that a data set can start with:
// low in group 0002 or 0008, and a value representation or a length that is small.
bool starts_with_element(std::string_view text) {
  if (text.size() < kElementHeaderBytes) return false;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned group_little = byte(0) | byte(1) << 8U;
  const unsigned group_big = byte(1) | byte(0) << 8U;
  const bool is_little = group_little == 0x0002 || group_little == 0x0008;
  const bool is_big = group_big == 0x0002 || group_big == 0x0008;
  if (!is_little && !is_big) return false;
  const unsigned element = is_little ? byte(2) | byte(3) << 8U : byte(3) | byte(2) << 8U;
  constexpr unsigned kFirstElementMax = 0x0018;  // SOP Instance UID, at the latest
  if (element > kFirstElementMax) return false;
  if (parse_vr(text.substr(4, 2))) return true;
  const unsigned length = byte(4) | byte(5) << 8U | byte(6) << 16U | unsigned{byte(7)} << 24U;
  constexpr unsigned kFirstValueSizeMax = 256;
  return is_little && length <= kFirstValueSizeMax;
}

}  // namespace

MediaKind sniff_media_kind(Bytes first_bytes) {
  const std::string_view text = as_text(first_bytes);
  if (text.size() >= kPreambleBytes + kDicomPrefix.size() &&
      text.substr(kPreambleBytes).starts_with(kDicomPrefix)) {
    return MediaKind::dicom;
  }
  if (text.starts_with("\xFF\xD8\xFF")) return MediaKind::jpeg;
  if (text.starts_with("\x89PNG\r\n\x1A\n")) return MediaKind::png;
  if (starts_with_element(text)) return MediaKind::dicom;
  if (text.substr(0, kSniffedSizeMax).find(kPdfHeader) != std::string_view::npos) {
    return MediaKind::pdf;
  }
  return MediaKind::other;
}

std::string_view mime_type(MediaKind kind) {
  switch (kind) {
    case MediaKind::dicom:
      return "application/dicom";
    case MediaKind::jpeg:
      return "image/jpeg";
    case MediaKind::png:
      return "image/png";
    case MediaKind::pdf:
      return "application/pdf";
    case MediaKind::other:
      break;
  }
  return "application/octet-stream";
}

std::string_view file_extension(MediaKind kind) {
  switch (kind) {
    case MediaKind::dicom:
      return ".dcm";
    case MediaKind::jpeg:
      return ".jpg";
    case MediaKind::png:
      return ".png";
    case MediaKind::pdf:
      return ".pdf";
    case MediaKind::other:
      break;
  }
  return "";
}

}  // namespace pacs::dicom
