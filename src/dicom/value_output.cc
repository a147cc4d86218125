#include "dicom/value_output.h"

#include <algorithm>

namespace pacs::dicom {
namespace {
constexpr size_t kGatheredBytesMax = size_t{64} << 10;  // a multiple of each size of a number
}

void swap_numbers(MutableBytes value, unsigned number_size) {
  if (number_size < 2) return;
  for (size_t at = 0; at + number_size <= value.size(); at += number_size) {
    std::reverse(value.begin() + static_cast<ptrdiff_t>(at),
                 value.begin() + static_cast<ptrdiff_t>(at + number_size));
  }
}

Result<void> ValueOutput::write(Bytes bytes) {
  size_bytes_ += bytes.size();
  if (is_counting()) return {};
  if (gathered_.size() + bytes.size() > kGatheredBytesMax) PACS_TRY(flush());
  if (bytes.size() > kGatheredBytesMax) return sink_->write(bytes);
  gathered_ += as_text(bytes);
  return {};
}

Result<void> ValueOutput::flush() {
  if (gathered_.empty()) return {};
  PACS_TRY(sink_->write(as_bytes(gathered_)));
  gathered_.clear();
  return {};
}

Result<void> ValueOutput::copy(const RandomAccess& file, uint64_t offset, uint64_t length,
                               unsigned number_size, std::endian order) {
  if (is_counting()) {
    count(length);
    return {};
  }
  ByteVector buffer(static_cast<size_t>(std::min<uint64_t>(length, kGatheredBytesMax)));
  while (length > 0) {
    const MutableBytes piece =
        MutableBytes(buffer).first(static_cast<size_t>(std::min<uint64_t>(length, buffer.size())));
    if (PACS_TRY(file.read_at(offset, piece)) < piece.size()) {
      return corrupt("file_too_short", "a stored file ends before its known size");
    }
    if (order == std::endian::big) swap_numbers(piece, number_size);
    PACS_TRY(write(piece));
    offset += piece.size();
    length -= piece.size();
  }
  return {};
}

}  // namespace pacs::dicom
