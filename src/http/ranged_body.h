// A body whose size is known and of which any part can be sent.
#pragma once

#include <cstdint>

#include "core/stream.h"

namespace pacs::http {

class RangedBody {
 public:
  virtual ~RangedBody() = default;
  [[nodiscard]] virtual uint64_t size() const = 0;
  // That write_to() would find them: asked before a HEAD is answered.
  virtual Result<void> confirm() { return {}; }
  // Writes exactly `length` bytes from `offset` on, both within size(). After an error some may
  // have been written; the answer is then broken off.
  virtual Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) = 0;
};

// An open file; the descriptor outlives it. On a plain connection the bytes go by sendfile(2).
class FileBody final : public RangedBody {
 public:
  FileBody(int descriptor, uint64_t size) : descriptor_(descriptor), size_(size) {}
  [[nodiscard]] uint64_t size() const override { return size_; }
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override {
    return sink.write_file(descriptor_, offset, length);
  }

 private:
  int descriptor_;
  uint64_t size_;
};

// Bytes in memory that outlive it.
class MemoryBody final : public RangedBody {
 public:
  explicit MemoryBody(Bytes bytes) : bytes_(bytes) {}
  [[nodiscard]] uint64_t size() const override { return bytes_.size(); }
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override {
    return sink.write(bytes_.subspan(offset, length));
  }

 private:
  Bytes bytes_;
};

}  // namespace pacs::http
