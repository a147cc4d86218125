// The SHA-256 of a stored blob, read through once.
#pragma once

#include "core/crypto.h"
#include "core/result.h"
#include "storage/blob_reader.h"

namespace pacs::archive {

[[nodiscard]] Result<Sha256Digest> hash_of(storage::BlobReader& blob);

}  // namespace pacs::archive
