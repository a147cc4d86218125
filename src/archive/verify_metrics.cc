#include "archive/verify_metrics.h"

#include <string>

namespace pacs::archive {
namespace {

double unix_seconds(UnixMillis time) {
  constexpr double kMillisPerSecond = 1000;
  return static_cast<double>(time) / kMillisPerSecond;
}

}  // namespace

VerifyMetrics::VerifyMetrics(Metrics& metrics)
    : images_(&metrics.counter("pacs_lite_verify_images_total", "Images that were verified.")),
      bytes_(&metrics.counter("pacs_lite_verify_read_bytes_total",
                              "Bytes that verifications read, and what looking at files cost.")),
      oldest_verified_(&metrics.gauge(
          "pacs_lite_oldest_verified_timestamp_seconds",
          "When the bytes of the image that has waited longest were last found good; 0 without "
          "images. Looked up at the start and after each verification.")) {
  for (const FindingKind kind : all_finding_kinds()) {
    findings_[static_cast<size_t>(kind)] = &metrics.counter(
        "pacs_lite_verify_findings_total", "What verifications found, by kind; each time anew.",
        {{"kind", std::string(to_string(kind))}});
  }
  for (const VerifyDepth depth : {VerifyDepth::presence, VerifyDepth::hashes}) {
    const MetricLabels labels = {{"pass", std::string(to_string(depth))}};
    of(depth) = {
        &metrics.gauge("pacs_lite_verify_finished_timestamp_seconds",
                       "When the last whole verification ended; 0 before the first.", labels),
        &metrics.gauge("pacs_lite_verify_errors",
                       "Errors that the last whole verification left for an operator.", labels)};
  }
}

void VerifyMetrics::ended(VerifyDepth depth, UnixMillis time, uint64_t needing_attention) {
  of(depth).ended_at->set(unix_seconds(time));
  of(depth).needing_attention->set(static_cast<double>(needing_attention));
}

void VerifyMetrics::oldest_verified(std::optional<UnixMillis> time) {
  oldest_verified_->set(unix_seconds(time.value_or(0)));
}

}  // namespace pacs::archive
