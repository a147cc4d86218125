// The SHA-256 of a stored or a staged blob, read through once.
#pragma once

#include "core/crypto.h"
#include "core/result.h"
#include "storage/blob_reader.h"
#include "storage/staged_blob.h"

namespace pacs::storage {

[[nodiscard]] Result<Sha256Digest> hash_of(const BlobReader& blob);
[[nodiscard]] Result<Sha256Digest> hash_of(const StagedBlob& staged);
// Of an open file of the filesystem backend.
[[nodiscard]] Result<Sha256Digest> hash_of_file(int file);

}  // namespace pacs::storage
