// File descriptors that close themselves, and the few calls on them that must be got right once:
// partial reads and writes, EINTR, and an fsync that is never tried twice.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "core/bytes.h"
#include "core/result.h"

namespace pacs {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int descriptor) : descriptor_(descriptor) {}
  UniqueFd(UniqueFd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd();

  [[nodiscard]] int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_ = -1;
};

// open(2) with O_CLOEXEC added. `what` names the file in words for the error.
[[nodiscard]] Result<UniqueFd> open_file(const std::string& path, int flags, unsigned mode,
                                         std::string_view what);

// Reads from `offset` until `buffer` is full or the file ends; tells how many bytes.
[[nodiscard]] Result<size_t> read_at(int descriptor, uint64_t offset, MutableBytes buffer);

// Writes all of `bytes` at the descriptor's own position.
[[nodiscard]] Result<void> write_all(int descriptor, Bytes bytes);

// fsync(2), for files and folders. After an error the kernel may have dropped the dirty pages, so
// the caller must give the file up and never call this on it again (reason "fsync_failed",
// code internal, or resource_exhausted for ENOSPC and EDQUOT).
[[nodiscard]] Result<void> sync_to_disk(int descriptor, std::string_view what);

// The whole of a small file; `resource_exhausted` beyond `size_bytes_max`.
[[nodiscard]] Result<std::string> read_file(const std::string& path, uint64_t size_bytes_max);

// Replaces the file at `path` in one step and durably: a temporary sibling is written with `mode`,
// synced and renamed, then the folder is synced. On failure the old file is untouched.
[[nodiscard]] Result<void> replace_file(const std::string& path, Bytes content, unsigned mode);

}  // namespace pacs
