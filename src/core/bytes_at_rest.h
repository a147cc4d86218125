// Bytes that lie still on this machine and can be read again, from any place: what a sender needs
// that may have to send twice.
#pragma once

#include <cstdint>

#include "core/bytes.h"
#include "core/result.h"

namespace pacs {

// Any thread may read as long as nobody writes.
class BytesAtRest {
 public:
  virtual ~BytesAtRest() = default;

  // Reads until `buffer` is full or the bytes end; tells how many.
  [[nodiscard]] virtual Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const = 0;

  [[nodiscard]] virtual uint64_t size_bytes() const = 0;
};

}  // namespace pacs
