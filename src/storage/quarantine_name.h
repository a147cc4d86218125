// Under which name bytes lie in the quarantine. It follows from what they are, so that a client
// that repeats a refused upload for weeks leaves one file there and not thousands
// (docs/design/keys.md).
#pragma once

#include <string>
#include <string_view>

#include "core/crypto.h"
#include "storage/blob_attributes.h"

namespace pacs::storage {

// Bytes in the quarantine that are no longer what their name says are left alone and the next name
// is taken. Somebody damages a file there perhaps once, never this often.
inline constexpr unsigned kQuarantineNamesMax = 16;

// 32 lower-case hexadecimal digits: the first half of the SHA-256 of `origin`, a line feed, the
// SHA-256 of the bytes in hexadecimal digits, and for every further attempt a line feed and its
// number. `origin` is the key of what was published, else the image's UID.
[[nodiscard]] std::string quarantine_name(std::string_view origin, const Sha256Digest& sha256,
                                          unsigned attempt);

// The attribute `image-uid`; empty where there is none.
[[nodiscard]] std::string_view quarantine_origin(const BlobAttributes& attributes);

// The text of {name}.json: what the bytes were.
[[nodiscard]] std::string quarantine_description(std::string_view key,
                                                 std::string_view attributes_json);

}  // namespace pacs::storage
