#include "archive/room.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/statvfs.h>

#include "core/log.h"

namespace pacs::archive {
namespace {

// Far less than fills the reserve below a mark, and too seldom to be noticed.
constexpr std::chrono::seconds kLookInterval{1};
constexpr uint64_t kShareMax = 10;  // one part in so many

Result<storage::StoreSpace> space_of(const std::string& folder) {
  struct ::statvfs status {};
  if (::statvfs(folder.c_str(), &status) != 0) {
    return system_error(errno, "asking for free space");
  }
  storage::StoreSpace space;
  space.bytes_free = uint64_t{status.f_bavail} * status.f_frsize;
  space.bytes_total = uint64_t{status.f_blocks} * status.f_frsize;
  if (status.f_files != 0) space.inodes_free = status.f_favail;
  return space;
}

Gauge& gauge_of(Metrics& metrics, const char* unit, const char* what, std::string_view place) {
  return metrics.gauge(
      "pacs_lite_free_" + std::string(unit),
      "Free " + std::string(what) + " where images lie or are staged, and where the index does.",
      {{"place", std::string(place)}});
}

}  // namespace

uint64_t low_water_mark(uint64_t wanted, uint64_t bytes_total) {
  return bytes_total == 0 ? wanted : std::min(wanted, bytes_total / kShareMax);
}

bool Room::Place::has_room_for(uint64_t size_bytes) const {
  return bytes_free >= mark && bytes_free - mark >= size_bytes && inodes_free >= kInodesFreeMin;
}

Room::Room(const Stores& stores, std::string index_folder, uint64_t bytes_free_min,
           const Clock& clock, Metrics& metrics)
    : stores_(stores),
      index_folder_(std::move(index_folder)),
      bytes_free_min_(bytes_free_min),
      clock_(clock),
      refused_total_(metrics.counter("pacs_lite_refused_for_space_total",
                                     "Images refused since there is too little free space.")) {
  images_.name = "images";
  index_.name = "index";
  for (Place* place : {&images_, &index_}) {
    place->bytes_gauge = &gauge_of(metrics, "bytes", "bytes", place->name);
    place->inodes_gauge = &gauge_of(metrics, "inodes", "inodes", place->name);
  }
}

Result<void> Room::check(uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  PACS_TRY(look());
  if (bytes_free_min_ == 0) {
    // The one thing that is known beforehand all the same.
    if (images_.bytes_free >= size_bytes) return {};
  } else if (images_.has_room_for(size_bytes) && index_.has_room_for(0)) {
    return {};
  }
  refused_total_.add();
  return resource_exhausted("no_space",
                            "the archive has no space left for this; what is stored can be read. "
                            "Its operator has to make room, then send it again");
}

void Room::measure() {
  const std::lock_guard lock(mutex_);
  if (const Result<void> looked = look(); !looked) {
    log_warning("free_space_unknown", {{"reason", looked.error().reason}});
  }
}

Result<void> Room::look() {
  const auto now = clock_.monotonic();
  if (looked_at_ && now - *looked_at_ < kLookInterval) return {};
  note(images_, PACS_TRY(stores_.primary().space()));
  note(index_, PACS_TRY(space_of(index_folder_)));
  looked_at_ = now;
  const bool is_short = bytes_free_min_ > 0 && !(images_.has_room_for(0) && index_.has_room_for(0));
  if (is_short == is_short_) return {};
  is_short_ = is_short;
  const Place& place = images_.has_room_for(0) ? index_ : images_;
  if (is_short) {
    log_error("space_low", {{"place", place.name},
                            {"bytes_free", place.bytes_free},
                            {"bytes_free_min", place.mark},
                            {"inodes_free", place.inodes_free}});
  } else {
    log_info("space_back", {{"bytes_free", images_.bytes_free}});
  }
  return {};
}

void Room::note(Place& place, const storage::StoreSpace& space) const {
  place.bytes_free = space.bytes_free;
  place.mark = low_water_mark(bytes_free_min_, space.bytes_total);
  place.inodes_free = space.inodes_free;
  place.bytes_gauge->set(static_cast<double>(space.bytes_free));
  if (space.inodes_free != UINT64_MAX) {
    place.inodes_gauge->set(static_cast<double>(space.inodes_free));
  }
}

}  // namespace pacs::archive
