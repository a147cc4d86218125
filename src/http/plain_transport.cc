// A TCP or Unix socket without TLS.
#include <algorithm>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include "http/transport.h"

namespace pacs::http {
namespace {

Transfer outcome_of(ssize_t count, short poll_events) {
  if (count > 0) return {Transfer::Outcome::moved, static_cast<size_t>(count), 0};
  if (count == 0) return {Transfer::Outcome::ended, 0, 0};
  if (errno == EAGAIN) return {Transfer::Outcome::blocked, 0, poll_events};
  return {Transfer::Outcome::failed, 0, 0};
}

template <typename Call>
ssize_t retried(Call call) {
  ssize_t count = 0;
  do {
    count = call();
  } while (count < 0 && errno == EINTR);
  return count;
}

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(UniqueFd socket) : socket_(std::move(socket)) {}

  Transfer receive(MutableBytes buffer) override {
    return outcome_of(retried([&] { return recv(socket_.get(), buffer.data(), buffer.size(), 0); }),
                      POLLIN);
  }

  Transfer send(Bytes bytes, More more) override {
    const int flags = MSG_NOSIGNAL | (more == More::follows ? MSG_MORE : 0);
    return outcome_of(
        retried([&] { return ::send(socket_.get(), bytes.data(), bytes.size(), flags); }), POLLOUT);
  }

  Transfer send_file(int descriptor, uint64_t offset, uint64_t length) override {
    constexpr uint64_t kLengthMax = 0x7ffff000;  // sendfile(2) moves no more at once
    auto position = static_cast<off_t>(offset);
    const ssize_t count = retried([&] {
      return sendfile(socket_.get(), descriptor, &position, std::min(length, kLengthMax));
    });
    // A broken disk and a broken connection end a sendfile alike; who copies learns which it was.
    if (count < 0 && (errno == EINVAL || errno == ENOSYS || errno == EIO)) {
      return {Transfer::Outcome::unsupported, 0, 0};
    }
    return outcome_of(count, POLLOUT);
  }

  void end_sending() override { shutdown(socket_.get(), SHUT_WR); }
  int descriptor() const override { return socket_.get(); }
  bool can_speak_first() const override { return true; }

 private:
  UniqueFd socket_;
};

}  // namespace

std::unique_ptr<Transport> plain_transport(UniqueFd socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

}  // namespace pacs::http
