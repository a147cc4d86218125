// A ZIP file (APPNOTE 6.3) that is written while it is sent, with a size that is known before: each
// file is a deflate stream of stored blocks (RFC 1951 3.2.4), which costs nothing, grows by 5 bytes
// for each 64 kB, and unlike a stored file can be read by programs that read from the front.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/stream.h"

namespace pacs::http {

struct ZipFile {
  std::string name;  // UTF-8, with slashes
  uint64_t size_bytes = 0;
};

// Of an archive of these files, to the last byte.
[[nodiscard]] uint64_t zip_size_bytes(const std::vector<ZipFile>& files);

// Usage: begin(), write() of exactly that many bytes, end(), for each file; then finish(). Errors:
// those of the sink; internal/zip_size when a file had another size than was said. One thread at a
// time.
class ZipStream final : public ByteSink {
 public:
  // `sink` outlives this.
  explicit ZipStream(ByteSink& sink) : sink_(sink) {}

  Result<void> begin(const ZipFile& file);
  Result<void> write(Bytes bytes) override;
  Result<void> end();
  // The central directory.
  Result<void> finish();

 private:
  struct Entry {
    ZipFile file;
    uint64_t offset = 0;
    uint32_t crc = 0;
  };

  Result<void> put(std::string_view bytes);
  Result<void> start_block();

  ByteSink& sink_;
  uint64_t written_ = 0;
  uint64_t left_ = 0;        // of the open file
  uint64_t block_left_ = 0;  // of its open block
  std::vector<Entry> entries_;
};

}  // namespace pacs::http
