// Blobs in memory: for tests, and as the second implementation that keeps the contract honest.
// Nothing survives the object. Durable means here: visible.
#pragma once

#include <memory>

#include "storage/blob_store.h"

namespace pacs::storage {

[[nodiscard]] std::unique_ptr<BlobStore> make_memory_blob_store();

}  // namespace pacs::storage
