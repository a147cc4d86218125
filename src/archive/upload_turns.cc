#include "archive/upload_turns.h"

namespace pacs::archive {

using Steady = std::chrono::steady_clock;

Result<UploadTurns::Turn> UploadTurns::take(const std::string& id, Manner manner,
                                            std::function<void()> break_off,
                                            std::chrono::milliseconds wait_max) {
  const Error in_use =
      conflict("upload_in_use", "another request is sending to this upload; try again");
  const auto deadline = Steady::now() + wait_max;
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    std::shared_ptr<Holder>& slot = holders_[id];
    if (slot == nullptr) {
      slot = std::make_shared<Holder>();
      slot->break_off = std::move(break_off);
      slot->heard_at = Steady::now().time_since_epoch().count();
      return Turn(*this, id, slot);
    }
    if (!slot->is_finishing && !slot->is_asked && slot->break_off) {
      const Steady::time_point heard_at{Steady::duration(slot->heard_at)};
      if (manner == Manner::polite && Steady::now() - heard_at < kQuiet) return in_use;
      slot->is_asked = true;
      slot->break_off();
    }
    if (freed_.wait_until(lock, deadline) == std::cv_status::timeout) return in_use;
  }
}

UploadTurns::Turn::~Turn() {
  if (holder_ == nullptr) return;
  {
    const std::lock_guard<std::mutex> lock(turns_->mutex_);
    turns_->holders_.erase(id_);
  }
  turns_->freed_.notify_all();
}

void UploadTurns::Turn::heard() { holder_->heard_at = Steady::now().time_since_epoch().count(); }

void UploadTurns::Turn::begin_finishing() {
  const std::lock_guard<std::mutex> lock(turns_->mutex_);
  holder_->is_finishing = true;
}

}  // namespace pacs::archive
