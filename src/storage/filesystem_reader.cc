#include "storage/filesystem_reader.h"

#include <algorithm>

#include <fcntl.h>

namespace pacs::storage {

Result<OpenBlob> open_blob(int root, const ObjectKey& key) {
  const auto no_such_blob = [] {
    return not_found("no_such_blob", "there is no stored object under this key");
  };
  // O_NONBLOCK: a FIFO that somebody put there must not hold us up.
  Result<UniqueFd> file = open_below(root, key.str(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file && file.error().code == ErrorCode::not_found) return no_such_blob();
  if (!file) return std::move(file).error();
  const struct ::stat status = PACS_TRY(stat_open(file->get()));
  if (!S_ISREG(status.st_mode)) return no_such_blob();
  return OpenBlob{std::move(*file), status};
}

Result<std::unique_ptr<BlobReader>> FilesystemBlobReader::open(int root, const ObjectKey& key,
                                                               std::optional<ByteRange> range,
                                                               const AttributeFiles& attributes) {
  OpenBlob blob = PACS_TRY(open_blob(root, key));
  const auto size_bytes = static_cast<uint64_t>(blob.status.st_size);
  const ByteRange window = range.value_or(ByteRange{0, size_bytes});
  if (window.offset > size_bytes || window.length > size_bytes - window.offset) {
    return invalid_argument("range_not_satisfiable", "the range is not within the stored object");
  }
  return std::unique_ptr<BlobReader>(
      new FilesystemBlobReader(std::move(blob.file), blob.status, window, key, attributes));
}

FilesystemBlobReader::FilesystemBlobReader(UniqueFd file, const struct ::stat& status,
                                           ByteRange window, ObjectKey key,
                                           const AttributeFiles& attributes)
    : file_(std::move(file)),
      window_(window),
      blob_size_bytes_(static_cast<uint64_t>(status.st_size)),
      identity_(identity_text(status)),
      key_(std::move(key)),
      attributes_(attributes) {}

Result<size_t> FilesystemBlobReader::read_some(MutableBytes buffer) {
  if (position_ == window_.length) return size_t{0};
  const size_t wanted = std::min<uint64_t>(buffer.size(), window_.length - position_);
  const size_t count =
      PACS_TRY(pacs::read_at(file_.get(), window_.offset + position_, buffer.first(wanted)));
  if (count == 0) return corrupt("file_too_short", "a stored file ends before its known size");
  position_ += count;
  return count;
}

Result<BlobInfo> FilesystemBlobReader::info() const {
  BlobInfo info;
  info.size_bytes = blob_size_bytes_;
  info.attributes = PACS_TRY(attributes_.read(file_.get(), key_));
  info.entity_tag = identity_;
  info.identity = identity_;
  return info;
}

Result<void> FilesystemBlobReader::write_to(ByteSink& sink, uint64_t offset, uint64_t length) {
  if (offset > window_.length || length > window_.length - offset) {
    return invalid_argument("range_not_satisfiable", "the range is not within the stored object");
  }
  if (length == 0) return {};
  return sink.write_file(file_.get(), window_.offset + offset, length);
}

Result<size_t> FilesystemBlobReader::read_at(uint64_t offset, MutableBytes buffer) const {
  if (offset >= window_.length) return size_t{0};
  const size_t wanted = std::min<uint64_t>(buffer.size(), window_.length - offset);
  return pacs::read_at(file_.get(), window_.offset + offset, buffer.first(wanted));
}

}  // namespace pacs::storage
