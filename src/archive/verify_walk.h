// How far a pass of the schedule has come, as it is kept across restarts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "archive/verify_pass.h"
#include "core/clock.h"

namespace pacs::archive {

struct VerifyWalk {
  UnixMillis started_at = 0;
  UnixMillis finished_at = 0;  // of the whole pass before, also while the next one runs
  uint64_t needing_attention = 0;
  VerifyPosition position{VerifyPosition::Phase::done, 0, {}, {}};

  [[nodiscard]] bool is_under_way() const { return position.phase != VerifyPosition::Phase::done; }
  [[nodiscard]] std::string to_json() const;
  // Nothing when it is not what to_json() wrote: the walk then begins anew.
  [[nodiscard]] static std::optional<VerifyWalk> from_json(std::string_view json);
};

}  // namespace pacs::archive
