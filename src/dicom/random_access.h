// A file of known size that can be read anywhere: what the readers of this module take.
#pragma once

#include <cstdint>

#include "core/bytes.h"
#include "core/result.h"

namespace pacs::dicom {

class RandomAccess {
 public:
  virtual ~RandomAccess() = default;

  [[nodiscard]] virtual uint64_t size() const = 0;
  // Reads from `offset` until `buffer` is full or the file ends, and tells how many bytes; fewer
  // than asked for means the end. After an error `buffer` holds nothing of use. Errors: whatever
  // the source names.
  [[nodiscard]] virtual Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const = 0;
};

// Bytes that outlive this object.
class MemoryAccess final : public RandomAccess {
 public:
  explicit MemoryAccess(Bytes bytes) : bytes_(bytes) {}
  [[nodiscard]] uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const override;

 private:
  Bytes bytes_;
};

// An open file, which stays the caller's. Any thread.
class FileAccess final : public RandomAccess {
 public:
  FileAccess(int descriptor, uint64_t size) : descriptor_(descriptor), size_(size) {}
  // With the size that the file has now.
  [[nodiscard]] static Result<FileAccess> open(int descriptor);
  [[nodiscard]] uint64_t size() const override { return size_; }
  [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const override;

 private:
  int descriptor_;
  uint64_t size_;
};

}  // namespace pacs::dicom
