#include "archive/verify_finding.h"

namespace pacs::archive {

const std::array<FindingKind, kFindingKinds>& all_finding_kinds() {
  static constexpr auto kKinds = [] {
    std::array<FindingKind, kFindingKinds> kinds{};
    for (size_t i = 0; i < kFindingKinds; ++i) kinds[i] = static_cast<FindingKind>(i);
    return kinds;
  }();
  return kKinds;
}

std::string_view to_string(FindingKind kind) {
  switch (kind) {
    case FindingKind::missing_blob:
      return "missing_blob";
    case FindingKind::truncated:
      return "truncated";
    case FindingKind::wrong_size:
      return "wrong_size";
    case FindingKind::wrong_bytes:
      return "wrong_bytes";
    case FindingKind::wrong_attributes:
      return "wrong_attributes";
    case FindingKind::wrong_header:
      return "wrong_header";
    case FindingKind::unreadable:
      return "unreadable";
    case FindingKind::cut_ingest:
      return "cut_ingest";
    case FindingKind::orphan:
      return "orphan";
    case FindingKind::damaged_orphan:
      return "damaged_orphan";
    case FindingKind::removed_blob:
      return "removed_blob";
    case FindingKind::wrong_key:
      return "wrong_key";
    case FindingKind::unknown_blob:
      return "unknown_blob";
    case FindingKind::stray_staging:
      return "stray_staging";
    case FindingKind::symbolic_link:
      return "symbolic_link";
    case FindingKind::foreign_file:
      return "foreign_file";
  }
  return "unknown";
}

FindingSeverity severity_of(FindingKind kind) {
  return kind == FindingKind::cut_ingest ? FindingSeverity::notice : FindingSeverity::error;
}

std::string_view to_string(RepairState state) {
  switch (state) {
    case RepairState::not_asked:
      return "not_asked";
    case RepairState::repaired:
      return "repaired";
    case RepairState::left:
      return "left";
  }
  return "left";
}

}  // namespace pacs::archive
