// The body of a request on its way in (RFC 9112 6 and 7): of known length or in chunks, straight
// from the socket into the reader's buffer.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "core/clock.h"
#include "core/stream.h"
#include "http/byte_pace.h"
#include "http/connection.h"
#include "http/request_head.h"

namespace pacs::http {

class RequestBody final : public ByteSource {
 public:
  struct Options {
    PaceLimits pace;
    uint64_t bytes_max = UINT64_MAX;
    // Sends "100 Continue"; called at most once, before the first read.
    std::function<Result<void>()> send_continue;
  };

  RequestBody(Connection& connection, const RequestHead& head, Options options, const Clock& clock);

  // Errors stay: `invalid_argument` ("bad_chunk"), `resource_exhausted` ("too_large"),
  // `unavailable`
  // ("client_gone", "client_too_slow").
  Result<size_t> read_some(MutableBytes buffer) override;

  // Has all of it been read from the connection?
  [[nodiscard]] bool complete() const { return stage_ == Stage::done; }
  // Could drain() succeed? Not when the client still waits for "100 Continue", or after an error.
  [[nodiscard]] bool can_drain(uint64_t bytes_max) const;
  // Reads the rest and drops it; false when there were more bytes or an error.
  [[nodiscard]] bool drain(uint64_t bytes_max);

 private:
  enum class Stage { data, chunk_size, chunk_end, trailers, done };

  Result<size_t> read_data(MutableBytes buffer);
  Result<void> advance_chunk();
  Result<void> read_chunk_size();
  Result<void> read_trailers();
  // The next line of the chunked framing, without its CR LF; a view into the connection's input.
  Result<std::string_view> peek_line();
  void consume_line(std::string_view line);

  Connection& connection_;
  Options options_;
  const Clock& clock_;
  BytePace pace_;
  bool chunked_;
  bool continue_pending_;
  Stage stage_;
  uint64_t rest_;        // of the body, or of the chunk
  uint64_t total_ = 0;   // of the body so far
  size_t overhead_ = 0;  // bytes of extensions and trailers
  std::optional<Error> failure_;
};

}  // namespace pacs::http
