// Items between the one who finds them and those who send them: bounded, so that finding never runs
// far ahead with open files.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "cli/import_item.h"

namespace pacs::cli {

// Any thread.
class ImportQueue {
 public:
  explicit ImportQueue(size_t length_max) : length_max_(length_max) {}

  // Waits for room. False when close() was called: the item is dropped.
  bool push(ImportItem item);
  // Waits for an item; nothing when there are no more and close() was called.
  [[nodiscard]] std::optional<ImportItem> pop();
  // No more items come.
  void close();

 private:
  const size_t length_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ImportItem> items_;  // guarded by mutex_
  bool is_closed_ = false;        // guarded by mutex_
};

}  // namespace pacs::cli
