// Who works on a resumable upload right now: one at a time. A client whose connection died without
// a word comes back on a new one while the server still waits on the old: the new one gets the turn
// quickly, the old one keeps what had arrived.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/result.h"

namespace pacs::archive {

// Any thread. Outlives its turns.
class UploadTurns {
 public:
  // Nothing heard for as long: the connection may be dead, and whoever else comes takes over. A
  // sender that is alive has more to say within it on any link worth the name.
  static constexpr std::chrono::milliseconds kQuiet{1000};

  enum class Manner {
    polite,     // a holder that was heard just now keeps its turn
    insisting,  // it must give way
  };

  class Turn;

  // Success: the turn is the caller's until it is destroyed. `break_off` makes the caller's wait
  // for bytes end soon; it is called by another thread, at most while the turn lasts, and must not
  // block. Null for who waits for nothing: then others wait. conflict/upload_in_use when somebody
  // else keeps it, at the latest after `wait_max`.
  [[nodiscard]] Result<Turn> take(const std::string& id, Manner manner,
                                  std::function<void()> break_off,
                                  std::chrono::milliseconds wait_max);

 private:
  struct Holder {
    std::function<void()> break_off;
    std::atomic<std::chrono::steady_clock::rep> heard_at{0};
    std::atomic<bool> is_asked{false};
    bool is_finishing = false;  // guarded by mutex_
  };

  std::mutex mutex_;
  std::condition_variable freed_;
  std::map<std::string, std::shared_ptr<Holder>> holders_;  // shared: with their turns
};

// Belongs to the thread that took it.
class UploadTurns::Turn {
 public:
  Turn(UploadTurns& turns, std::string id, std::shared_ptr<Holder> holder)
      : turns_(&turns), id_(std::move(id)), holder_(std::move(holder)) {}
  ~Turn();
  Turn(Turn&& other) noexcept = default;
  Turn& operator=(Turn&&) = delete;

  // Bytes have come just now.
  void heard();
  // Somebody else waits for the turn: stop soon.
  [[nodiscard]] bool is_asked_for() const { return holder_->is_asked; }
  // All bytes are here: what follows takes its time and is not to be broken off.
  void begin_finishing();

 private:
  UploadTurns* turns_;
  std::string id_;
  std::shared_ptr<Holder> holder_;  // null once moved from
};

}  // namespace pacs::archive
