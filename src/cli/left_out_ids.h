// Numbers that are not given again by an index that has forgotten who had them: one that was made
// from the blobs, or is older than the archive was. Others may know an image by such a number, and
// must never be shown another one.
#pragma once

#include <cstdint>

#include "core/result.h"
#include "index/archive_state.h"
#include "index/audit_line.h"

namespace pacs::cli {

// Success: the next number of each kind is more than `count` above the highest one in the index.
[[nodiscard]] Result<void> leave_out_ids(index::ArchiveState& state, int64_t count,
                                         const index::AuditLine& line);

}  // namespace pacs::cli
