// The SHA-256 of a stored or a staged blob, read through once.
#pragma once

#include "core/crypto.h"
#include "core/result.h"
#include "storage/blob_reader.h"
#include "storage/staged_blob.h"

namespace pacs::archive {

[[nodiscard]] Result<Sha256Digest> hash_of(storage::BlobReader& blob);
[[nodiscard]] Result<Sha256Digest> hash_of(const storage::StagedBlob& staged);

}  // namespace pacs::archive
