#include "http/zip_stream.h"

#include <algorithm>
#include <utility>

#include <zlib.h>

namespace pacs::http {
namespace {

constexpr uint64_t kBlockBytesMax = 65'535;
constexpr uint64_t kBlockHeadBytes = 5;
constexpr uint32_t kMarker32 = 0xFFFFFFFF;  // the number stands in the ZIP64 field
constexpr uint16_t kMarker16 = 0xFFFF;
constexpr uint16_t kFlags = 0x0808;  // sizes behind the file; the name is UTF-8
constexpr uint16_t kDeflated = 8;
constexpr uint16_t kVersion = 20;
constexpr uint16_t kVersionOfZip64 = 45;
constexpr uint16_t kFirstDay = 0x0021;  // 1 January 1980: the same files are the same archive

template <typename Number>
void append(std::string& to, Number number) {
  for (size_t byte = 0; byte < sizeof(Number); ++byte) {
    to += static_cast<char>(number >> (8 * byte) & 0xFF);
  }
}

uint64_t packed_size(uint64_t size_bytes) {
  const uint64_t blocks = std::max<uint64_t>(1, (size_bytes + kBlockBytesMax - 1) / kBlockBytesMax);
  return size_bytes + blocks * kBlockHeadBytes;
}

bool is_large(const ZipFile& file) { return packed_size(file.size_bytes) >= kMarker32; }

// 4.3.7
std::string local_header(const ZipFile& file) {
  std::string head = "PK\3\4";
  append(head, is_large(file) ? kVersionOfZip64 : kVersion);
  append(head, kFlags);
  append(head, kDeflated);
  append(head, uint16_t{0});
  append(head, kFirstDay);
  append(head, uint32_t{0});  // CRC-32
  append(head, is_large(file) ? kMarker32 : uint32_t{0});
  append(head, is_large(file) ? kMarker32 : uint32_t{0});
  append(head, static_cast<uint16_t>(file.name.size()));
  append(head, static_cast<uint16_t>(is_large(file) ? 20 : 0));
  head += file.name;
  if (is_large(file)) {  // 4.5.3
    append(head, uint16_t{1});
    append(head, uint16_t{16});
    append(head, uint64_t{0});
    append(head, uint64_t{0});
  }
  return head;
}

// 4.3.9
std::string descriptor(const ZipFile& file, uint32_t crc) {
  std::string behind = "PK\7\x08";
  append(behind, crc);
  if (is_large(file)) {
    append(behind, packed_size(file.size_bytes));
    append(behind, file.size_bytes);
  } else {
    append(behind, static_cast<uint32_t>(packed_size(file.size_bytes)));
    append(behind, static_cast<uint32_t>(file.size_bytes));
  }
  return behind;
}

// 4.3.12
std::string directory_entry(const ZipFile& file, uint64_t offset, uint32_t crc) {
  const bool is_far = offset >= kMarker32;
  std::string extra;
  if (is_large(file)) {
    append(extra, file.size_bytes);
    append(extra, packed_size(file.size_bytes));
  }
  if (is_far) append(extra, offset);
  if (!extra.empty()) {
    std::string head;
    append(head, uint16_t{1});
    append(head, static_cast<uint16_t>(extra.size()));
    extra = head + extra;
  }
  const uint16_t version = extra.empty() ? kVersion : kVersionOfZip64;
  std::string entry = "PK\1\2";
  append(entry, version);
  append(entry, version);
  append(entry, kFlags);
  append(entry, kDeflated);
  append(entry, uint16_t{0});
  append(entry, kFirstDay);
  append(entry, crc);
  append(entry, is_large(file) ? kMarker32 : static_cast<uint32_t>(packed_size(file.size_bytes)));
  append(entry, is_large(file) ? kMarker32 : static_cast<uint32_t>(file.size_bytes));
  append(entry, static_cast<uint16_t>(file.name.size()));
  append(entry, static_cast<uint16_t>(extra.size()));
  append(entry, uint16_t{0});  // comment
  append(entry, uint16_t{0});  // disk
  append(entry, uint16_t{0});
  append(entry, uint32_t{0});
  append(entry, is_far ? kMarker32 : static_cast<uint32_t>(offset));
  return entry + file.name + extra;
}

// 4.3.14 to 4.3.16
std::string end_of_directory(uint64_t count, uint64_t size, uint64_t offset) {
  const bool is_zip64 = count >= kMarker16 || size >= kMarker32 || offset >= kMarker32;
  std::string end;
  if (is_zip64) {
    end += "PK\6\6";
    append(end, uint64_t{44});
    append(end, kVersionOfZip64);
    append(end, kVersionOfZip64);
    append(end, uint32_t{0});
    append(end, uint32_t{0});
    append(end, count);
    append(end, count);
    append(end, size);
    append(end, offset);
    end += "PK\6\7";
    append(end, uint32_t{0});
    append(end, offset + size);
    append(end, uint32_t{1});
  }
  end += "PK\5\6";
  append(end, uint16_t{0});
  append(end, uint16_t{0});
  append(end, static_cast<uint16_t>(std::min<uint64_t>(count, kMarker16)));
  append(end, static_cast<uint16_t>(std::min<uint64_t>(count, kMarker16)));
  append(end, static_cast<uint32_t>(std::min<uint64_t>(size, kMarker32)));
  append(end, static_cast<uint32_t>(std::min<uint64_t>(offset, kMarker32)));
  append(end, uint16_t{0});
  return end;
}

Error wrong_zip_size() {
  return internal_error("zip_size", "a file of the archive has another size than was said of it");
}

}  // namespace

uint64_t zip_size_bytes(const std::vector<ZipFile>& files) {
  uint64_t offset = 0;
  uint64_t directory = 0;
  for (const ZipFile& file : files) {
    directory += directory_entry(file, offset, 0).size();
    offset += local_header(file).size() + packed_size(file.size_bytes) + descriptor(file, 0).size();
  }
  return offset + directory + end_of_directory(files.size(), directory, offset).size();
}

Result<void> ZipStream::put(std::string_view bytes) {
  written_ += bytes.size();
  return sink_.write(as_bytes(bytes));
}

Result<void> ZipStream::begin(const ZipFile& file) {
  entries_.push_back({file, written_, 0});
  left_ = file.size_bytes;
  block_left_ = 0;
  PACS_TRY(put(local_header(file)));
  return left_ == 0 ? start_block() : Result<void>();
}

Result<void> ZipStream::start_block() {
  block_left_ = std::min(left_, kBlockBytesMax);
  std::string head;
  head += static_cast<char>(block_left_ == left_ ? 1 : 0);  // the last one; type 0
  append(head, static_cast<uint16_t>(block_left_));
  append(head, static_cast<uint16_t>(~block_left_));
  return put(head);
}

Result<void> ZipStream::write(Bytes bytes) {
  if (bytes.size() > left_) return wrong_zip_size();
  while (!bytes.empty()) {
    if (block_left_ == 0) PACS_TRY(start_block());
    const Bytes piece =
        bytes.first(static_cast<size_t>(std::min<uint64_t>(bytes.size(), block_left_)));
    uint32_t& crc = entries_.back().crc;
    crc = static_cast<uint32_t>(
        crc32_z(crc, reinterpret_cast<const Bytef*>(piece.data()), piece.size()));
    PACS_TRY(put(as_text(piece)));
    left_ -= piece.size();
    block_left_ -= piece.size();
    bytes = bytes.subspan(piece.size());
  }
  return {};
}

Result<void> ZipStream::end() {
  if (left_ != 0) return wrong_zip_size();
  return put(descriptor(entries_.back().file, entries_.back().crc));
}

Result<void> ZipStream::finish() {
  const uint64_t offset = written_;
  for (const Entry& entry : entries_) {
    PACS_TRY(put(directory_entry(entry.file, entry.offset, entry.crc)));
  }
  return put(end_of_directory(entries_.size(), written_ - offset, offset));
}

}  // namespace pacs::http
