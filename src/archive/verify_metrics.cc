#include "archive/verify_metrics.h"

#include <string>

namespace pacs::archive {

VerifyMetrics::VerifyMetrics(Metrics& metrics)
    : images_(&metrics.counter("pacs_lite_verify_images_total", "Images that were verified.")),
      bytes_(&metrics.counter("pacs_lite_verify_read_bytes_total",
                              "Bytes that verifications read, and what looking at files cost.")) {
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
  constexpr double kMillisPerSecond = 1000;
  of(depth).ended_at->set(static_cast<double>(time) / kMillisPerSecond);
  of(depth).needing_attention->set(static_cast<double>(needing_attention));
}

}  // namespace pacs::archive
