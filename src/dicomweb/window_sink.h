// A window of what somebody writes from its beginning: what is before it is thrown away, and behind
// it the writer is stopped.
#pragma once

#include <cstdint>

#include "core/result.h"
#include "core/stream.h"

namespace pacs::dicomweb {

// One thread at a time.
class WindowSink final : public ByteSink {
 public:
  // `sink` outlives this.
  WindowSink(ByteSink& sink, uint64_t offset, uint64_t length)
      : sink_(sink), before_(offset), left_(length) {}

  Result<void> write(Bytes bytes) override;

  // What the writer's outcome means: success also when it was stopped because all is written.
  // internal/too_short when it ended before that.
  [[nodiscard]] Result<void> finish(Result<void> written) const;

 private:
  ByteSink& sink_;
  uint64_t before_;
  uint64_t left_;
};

}  // namespace pacs::dicomweb
