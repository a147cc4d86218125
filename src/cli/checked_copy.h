// A file that is copied whole, durably, and with its SHA-256 known.
#pragma once

#include <cstdint>
#include <string>

#include "core/crypto.h"
#include "core/result.h"
#include "core/stream.h"

namespace pacs::cli {

struct FileDigest {
  uint64_t size_bytes = 0;
  Sha256Digest sha256;
  friend bool operator==(const FileDigest&, const FileDigest&) = default;
};

// Of all that is left in it.
[[nodiscard]] Result<FileDigest> digest_of(ByteSource& source);
[[nodiscard]] Result<FileDigest> digest_of_file(const std::string& path);

// Success: `to` has the bytes of the source, with `mode`, on stable storage, in place of what had
// the name before. Failure: `to` is as it was.
[[nodiscard]] Result<FileDigest> write_file_durably(ByteSource& source, const std::string& to,
                                                    unsigned mode);
// The same from a file. `not_found` when there is no `from`.
[[nodiscard]] Result<FileDigest> copy_file_durably(const std::string& from, const std::string& to,
                                                   unsigned mode);

}  // namespace pacs::cli
