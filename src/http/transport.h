// The bytes of one connection, without waiting: plain or through TLS.
#pragma once

#include <cstdint>
#include <memory>

#include "core/bytes.h"
#include "core/file.h"

namespace pacs::http {

// What came of one attempt to move bytes.
struct Transfer {
  enum class Outcome {
    moved,        // `count` bytes, at least one
    blocked,      // nothing moved; wait for `poll_events`
    ended,        // the other side sends no more; for a file: it is shorter than it should be
    failed,       // the connection is of no more use
    unsupported,  // send_file alone: copy instead
  };
  Outcome outcome = Outcome::failed;
  size_t count = 0;
  short poll_events = 0;  // POLLIN or POLLOUT
};

enum class More { follows, ends };

// One thread at a time, but for break_off().
class Transport {
 public:
  virtual ~Transport() = default;
  [[nodiscard]] virtual Transfer receive(MutableBytes buffer) = 0;
  [[nodiscard]] virtual Transfer send(Bytes bytes, More more) = 0;
  [[nodiscard]] virtual Transfer send_file(int descriptor, uint64_t offset, uint64_t length) = 0;
  // Tells the other side that nothing more comes, and keeps reading possible.
  virtual void end_sending() = 0;
  [[nodiscard]] virtual int descriptor() const = 0;
  // Can a few bytes be sent before anything was received? Not before a TLS handshake.
  [[nodiscard]] virtual bool can_speak_first() const = 0;
};

// Owns a non-blocking stream socket.
[[nodiscard]] std::unique_ptr<Transport> plain_transport(UniqueFd socket);

}  // namespace pacs::http
