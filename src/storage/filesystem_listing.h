// Walks radiology/ in the byte order of keys, one folder's names in memory at a time for each
// level.
#pragma once

#include "core/result.h"
#include "storage/blob_store.h"

namespace pacs::storage {

// As BlobStore::list; `root` is the open MEDIA_ROOT.
[[nodiscard]] Result<void> list_blobs(int root, const ListRequest& request, BlobVisitor& visitor);

}  // namespace pacs::storage
