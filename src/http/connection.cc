#include "http/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>

namespace pacs::http {
namespace {
constexpr size_t kChunkBytes = 16 * 1024;  // read at a time: more than nearly every head
}

Error client_gone() { return unavailable("client_gone", "the connection ended too early"); }

Error client_too_slow() {
  return unavailable("client_too_slow", "the connection was too slow and has been given up");
}

void Connection::consume(size_t count) {
  consumed_ += count;
  if (consumed_ == input_.size()) {
    input_.clear();
    consumed_ = 0;
  }
}

Transfer Connection::fill(size_t count_max) {
  if (consumed_ > 0) {
    input_.erase(0, consumed_);
    consumed_ = 0;
  }
  // Not into the string itself: it would fill with zeros what is then overwritten.
  std::array<char, kChunkBytes> chunk;
  const Transfer transfer = transport_->receive(
      std::as_writable_bytes(std::span(chunk).first(std::min(count_max, chunk.size()))));
  input_.append(chunk.data(), transfer.count);
  return transfer;
}

void Connection::shrink_input() {
  if (consumed_ > 0) input_.erase(0, std::exchange(consumed_, 0));
  input_.shrink_to_fit();
}

Result<void> Connection::wait(short events, BytePace& pace, const Clock& clock) {
  const auto allowance = pace.allowance();
  if (allowance.count() <= 0) return client_too_slow();
  pollfd waiting{descriptor(), events, 0};
  const auto start = clock.monotonic();
  const int ready =
      poll(&waiting, 1, static_cast<int>(std::min<int64_t>(allowance.count(), 60'000)));
  pace.waited(clock.monotonic() - start);
  if (ready < 0 && errno != EINTR) return client_gone();
  return {};
}

Result<size_t> Connection::receive(MutableBytes buffer, BytePace& pace, const Clock& clock) {
  while (true) {
    const Transfer transfer = transport_->receive(buffer);
    switch (transfer.outcome) {
      case Transfer::Outcome::moved:
        pace.moved(transfer.count);
        return transfer.count;
      case Transfer::Outcome::blocked:
        PACS_TRY(wait(transfer.poll_events, pace, clock));
        break;
      default:
        return client_gone();
    }
  }
}

Result<void> Connection::receive_input(size_t count_max, BytePace& pace, const Clock& clock) {
  while (true) {
    const Transfer transfer = fill(count_max);
    switch (transfer.outcome) {
      case Transfer::Outcome::moved:
        pace.moved(transfer.count);
        return {};
      case Transfer::Outcome::blocked:
        PACS_TRY(wait(transfer.poll_events, pace, clock));
        break;
      default:
        return client_gone();
    }
  }
}

}  // namespace pacs::http
