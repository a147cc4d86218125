// How many frames are decoded, rendered and encoded at once, whoever asks: each may hold half a
// gigabyte, and what becomes of it.
#pragma once

#include "core/gate.h"
#include "core/result.h"

namespace pacs::archive {

// Any thread. One for all that works on frames.
class FrameGate {
 public:
  FrameGate();

  // Waits a while. `unavailable` (reason "busy") when no pass came free, or enough are waiting.
  [[nodiscard]] Result<Gate::Pass> enter();

 private:
  Gate gate_;
};

}  // namespace pacs::archive
