// Thumbnails that were made before: a viewer asks for the same ones each time that a study is
// opened.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace pacs::archive {

// Any thread. The key says all that the bytes depend on, first of all the SHA-256 of the stored
// image, so that no image ever gets another one's.
class ThumbnailCache {
 public:
  // Bytes of all thumbnails and keys that are kept; the ones not asked for longest go first.
  explicit ThumbnailCache(size_t size_bytes_max) : size_bytes_max_(size_bytes_max) {}

  [[nodiscard]] std::optional<std::string> find(const std::string& key);
  void put(const std::string& key, std::string_view thumbnail);
  [[nodiscard]] size_t size_bytes() const;

 private:
  using Entry = std::pair<std::string, std::string>;
  static size_t weight(const Entry& entry) { return entry.first.size() * 2 + entry.second.size(); }

  const size_t size_bytes_max_;
  mutable std::mutex mutex_;
  // All guarded by mutex_. The last one asked for is first.
  std::list<Entry> entries_;
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
  size_t size_bytes_ = 0;
};

}  // namespace pacs::archive
