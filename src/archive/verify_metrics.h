// What a verification tells Prometheus.
#pragma once

#include <array>
#include <optional>

#include "archive/row_check.h"
#include "archive/verify_finding.h"
#include "core/clock.h"
#include "core/metrics.h"

namespace pacs::archive {

// Any thread.
class VerifyMetrics {
 public:
  explicit VerifyMetrics(Metrics& metrics);

  void found(FindingKind kind) { findings_[static_cast<size_t>(kind)]->add(); }
  void looked_at_images(uint64_t count) { images_->add(static_cast<double>(count)); }
  void read_bytes(uint64_t count) { bytes_->add(static_cast<double>(count)); }
  void ended(VerifyDepth depth, UnixMillis time, uint64_t needing_attention);
  void oldest_verified(std::optional<UnixMillis> time);

 private:
  struct OfDepth {
    Gauge* ended_at;
    Gauge* needing_attention;
  };
  OfDepth& of(VerifyDepth depth) { return of_depth_[static_cast<size_t>(depth)]; }

  std::array<Counter*, kFindingKinds> findings_{};
  Counter* images_;
  Counter* bytes_;
  Gauge* oldest_verified_;
  std::array<OfDepth, 2> of_depth_{};
};

}  // namespace pacs::archive
