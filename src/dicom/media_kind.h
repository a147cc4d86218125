// What a file is, by its first bytes: what a sender says about it is a hint and no more.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/bytes.h"

namespace pacs::dicom {

enum class MediaKind { dicom, jpeg, png, pdf, other };

// So many first bytes are enough to tell (a PDF may have up to 1,024 bytes before its header).
inline constexpr size_t kSniffedSizeMax = 1024;

// Any bytes, also none. DICOM is the prefix behind the preamble, or without one a plausible first
// element of group 0002 or 0008.
[[nodiscard]] MediaKind sniff_media_kind(Bytes first_bytes);

// "application/dicom", "image/jpeg", …; "application/octet-stream" for other.
[[nodiscard]] std::string_view mime_type(MediaKind kind);
// With its dot: ".dcm", ".jpg", ".png", ".pdf"; empty for other.
[[nodiscard]] std::string_view file_extension(MediaKind kind);

}  // namespace pacs::dicom
