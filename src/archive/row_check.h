// Is the image of one row as the row says? Reads, and changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "archive/pace.h"
#include "archive/stores.h"
#include "archive/verify_finding.h"
#include "core/result.h"
#include "index/image_record.h"

namespace pacs::archive {

enum class VerifyDepth : uint8_t {
  presence,  // a file of the right size is there
  hashes,    // and its bytes, attributes and DICOM header are those of the row
};
[[nodiscard]] std::string_view to_string(VerifyDepth depth);

struct RowVerdict {
  std::optional<Fault> fault;
  // Of the file whose bytes were hashed and are right; empty when they were not.
  std::string good_identity;
};

// At the pace that is given. Errors say that nothing can be said: those of Pace::spend, and
// `unavailable` and `resource_exhausted` of the store; a file that cannot be read is a fault.
[[nodiscard]] Result<RowVerdict> check_row(const Stores& stores, const index::ImageRecord& row,
                                           VerifyDepth depth, Pace& pace);

}  // namespace pacs::archive
