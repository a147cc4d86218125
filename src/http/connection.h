// One accepted connection: its transport, the bytes that arrived and were not yet used, and the
// waits of a worker for either direction, each with a deadline.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "http/byte_pace.h"
#include "http/request.h"
#include "http/transport.h"

namespace pacs::http {

// Belongs to one thread at a time: a worker, or the event loop while it is parked.
class Connection {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // What it is doing when no worker has it.
  enum class Phase {
    idle,       // between requests, or before the first
    head,       // a part of a head is here
    lingering,  // answered and ended; what still arrives is dropped, so that the answer is seen
  };

  Connection(std::unique_ptr<Transport> transport, Peer peer, std::string scheme)
      : transport_(std::move(transport)), peer_(std::move(peer)), scheme_(std::move(scheme)) {
    peer_.has_tls = scheme_ == "https";
  }

  [[nodiscard]] Transport& transport() { return *transport_; }
  [[nodiscard]] int descriptor() const { return transport_->descriptor(); }
  [[nodiscard]] const Peer& peer() const { return peer_; }
  [[nodiscard]] const std::string& scheme() const { return scheme_; }

  // Bytes that have arrived and were not consumed.
  [[nodiscard]] std::string_view input() const {
    return std::string_view(input_).substr(consumed_);
  }
  void consume(size_t count);
  // Takes what is there into input(), `count_max` bytes at most, without waiting.
  Transfer fill(size_t count_max);
  // Gives back memory before the connection is parked.
  void shrink_input();

  // Waits until bytes are there and reads them into `buffer`. `unavailable` (reason
  // "client_too_slow" or "client_gone"), also when the other side has ended.
  Result<size_t> receive(MutableBytes buffer, BytePace& pace, const Clock& clock);
  // The same into input().
  Result<void> receive_input(size_t count_max, BytePace& pace, const Clock& clock);

  Phase phase = Phase::idle;
  TimePoint deadline{};     // of the phase
  size_t head_scanned = 0;  // how far find_head_end() got
  short wait_events = 0;    // POLLIN or POLLOUT: what it is parked for

 private:
  Result<void> wait(short events, BytePace& pace, const Clock& clock);

  std::unique_ptr<Transport> transport_;
  Peer peer_;
  std::string scheme_;
  std::string input_;
  size_t consumed_ = 0;
};

[[nodiscard]] Error client_gone();
[[nodiscard]] Error client_too_slow();

}  // namespace pacs::http
