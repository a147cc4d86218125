// What a verification has seen so far, for those who watch it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "archive/row_check.h"
#include "archive/verify_finding.h"
#include "archive/verify_pass.h"
#include "core/clock.h"

namespace pacs::archive {

enum class VerifyState : uint8_t {
  running,
  finished,
  stopped,  // by the end of the server, or for an order of an operator
  failed,   // `error` says why; what was found until then stands
};
[[nodiscard]] std::string_view to_string(VerifyState state);

enum class VerifyTrigger : uint8_t { order, schedule };
[[nodiscard]] std::string_view to_string(VerifyTrigger trigger);

struct VerifyReport {
  // Findings that are kept to be shown; the audit log has as many.
  static constexpr size_t kFindingsMax = 10'000;

  int64_t number = 0;  // of the pass, since the server started
  VerifyDepth depth = VerifyDepth::hashes;
  VerifyMode mode = VerifyMode::check;
  VerifyTrigger trigger = VerifyTrigger::order;
  VerifyState state = VerifyState::running;
  UnixMillis started_at = 0;
  std::optional<UnixMillis> ended_at;
  uint64_t images = 0;  // rows looked at
  uint64_t files = 0;   // files of the listing looked at
  uint64_t read_bytes = 0;
  std::array<uint64_t, kFindingKinds> counts{};  // by FindingKind, also of those not kept
  uint64_t needing_attention = 0;                // errors that are still there
  std::string error;                             // a sentence
  std::vector<VerifyFinding> findings;           // as many as were asked for

  [[nodiscard]] uint64_t findings_total() const {
    uint64_t total = 0;
    for (const uint64_t count : counts) total += count;
    return total;
  }
};

}  // namespace pacs::archive
