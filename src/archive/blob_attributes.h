// What travels with a blob because its bytes do not tell it: enough to rebuild the index from the
// store alone (docs/design/keys.md lists the names).
#pragma once

#include "archive/store_request.h"
#include "core/result.h"
#include "index/ingest.h"
#include "storage/blob_attributes.h"

namespace pacs::archive {

[[nodiscard]] Result<storage::BlobAttributes> blob_attributes(const index::Ingest& ingest,
                                                              const StoreRequest& request);

// The numbers of the rows, in place of those that are there.
[[nodiscard]] Result<void> set_ids(storage::BlobAttributes& attributes,
                                   const index::ReservedIds& ids);

}  // namespace pacs::archive
