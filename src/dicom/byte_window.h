// The bytes of a data set one after the other, with a look-ahead: those of a file as they are, or
// inflated ones. What cannot be given makes a call return false; failure() then says why, and says
// nothing when the bytes have simply come to their end. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/bytes.h"
#include "core/error.h"
#include "dicom/random_access.h"

namespace pacs::dicom {

class ByteWindow {
 public:
  // Headers of files end within the first 16 kB as a rule, so that one read gets them.
  static constexpr size_t kWindowSize = size_t{16} << 10;
  static constexpr size_t kLookAheadMax = 256;

  virtual ~ByteWindow() = default;
  ByteWindow(const ByteWindow&) = delete;
  ByteWindow& operator=(const ByteWindow&) = delete;

  // Counts from the first byte of the source.
  [[nodiscard]] uint64_t position() const { return window_start_ + cursor_; }
  // Position behind the last byte; UINT64_MAX when only reading on will tell.
  [[nodiscard]] virtual uint64_t end() const = 0;
  // Whether a position is one in the file.
  [[nodiscard]] virtual bool is_file() const = 0;

  // Makes `count` (at most kLookAheadMax) bytes readable at ahead().
  [[nodiscard]] bool ensure(size_t count) {
    return filled_ - cursor_ >= count || (count <= kLookAheadMax && fill(count));
  }
  [[nodiscard]] const std::byte* ahead() const { return buffer_.get() + cursor_; }
  // How many are readable now.
  [[nodiscard]] size_t available() const { return filled_ - cursor_; }
  // Over bytes that are readable.
  void advance(size_t count) { cursor_ += count; }

  [[nodiscard]] bool skip(uint64_t count);
  [[nodiscard]] bool read(MutableBytes bytes);

  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

 protected:
  explicit ByteWindow(uint64_t start) : window_start_(start) {}

  // Reads what follows the last byte that was read or skipped; 0 at the end or after fail().
  virtual size_t read_next(MutableBytes buffer) = 0;
  // Goes over bytes that were not read yet; false when there are not so many.
  virtual bool skip_next(uint64_t count) = 0;
  size_t fail(Error error);

 private:
  bool fill(size_t count);

  std::unique_ptr<std::byte[]> buffer_ = std::make_unique_for_overwrite<std::byte[]>(kWindowSize);
  uint64_t window_start_;
  size_t cursor_ = 0;
  size_t filled_ = 0;
  std::optional<Error> failure_;
};

// The bytes of `file`, which outlives the window, from `start` on.
[[nodiscard]] std::unique_ptr<ByteWindow> open_file_window(const RandomAccess& file,
                                                           uint64_t start);

// What the raw deflate stream (RFC 1951, PS3.5 A.5) from `start` on inflates to. Failures:
// invalid_argument/malformed for what is no such stream, /truncated when the file ends before it,
// /inflates_too_far beyond `size_max` bytes.
[[nodiscard]] std::unique_ptr<ByteWindow> open_inflating_window(const RandomAccess& file,
                                                                uint64_t start, uint64_t size_max);

}  // namespace pacs::dicom
