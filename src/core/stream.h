// Bytes on the move: a source is read until it is empty, a sink is written to. Neither is shared
// between threads; whoever holds one may hand it on.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "core/bytes.h"
#include "core/result.h"

namespace pacs {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Reads at least one byte and at most `buffer.size()`, and tells how many; 0 is the end, and
  // stays the end. `buffer` is not empty. After an error the source must not be read again. Errors:
  // whatever the source names; `unavailable` when the other side stalled or went away.
  virtual Result<size_t> read_some(MutableBytes buffer) = 0;
};

class ByteSink {
 public:
  virtual ~ByteSink() = default;

  // Takes all of `bytes` or fails; after an error the sink must not be used again.
  virtual Result<void> write(Bytes bytes) = 0;

  // Writes `length` bytes of an open file from `offset` on. Copies through a buffer unless the sink
  // knows better (a plain socket uses sendfile). `corrupt` when the file ends before `length`.
  virtual Result<void> write_file(int descriptor, uint64_t offset, uint64_t length);
};

// The bytes of a buffer that outlives the source.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(Bytes bytes) : rest_(bytes) {}
  Result<size_t> read_some(MutableBytes buffer) override;

 private:
  Bytes rest_;
};

// Collects what is written, up to a limit (`resource_exhausted` beyond it).
class StringSink final : public ByteSink {
 public:
  explicit StringSink(uint64_t size_bytes_max = UINT64_MAX) : size_bytes_max_(size_bytes_max) {}
  Result<void> write(Bytes bytes) override;
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  uint64_t size_bytes_max_;
  std::string text_;
};

// Fills `buffer` as far as the source goes; a result below its size means the end was reached.
[[nodiscard]] Result<size_t> read_up_to(ByteSource& source, MutableBytes buffer);

// All that is left, as text. `resource_exhausted` (reason "too_large") beyond `size_bytes_max`.
[[nodiscard]] Result<std::string> read_all(ByteSource& source, uint64_t size_bytes_max);

// Moves everything from one to the other through one buffer; tells how many bytes there were.
[[nodiscard]] Result<uint64_t> copy_all(ByteSource& source, ByteSink& sink);

}  // namespace pacs
