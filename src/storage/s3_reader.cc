#include "storage/s3_reader.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "storage/s3_metadata.h"
#include "storage/s3_own_objects.h"

namespace pacs::storage {
namespace {

// Most images are fetched whole by the first request; of a large one whose header alone is wanted
// not much is wasted.
constexpr uint64_t kFirstWindowBytes = uint64_t{1} << 20;
// What is read ahead. More saves little: 4 MB take longer than the way.
constexpr uint64_t kWindowBytes = uint64_t{4} << 20;
// A range up to this is one request. A larger one is several: a viewer that takes its time holds
// memory meanwhile, and no connection that others need.
constexpr uint64_t kRangeBytesMax = uint64_t{16} << 20;

Error bad_range() {
  return invalid_argument("range_not_satisfiable", "the range is not within the stored object");
}

Error gone_meanwhile() {
  return not_found("no_such_blob", "the stored object was removed while it was being read");
}

Error not_as_known() {
  return conflict("blob_changed", "the stored object is not the one that is known");
}

Error other_bytes_sent() {
  return unavailable("store_unavailable",
                     "the object store sent other bytes than it was asked for");
}

std::string range_text(uint64_t offset, uint64_t length) {
  return "bytes=" + std::to_string(offset) + "-" + std::to_string(offset + length - 1);
}

}  // namespace

std::optional<ContentRange> parse_content_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  const size_t dash = text.find('-');
  const size_t slash = text.find('/');
  if (!text.starts_with(kUnit) || dash == std::string_view::npos ||
      slash == std::string_view::npos || dash > slash) {
    return std::nullopt;
  }
  const auto first = parse_unsigned(text.substr(kUnit.size(), dash - kUnit.size()));
  const auto size_bytes = parse_unsigned(text.substr(slash + 1));
  if (!first || !size_bytes) return std::nullopt;
  return ContentRange{*first, *size_bytes};
}

Result<BlobInfo> blob_info_of(const S3Objects& objects, const http::Headers& headers,
                              uint64_t size_bytes, std::string entity_tag) {
  const S3Metadata metadata = S3Metadata::from_headers(headers);
  std::optional<std::string> json = metadata.json;
  if (!metadata.attributes_id.empty()) {
    json = PACS_TRY(objects.read_text(s3_own::attributes(metadata.attributes_id)));
    if (!json) {
      return corrupt("bad_attributes", "the attributes of a stored object are missing");
    }
  }
  BlobInfo info;
  if (json) info.attributes = PACS_TRY(BlobAttributes::from_json(*json));
  info.size_bytes = size_bytes;
  info.entity_tag = entity_tag;
  info.identity = std::move(entity_tag);
  return info;
}

Result<std::unique_ptr<BlobReader>> S3BlobReader::open(S3Client& client, const S3Objects& objects,
                                                       std::string key,
                                                       std::optional<ByteRange> range) {
  if (range && range->length > UINT64_MAX - range->offset) return bad_range();
  auto reader = std::unique_ptr<S3BlobReader>(new S3BlobReader(client, objects, std::move(key)));
  if (range && range->length == 0) {
    PACS_TRY(reader->open_without_bytes());
  } else {
    ByteRange first = range.value_or(ByteRange{0, kFirstWindowBytes});
    first.length = std::min(first.length, kRangeBytesMax);
    PACS_TRY(reader->open_with_bytes(first));
  }
  const uint64_t size_bytes = reader->blob_size_bytes_;
  reader->window_ = range.value_or(ByteRange{0, size_bytes});
  if (reader->window_.offset > size_bytes ||
      reader->window_.length > size_bytes - reader->window_.offset) {
    return bad_range();
  }
  return std::unique_ptr<BlobReader>(std::move(reader));
}

std::unique_ptr<BlobReader> S3BlobReader::open_known(S3Client& client, const S3Objects& objects,
                                                     std::string key, const KnownBlob& known) {
  auto reader = std::unique_ptr<S3BlobReader>(new S3BlobReader(client, objects, std::move(key)));
  reader->window_ = {0, known.size_bytes};
  reader->blob_size_bytes_ = known.size_bytes;
  reader->entity_tag_ = known.identity;
  return reader;
}

Result<void> S3BlobReader::open_without_bytes() {
  std::optional<S3Answer> answer = PACS_TRY(objects_.find(key_));
  if (!answer) return not_found("no_such_blob", "there is no stored object under this key");
  const auto size_bytes = parse_unsigned(answer->header("Content-Length"));
  if (!size_bytes) return other_bytes_sent();
  take(std::move(*answer), *size_bytes);
  held_.clear();
  return {};
}

Result<void> S3BlobReader::open_with_bytes(ByteRange first) {
  S3Request request;
  request.key = key_;
  request.headers.set("Range", range_text(first.offset, first.length));
  request.answer_bytes = first.length;
  S3Answer answer = PACS_TRY(client_.send(request));
  // Of an empty object there is no range.
  if (answer.status() == 416) return open_without_bytes();
  if (!answer.is_success()) return answer.fault.to_error();
  const auto range = parse_content_range(answer.header("Content-Range"));
  const bool is_right =
      answer.status() == 206 ? range && range->first == first.offset : first.offset == 0;
  if (!is_right) return other_bytes_sent();
  const uint64_t size_bytes = range ? range->size_bytes : answer.response.body.size();
  held_from_ = first.offset;
  take(std::move(answer), size_bytes);
  return {};
}

void S3BlobReader::take(S3Answer answer, uint64_t size_bytes) {
  blob_size_bytes_ = size_bytes;
  entity_tag_ = answer.entity_tag();
  is_confirmed_ = true;
  headers_ = std::move(answer.response.headers);
  held_ = std::move(answer.response.body);
}

// Asks once whether the known object is there.
Result<void> S3BlobReader::look() const {
  if (is_confirmed_) return {};
  std::optional<S3Answer> answer = PACS_TRY(objects_.find(key_));
  const bool is_known = answer && answer->entity_tag() == entity_tag_ &&
                        parse_unsigned(answer->header("Content-Length")) == blob_size_bytes_;
  if (!is_known) return not_as_known();
  is_confirmed_ = true;
  headers_ = std::move(answer->response.headers);
  return {};
}

Result<BlobInfo> S3BlobReader::info() const {
  PACS_TRY(look());
  return blob_info_of(objects_, headers_, blob_size_bytes_, entity_tag_);
}

// Holds that stretch of the blob, which lies within the window.
Result<void> S3BlobReader::fetch(uint64_t offset, uint64_t length) const {
  S3Request request;
  request.key = key_;
  request.headers.set("Range", range_text(offset, length));
  request.answer_bytes = length;
  request.headers.set("If-Match", "\"" + entity_tag_ + "\"");
  S3Answer answer = PACS_TRY(client_.send(request));
  if (answer.status() == 412 || answer.status() == 416) {
    return is_confirmed_ ? gone_meanwhile() : not_as_known();
  }
  if (!answer.is_success()) {
    Error error = answer.fault.to_error();
    return error.code == ErrorCode::not_found && !is_confirmed_ ? not_as_known() : error;
  }
  const auto range = parse_content_range(answer.header("Content-Range"));
  if (range && range->size_bytes != blob_size_bytes_ && !is_confirmed_) return not_as_known();
  const bool is_right = answer.status() == 206 && range && range->first == offset &&
                        range->size_bytes == blob_size_bytes_ &&
                        answer.response.body.size() == length;
  if (!is_right) return other_bytes_sent();
  if (!is_confirmed_) headers_ = std::move(answer.response.headers);
  is_confirmed_ = true;
  held_from_ = offset;
  held_ = std::move(answer.response.body);
  return {};
}

// What is at hand from that offset of the window on: at least a byte, unless the window ends there.
// What has to be fetched for it is as much as is wanted, as far as the window goes.
Result<Bytes> S3BlobReader::some_from(uint64_t offset, uint64_t wanted_bytes) const {
  if (offset >= window_.length) return Bytes();
  const uint64_t in_blob = window_.offset + offset;
  if (in_blob < held_from_ || in_blob >= held_from_ + held_.size()) {
    PACS_TRY(fetch(in_blob, std::min(wanted_bytes, window_.length - offset)));
  }
  const Bytes rest = as_bytes(held_).subspan(in_blob - held_from_);
  return rest.first(std::min<uint64_t>(rest.size(), window_.length - offset));
}

Result<size_t> S3BlobReader::read_some(MutableBytes buffer) {
  const Bytes some = PACS_TRY(some_from(position_, kWindowBytes));
  const size_t count = std::min(some.size(), buffer.size());
  std::copy_n(some.begin(), count, buffer.begin());
  position_ += count;
  return count;
}

Result<size_t> S3BlobReader::read_at(uint64_t offset, MutableBytes buffer) const {
  size_t filled = 0;
  while (filled < buffer.size()) {
    const Bytes some = PACS_TRY(some_from(offset + filled, kWindowBytes));
    if (some.empty()) break;
    const size_t count = std::min(some.size(), buffer.size() - filled);
    std::copy_n(some.begin(), count, buffer.begin() + static_cast<ptrdiff_t>(filled));
    filled += count;
  }
  return filled;
}

Result<void> S3BlobReader::write_to(ByteSink& sink, uint64_t offset, uint64_t length) {
  if (offset > window_.length || length > window_.length - offset) return bad_range();
  while (length > 0) {
    Bytes some = PACS_TRY(some_from(offset, std::min(length, kRangeBytesMax)));
    some = some.first(std::min<uint64_t>(some.size(), length));
    PACS_TRY(sink.write(some));
    offset += some.size();
    length -= some.size();
  }
  return {};
}

}  // namespace pacs::storage
