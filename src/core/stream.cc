#include "core/stream.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/file.h"

namespace pacs {
namespace {
constexpr size_t kCopyBufferBytes = 256 * 1024;  // large enough that the system calls do not count
}

Result<void> ByteSink::write_file(int descriptor, uint64_t offset, uint64_t length) {
  std::vector<std::byte> buffer(std::min<uint64_t>(length, kCopyBufferBytes));
  while (length > 0) {
    const MutableBytes piece(buffer.data(), std::min<uint64_t>(length, buffer.size()));
    const size_t count = PACS_TRY(read_at(descriptor, offset, piece));
    if (count == 0) return corrupt("file_too_short", "a stored file ends before its known size");
    PACS_TRY(write(piece.first(count)));
    offset += count;
    length -= count;
  }
  return {};
}

Result<size_t> MemorySource::read_some(MutableBytes buffer) {
  const size_t count = std::min(buffer.size(), rest_.size());
  std::copy_n(rest_.begin(), count, buffer.begin());
  rest_ = rest_.subspan(count);
  return count;
}

Result<void> StringSink::write(Bytes bytes) {
  if (bytes.size() > size_bytes_max_ - text_.size()) {
    return resource_exhausted("too_large", "the content is larger than this use allows");
  }
  text_.append(as_text(bytes));
  return {};
}

Result<size_t> read_up_to(ByteSource& source, MutableBytes buffer) {
  size_t filled = 0;
  while (filled < buffer.size()) {
    const size_t count = PACS_TRY(source.read_some(buffer.subspan(filled)));
    if (count == 0) break;
    filled += count;
  }
  return filled;
}

Result<std::string> read_all(ByteSource& source, uint64_t size_bytes_max) {
  StringSink sink(size_bytes_max);
  PACS_TRY(copy_all(source, sink));
  return sink.take();
}

Result<uint64_t> copy_all(ByteSource& source, ByteSink& sink) {
  std::vector<std::byte> buffer(kCopyBufferBytes);
  uint64_t total = 0;
  while (true) {
    const size_t count = PACS_TRY(source.read_some(buffer));
    if (count == 0) return total;
    PACS_TRY(sink.write(Bytes(buffer).first(count)));
    total += count;
  }
}

}  // namespace pacs
