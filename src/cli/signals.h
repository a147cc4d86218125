// SIGTERM, SIGINT and SIGHUP as calls on a thread of their own, where everything is allowed.
#pragma once

#include <functional>
#include <thread>
#include <utility>

#include "core/file.h"
#include "core/result.h"

namespace pacs::cli {

// The signals, held back for this thread and for those that it starts from now on: to be made
// before any other thread. They wait until a SignalThread takes them.
class BlockedSignals {
 public:
  [[nodiscard]] static Result<BlockedSignals> block();
  [[nodiscard]] int descriptor() const { return descriptor_.get(); }

 private:
  explicit BlockedSignals(UniqueFd descriptor) : descriptor_(std::move(descriptor)) {}
  UniqueFd descriptor_;  // signalfd(2)
};

class SignalThread {
 public:
  struct Reactions {
    std::function<void()> stop;    // SIGTERM, SIGINT
    std::function<void()> reload;  // SIGHUP
    std::function<void()> tick;    // twice a second
  };

  // A second SIGTERM or SIGINT ends the process at once, for who will not wait. `signals` outlives
  // the object.
  SignalThread(const BlockedSignals& signals, Reactions reactions);
  // Waits for the call that runs; none comes afterwards.
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  void run();

  const BlockedSignals& signals_;
  const Reactions reactions_;
  UniqueFd wake_up_;  // eventfd(2)
  std::thread thread_;
};

}  // namespace pacs::cli
