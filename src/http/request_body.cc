#include "http/request_body.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.h"
#include "http/headers.h"

namespace pacs::http {
namespace {

constexpr size_t kInputBytes = 64 * 1024;        // read ahead for the framing of chunks
constexpr uint64_t kDirectBytesMin = 16 * 1024;  // a chunk's rest worth a read of its own
constexpr size_t kLineBytesMax = 4 * 1024;
constexpr size_t kSizeDigitsMax = 15;            // 2^60 bytes
constexpr size_t kOverheadBytesMax = 16 * 1024;  // nobody uses extensions; trailers are checksums

Error bad_chunk(std::string_view detail) { return invalid_argument("bad_chunk", detail); }

}  // namespace

RequestBody::RequestBody(Connection& connection, const RequestHead& head, Options options,
                         const Clock& clock)
    : connection_(connection),
      options_(std::move(options)),
      clock_(clock),
      pace_(options_.pace),
      chunked_(head.chunked),
      continue_pending_(head.expects_continue),
      stage_(head.chunked ? Stage::chunk_size : Stage::data),
      rest_(head.content_length.value_or(0)) {
  if (!head.has_body()) stage_ = Stage::done;
}

Result<size_t> RequestBody::read_some(MutableBytes buffer) {
  if (failure_) return *failure_;
  if (stage_ == Stage::done) return size_t{0};
  if (std::exchange(continue_pending_, false) && connection_.input().empty()) {
    if (auto sent = options_.send_continue(); !sent) {
      failure_ = sent.error();
      return *failure_;
    }
  }
  Result<size_t> count = read_data(buffer);
  if (!count) failure_ = count.error();
  return count;
}

Result<size_t> RequestBody::read_data(MutableBytes buffer) {
  while (stage_ != Stage::data && stage_ != Stage::done) PACS_TRY(advance_chunk());
  if (stage_ == Stage::done) return size_t{0};
  buffer = buffer.first(std::min<uint64_t>(buffer.size(), rest_));
  size_t count = 0;
  if (connection_.input().empty() && chunked_ && rest_ < kDirectBytesMin) {
    PACS_TRY(connection_.receive_input(kInputBytes, pace_, clock_));
  }
  if (const Bytes ready = as_bytes(connection_.input()); !ready.empty()) {
    count = std::min(ready.size(), buffer.size());
    std::copy_n(ready.begin(), count, buffer.begin());
    connection_.consume(count);
  } else {
    count = PACS_TRY(connection_.receive(buffer, pace_, clock_));
  }
  rest_ -= count;
  total_ += count;
  if (total_ > options_.bytes_max) {
    return resource_exhausted("too_large", "the body is larger than this server takes");
  }
  if (rest_ == 0) {
    stage_ = chunked_ ? Stage::chunk_end : Stage::done;
    // The end of the last chunk is often here already; seeing it now spares a drain later.
    while (chunked_ && stage_ != Stage::data && stage_ != Stage::done &&
           connection_.input().find('\n') != std::string_view::npos) {
      PACS_TRY(advance_chunk());
    }
  }
  return count;
}

Result<void> RequestBody::advance_chunk() {
  switch (stage_) {
    case Stage::chunk_size:
      return read_chunk_size();
    case Stage::chunk_end: {
      const std::string_view line = PACS_TRY(peek_line());
      if (!line.empty()) return bad_chunk("a chunk is longer than its size says");
      consume_line(line);
      stage_ = Stage::chunk_size;
      return {};
    }
    case Stage::trailers:
      return read_trailers();
    case Stage::data:
    case Stage::done:
      return {};
  }
  return {};
}

// 1000;name=value CR LF
Result<void> RequestBody::read_chunk_size() {
  const std::string_view line = PACS_TRY(peek_line());
  const size_t digits = std::min(line.find(';'), line.size());
  if (digits == 0 || digits > kSizeDigitsMax) return bad_chunk("a chunk size is malformed");
  uint64_t size = 0;
  for (const char c : line.substr(0, digits)) {
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower >= '0' && lower <= '9') {
      size = size * 16 + static_cast<uint64_t>(lower - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      size = size * 16 + static_cast<uint64_t>(lower - 'a' + 10);
    } else {
      return bad_chunk("a chunk size is malformed");
    }
  }
  overhead_ += line.size() - digits;
  if (overhead_ > kOverheadBytesMax) return bad_chunk("too many chunk extensions");
  if (size > options_.bytes_max - std::min(total_, options_.bytes_max)) {
    return resource_exhausted("too_large", "the body is larger than this server takes");
  }
  consume_line(line);
  rest_ = size;
  stage_ = size == 0 ? Stage::trailers : Stage::data;
  return {};
}

// Trailers are checked and dropped: nothing here may be set by what follows a body.
Result<void> RequestBody::read_trailers() {
  const std::string_view line = PACS_TRY(peek_line());
  if (line.empty()) {
    consume_line(line);
    stage_ = Stage::done;
    return {};
  }
  overhead_ += line.size();
  if (overhead_ > kOverheadBytesMax) return bad_chunk("too many trailers");
  if (!is_token(line.substr(0, std::min(line.find(':'), line.size()))) ||
      line.find(':') == std::string_view::npos) {
    return bad_chunk("a trailer is malformed");
  }
  consume_line(line);
  return {};
}

Result<std::string_view> RequestBody::peek_line() {
  while (true) {
    const std::string_view input = connection_.input();
    const size_t end = input.find_first_of("\r\n");
    if (end == std::string_view::npos ? input.size() > kLineBytesMax : end > kLineBytesMax) {
      return bad_chunk("a line of the chunked body is too long");
    }
    if (end != std::string_view::npos) {
      if (input[end] == '\n') return bad_chunk("a line of the chunked body ends in a bare LF");
      if (end + 1 < input.size()) {
        if (input[end + 1] != '\n') return bad_chunk("a bare CR in the framing of chunks");
        return input.substr(0, end);
      }
    }
    PACS_TRY(connection_.receive_input(kInputBytes, pace_, clock_));
  }
}

void RequestBody::consume_line(std::string_view line) { connection_.consume(line.size() + 2); }

bool RequestBody::can_drain(uint64_t bytes_max) const {
  if (complete()) return true;
  if (continue_pending_ || failure_) return false;
  return chunked_ || rest_ <= bytes_max;
}

bool RequestBody::drain(uint64_t bytes_max) {
  std::array<std::byte, 16 * 1024> scratch;
  uint64_t drained = 0;
  while (!complete() && can_drain(bytes_max)) {
    const auto count = read_some(scratch);
    if (!count) return false;
    drained += *count;
    if (drained > bytes_max) return false;
  }
  return complete();
}

}  // namespace pacs::http
