// Writes an answer to a connection: waits for a slow client as long as it keeps the pace.
#pragma once

#include <cstdint>

#include "core/clock.h"
#include "http/byte_pace.h"
#include "http/response_writer.h"
#include "http/transport.h"

namespace pacs::http {

class ConnectionWire final : public Wire {
 public:
  ConnectionWire(Transport& transport, const PaceLimits& limits, const Clock& clock)
      : transport_(transport), pace_(limits), clock_(clock) {}

  // Errors of all: `unavailable` (reason "client_gone" or "client_too_slow").
  Result<void> write(Bytes bytes) override { return send_all(bytes, More::ends); }
  Result<void> write_more(Bytes bytes) override { return send_all(bytes, More::follows); }
  // By sendfile(2) where the transport can; also `corrupt` when the file ends early.
  Result<void> write_file(int descriptor, uint64_t offset, uint64_t length) override;

 private:
  Result<void> send_all(Bytes bytes, More more);
  // Takes in what one attempt did, and waits when it was blocked.
  Result<void> follow(const Transfer& transfer);
  Result<void> wait(short events);
  [[nodiscard]] uint64_t delivered() const;

  Transport& transport_;
  BytePace pace_;
  const Clock& clock_;
  uint64_t handed_over_ = 0;  // to the kernel
};

}  // namespace pacs::http
