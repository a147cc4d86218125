// A source that refuses to give more than a limit, and says so instead of ending.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/stream.h"

namespace pacs::http {

class BodyLimit final : public ByteSource {
 public:
  BodyLimit(ByteSource& source, uint64_t bytes_max) : source_(source), rest_(bytes_max) {}

  // `resource_exhausted` (reason "too_large") once the source has given more than the limit.
  Result<size_t> read_some(MutableBytes buffer) override {
    // One byte more than allowed tells a body that is too long from one that ends just there.
    const uint64_t wanted = rest_ == UINT64_MAX ? rest_ : rest_ + 1;
    const size_t count =
        PACS_TRY(source_.read_some(buffer.first(std::min<uint64_t>(buffer.size(), wanted))));
    if (count > rest_) {
      return resource_exhausted("too_large", "the body is larger than this path allows");
    }
    rest_ -= count;
    return count;
  }

 private:
  ByteSource& source_;
  uint64_t rest_;
};

}  // namespace pacs::http
