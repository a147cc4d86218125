#include "http/connection_wire.h"

#include <algorithm>
#include <cerrno>

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "http/connection.h"

namespace pacs::http {
namespace {
// How often a blocked sender looks whether bytes still leave the kernel's queue.
constexpr int64_t kProgressProbeMs = 2'000;
}  // namespace

// The kernel's queue can hold minutes of a slow link, so a client counts as moving while that queue
// shrinks, though there is no room for more yet.
uint64_t ConnectionWire::delivered() const {
  int queued = 0;
  if (ioctl(transport_.descriptor(), SIOCOUTQ, &queued) != 0 || queued < 0) queued = 0;
  return handed_over_ - std::min<uint64_t>(handed_over_, static_cast<uint64_t>(queued));
}

Result<void> ConnectionWire::wait(short events) {
  while (true) {
    pace_.moved_to(delivered());
    const auto allowance = pace_.allowance();
    if (allowance.count() <= 0) return client_too_slow();
    pollfd waiting{transport_.descriptor(), events, 0};
    const auto start = clock_.monotonic();
    const int ready =
        poll(&waiting, 1, static_cast<int>(std::min<int64_t>(allowance.count(), kProgressProbeMs)));
    pace_.waited(clock_.monotonic() - start);
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return client_gone();
  }
}

Result<void> ConnectionWire::follow(const Transfer& transfer) {
  switch (transfer.outcome) {
    case Transfer::Outcome::moved:
      handed_over_ += transfer.count;
      return {};
    case Transfer::Outcome::blocked:
      return wait(transfer.poll_events);
    default:
      return client_gone();
  }
}

Result<void> ConnectionWire::send_all(Bytes bytes, More more) {
  while (!bytes.empty()) {
    const Transfer transfer = transport_.send(bytes, more);
    PACS_TRY(follow(transfer));
    bytes = bytes.subspan(transfer.count);
  }
  return {};
}

Result<void> ConnectionWire::write_file(int descriptor, uint64_t offset, uint64_t length) {
  while (length > 0) {
    const Transfer transfer = transport_.send_file(descriptor, offset, length);
    if (transfer.outcome == Transfer::Outcome::unsupported) {
      return ByteSink::write_file(descriptor, offset, length);
    }
    if (transfer.outcome == Transfer::Outcome::ended) {
      return corrupt("file_too_short", "a stored file ends before its known size");
    }
    PACS_TRY(follow(transfer));
    offset += transfer.count;
    length -= transfer.count;
  }
  return {};
}

}  // namespace pacs::http
