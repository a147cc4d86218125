#include "dicom/inflated_file.h"

#include <algorithm>

#include "dicom/file_meta.h"

namespace pacs::dicom {
namespace {

std::string short_uid(const Header& header, Tag tag) {
  const auto uid = header.meta.find(tag);
  constexpr size_t kUidBytesMax = 1024;
  return uid ? std::string(uid->text().substr(0, kUidBytesMax)) : std::string();
}

}  // namespace

Result<std::unique_ptr<InflatedFile>> InflatedFile::open(const RandomAccess& file,
                                                         const Header& header, uint64_t size_max) {
  std::unique_ptr<InflatedFile> inflated(new InflatedFile(file, header.data_set_offset, size_max));
  inflated->start_ = make_file_start({short_uid(header, tags::kMediaStorageSopClassUid),
                                      short_uid(header, tags::kMediaStorageSopInstanceUid),
                                      kExplicitVrLittleEndian});
  inflated->rewind();
  ByteWindow& window = *inflated->window_;
  while (window.ensure(1)) window.advance(window.available());
  if (window.failure()) return *window.failure();
  inflated->inflated_size_ = window.position();
  inflated->rewind();
  return inflated;
}

// One byte more, so that the end of what fills the limit is found.
void InflatedFile::rewind() const {
  window_ = open_inflating_window(file_, data_set_offset_, size_max_ + 1);
}

Result<size_t> InflatedFile::read_at(uint64_t offset, MutableBytes buffer) const {
  if (offset >= size()) return size_t{0};
  buffer = buffer.first(static_cast<size_t>(std::min<uint64_t>(buffer.size(), size() - offset)));
  size_t done = 0;
  if (offset < start_.size()) {
    const Bytes start = as_bytes(start_).subspan(static_cast<size_t>(offset));
    done = std::min(start.size(), buffer.size());
    std::copy_n(start.begin(), done, buffer.begin());
  }
  if (done == buffer.size()) return done;
  const uint64_t place = offset + done - start_.size();
  if (place < window_->position()) rewind();
  if (!window_->skip(place - window_->position()) || !window_->read(buffer.subspan(done))) {
    if (window_->failure()) return *window_->failure();
    return corrupt("file_too_short", "a stored file has changed while it was read");
  }
  return buffer.size();
}

}  // namespace pacs::dicom
