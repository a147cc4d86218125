// How many stored images are being read out right now, so that work that can wait steps aside.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace pacs::archive {

// Any thread.
class Readings {
 public:
  // Counts until it goes out of scope. Must not outlive its Readings.
  class Reading {
   public:
    explicit Reading(Readings* readings) : readings_(readings) { ++readings_->count_; }
    Reading(Reading&& other) noexcept : readings_(std::exchange(other.readings_, nullptr)) {}
    Reading& operator=(Reading&&) = delete;
    ~Reading() {
      if (readings_ != nullptr) --readings_->count_;
    }

   private:
    Readings* readings_;
  };

  [[nodiscard]] Reading begin() { return Reading(this); }
  [[nodiscard]] size_t count() const { return count_; }

 private:
  std::atomic<size_t> count_{0};
};

}  // namespace pacs::archive
