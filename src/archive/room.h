// Is there room for more images? Below a low-water mark none is taken in any more, so that what
// keeps the stored ones safe (the index, removals, the audit log) still has space to work in.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "archive/stores.h"
#include "core/clock.h"
#include "core/metrics.h"
#include "core/result.h"

namespace pacs::archive {

// Of a filesystem of `bytes_total` (0: not known): what is wanted, but no more than a tenth of it,
// so that a small disk takes something at all.
[[nodiscard]] uint64_t low_water_mark(uint64_t wanted, uint64_t bytes_total);

// Below it every image is refused, since each is a file and up to three folders.
inline constexpr uint64_t kInodesFreeMin = 1000;

// Any thread. Looks at the filesystems once a second at most: nothing needs a restart when there is
// room again.
class Room {
 public:
  // `bytes_free_min` 0: never refuses. What is passed by reference outlives it.
  Room(const Stores& stores, std::string index_folder, uint64_t bytes_free_min, const Clock& clock,
       Metrics& metrics);

  // Success: `size_bytes` more would leave the mark free where images lie, and the index has room.
  // `resource_exhausted` (reason "no_space"); the store's error when it cannot be asked.
  [[nodiscard]] Result<void> check(uint64_t size_bytes = 0);

  // Tells the metrics what is free now.
  void measure();

 private:
  // Where images lie (or are staged on their way into a bucket), and where the index does.
  struct Place {
    std::string_view name;
    uint64_t bytes_free = UINT64_MAX;
    uint64_t mark = 0;
    uint64_t inodes_free = UINT64_MAX;
    Gauge* bytes_gauge = nullptr;
    Gauge* inodes_gauge = nullptr;

    [[nodiscard]] bool has_room_for(uint64_t size_bytes) const;
  };

  Result<void> look();
  void note(Place& place, const storage::StoreSpace& space) const;

  const Stores& stores_;
  const std::string index_folder_;
  const uint64_t bytes_free_min_;
  const Clock& clock_;
  Counter& refused_total_;
  std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> looked_at_;  // guarded by mutex_, as below
  Place images_;
  Place index_;
  bool is_short_ = false;
};

}  // namespace pacs::archive
