#include "archive/thumbnail_cache.h"

namespace pacs::archive {

std::optional<std::string> ThumbnailCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void ThumbnailCache::put(const std::string& key, std::string_view thumbnail) {
  const std::lock_guard lock(mutex_);
  if (by_key_.contains(key)) return;  // two have made it at the same time
  entries_.emplace_front(key, thumbnail);
  by_key_[key] = entries_.begin();
  size_bytes_ += weight(entries_.front());
  while (size_bytes_ > size_bytes_max_) {
    size_bytes_ -= weight(entries_.back());
    by_key_.erase(entries_.back().first);
    entries_.pop_back();
  }
}

size_t ThumbnailCache::size_bytes() const {
  const std::lock_guard lock(mutex_);
  return size_bytes_;
}

}  // namespace pacs::archive
