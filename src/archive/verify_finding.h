// What a verification can find. One word for each kind, which reports, metrics, audit lines and the
// operator's guide (docs/operations.md) share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pacs::archive {

enum class FindingKind : uint8_t {
  // Of an image that has its row.
  missing_blob,      // nothing lies under its key
  truncated,         // the file is shorter than the row says
  wrong_size,        // or longer
  wrong_bytes,       // the SHA-256 is another: a flipped bit, other content
  wrong_attributes,  // what travels with the file is not what the row says, or cannot be read
  wrong_header,      // the DICOM header names another image than the row
  unreadable,        // the file could not be read to its end
  // Of a file that no row names.
  cut_ingest,  // whole, of an ingest that ended before its commit: nobody holds a receipt
  orphan,      // whole, of a time that the index knows nothing of: it may have been acknowledged
  damaged_orphan,  // not the bytes that its attributes promise
  removed_blob,    // of an image that was removed
  wrong_key,       // its attributes name another image than its key does
  unknown_blob,    // nothing says what it should be: put there by hand, or its attributes got lost
  // Of what is no blob.
  stray_staging,
  symbolic_link,
  foreign_file,
};

inline constexpr size_t kFindingKinds = static_cast<size_t>(FindingKind::foreign_file) + 1;
[[nodiscard]] const std::array<FindingKind, kFindingKinds>& all_finding_kinds();

// "missing_blob" and so on: stable.
[[nodiscard]] std::string_view to_string(FindingKind kind);

// A notice is part of how the archive works and needs nobody; an error does.
enum class FindingSeverity : uint8_t { notice, error };
[[nodiscard]] FindingSeverity severity_of(FindingKind kind);

// What a check says of one thing.
struct Fault {
  FindingKind kind = FindingKind::unreadable;
  std::string detail;  // a sentence
};

enum class RepairState : uint8_t {
  not_asked,  // a check alone
  repaired,
  left,  // for a person, or for a later run; `repair_detail` says why
};
[[nodiscard]] std::string_view to_string(RepairState state);

struct RepairOutcome {
  RepairState state = RepairState::not_asked;
  std::string detail;  // a sentence
};

struct VerifyFinding {
  Fault fault;
  std::string store;  // the name of the store
  std::string path;   // the key; of what is no blob, its path in the store or its name in staging
  int64_t image_id = 0;  // 0 without a row
  std::string study_uid;
  std::string image_uid;
  RepairOutcome repair;

  // An error that is still there.
  [[nodiscard]] bool needs_attention() const {
    return severity_of(fault.kind) == FindingSeverity::error &&
           repair.state != RepairState::repaired;
  }
};

}  // namespace pacs::archive
