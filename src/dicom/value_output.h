// Where the bytes of a data set go that is being written: gathered into pieces of a useful size, or
// only counted, so that a size is known before the first byte.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/stream.h"
#include "dicom/random_access.h"

namespace pacs::dicom {

// One thread at a time.
class ValueOutput final : public ByteSink {
 public:
  // Null to count alone; else it outlives this.
  explicit ValueOutput(ByteSink* sink) : sink_(sink) {}

  [[nodiscard]] bool is_counting() const { return sink_ == nullptr; }
  // All that was put, written or counted.
  [[nodiscard]] uint64_t size_bytes() const { return size_bytes_; }

  // Errors of these: those of the sink.
  Result<void> write(Bytes bytes) override;
  Result<void> put(std::string_view bytes) { return write(as_bytes(bytes)); }
  // What was gathered so far leaves.
  Result<void> flush();

  // Takes for written what comes from elsewhere; when counting alone.
  void count(uint64_t size_bytes) { size_bytes_ += size_bytes; }

  // `length` bytes of `file` from `offset` on, in the other byte order where numbers have
  // `number_size` > 1 bytes there and `order` is big. Reads nothing when only counting. Errors:
  // corrupt/file_too_short; those of the file.
  Result<void> copy(const RandomAccess& file, uint64_t offset, uint64_t length,
                    unsigned number_size, std::endian order);

 private:
  ByteSink* sink_;
  uint64_t size_bytes_ = 0;
  std::string gathered_;
};

// Reverses the bytes of each whole number of so many bytes.
void swap_numbers(MutableBytes value, unsigned number_size);

}  // namespace pacs::dicom
