#include "cli/signals.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/assert.h"

namespace pacs::cli {
namespace {

constexpr int kTickMillis = 500;
constexpr int kInterruptedExitBase = 128;  // as shells count signals

sigset_t handled_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, number);
  return set;
}

}  // namespace

Result<BlockedSignals> BlockedSignals::block() {
  const sigset_t set = handled_signals();
  const int error = ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  if (error != 0) return system_error(error, "blocking signals");
  UniqueFd descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!descriptor) return system_error(errno, "listening for signals");
  return BlockedSignals(std::move(descriptor));
}

SignalThread::SignalThread(const BlockedSignals& signals, Reactions reactions)
    : signals_(signals),
      reactions_(std::move(reactions)),
      wake_up_(::eventfd(0, EFD_CLOEXEC)),
      thread_([this] { run(); }) {
  PACS_ASSERT(wake_up_);
}

SignalThread::~SignalThread() {
  const uint64_t one = 1;
  PACS_ASSERT(::write(wake_up_.get(), &one, sizeof(one)) == sizeof(one));
  thread_.join();
}

void SignalThread::run() {
  bool is_stopping = false;
  for (;;) {
    std::array<pollfd, 2> watched = {
        {{signals_.descriptor(), POLLIN, 0}, {wake_up_.get(), POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), kTickMillis);
    if (watched[1].revents != 0) return;
    struct signalfd_siginfo signal = {};
    while (::read(signals_.descriptor(), &signal, sizeof(signal)) == sizeof(signal)) {
      if (signal.ssi_signo == SIGHUP) {
        reactions_.reload();
        continue;
      }
      if (is_stopping) ::_exit(kInterruptedExitBase + static_cast<int>(signal.ssi_signo));
      is_stopping = true;
      reactions_.stop();
    }
    reactions_.tick();
  }
}

}  // namespace pacs::cli
