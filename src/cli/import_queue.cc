#include "cli/import_queue.h"

#include <utility>

namespace pacs::cli {

bool ImportQueue::push(ImportItem item) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return is_closed_ || items_.size() < length_max_; });
  if (is_closed_) return false;
  items_.push_back(std::move(item));
  changed_.notify_all();
  return true;
}

std::optional<ImportItem> ImportQueue::pop() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return is_closed_ || !items_.empty(); });
  if (items_.empty()) return std::nullopt;
  ImportItem item = std::move(items_.front());
  items_.pop_front();
  changed_.notify_all();
  return item;
}

void ImportQueue::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  changed_.notify_all();
}

}  // namespace pacs::cli
