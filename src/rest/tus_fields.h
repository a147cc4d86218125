// The header fields of the tus protocol 1.0 (https://tus.io/protocols/resumable-upload), read and
// checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "archive/piece_digest.h"
#include "core/result.h"
#include "http/request.h"
#include "rest/body_fields.h"

namespace pacs::rest {

inline constexpr std::string_view kTusVersion = "1.0.0";
inline constexpr std::string_view kTusExtensions =
    "creation,creation-with-upload,checksum,expiration,termination";
inline constexpr std::string_view kTusChecksums = "sha256,sha1";
inline constexpr std::string_view kTusPieceType = "application/offset+octet-stream";

// Errors of all: invalid_argument/bad_header, with the name of the field.

// invalid_argument/unknown_tus_version unless the client speaks ours.
[[nodiscard]] Result<void> check_tus_version(const http::Request& request);

// A field that holds one number, which must be there.
[[nodiscard]] Result<uint64_t> read_number_header(const http::Request& request,
                                                  std::string_view name);

// unsupported/unsupported_media_type unless the body is declared as a piece.
[[nodiscard]] Result<void> check_piece_type(const http::Request& request);

// Upload-Checksum.
[[nodiscard]] Result<std::optional<archive::PieceDigest>> read_piece_digest(
    const http::Request& request);

// "filename eC5kY20=,is_urgent" as the fields of a form.
[[nodiscard]] Result<BodyFields> parse_upload_metadata(std::string_view text);

}  // namespace pacs::rest
