// Is the image of one row as the row says, and each other blob that rows name? Reads, and changes
// nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "archive/pace.h"
#include "archive/stores.h"
#include "archive/verify_finding.h"
#include "core/result.h"
#include "index/image_record.h"
#include "index/kept_blobs.h"

namespace pacs::archive {

enum class VerifyDepth : uint8_t {
  presence,  // a file of the right size is there
  hashes,    // and its bytes, attributes and DICOM header are those of the row
};
[[nodiscard]] std::string_view to_string(VerifyDepth depth);

struct RowVerdict {
  std::optional<Fault> fault;
  std::string identity;         // of the file that was looked at; empty when there was none
  bool has_good_bytes = false;  // all of them were read, and are those of the row
};

// Whether what a verdict was about is still the same: the row, and the file under its key. Any
// other row or file wants a verdict of its own.
[[nodiscard]] bool still_holds(const RowVerdict& verdict, const Stores& stores,
                               const index::ImageRecord& before, const index::ImageRecord& now);

// At the pace that is given. Errors say that nothing can be said: those of Pace::spend, and
// `unavailable` and `resource_exhausted` of the store; a file that cannot be read is a fault.
[[nodiscard]] Result<RowVerdict> check_row(const Stores& stores, const index::ImageRecord& row,
                                           VerifyDepth depth, Pace& pace);

// The same of a blob in the trash or of a copy: its bytes, and the SHA-256 among its attributes.
[[nodiscard]] Result<RowVerdict> check_kept(const Stores& stores, const index::KeptBlob& blob,
                                            VerifyDepth depth, Pace& pace);

}  // namespace pacs::archive
