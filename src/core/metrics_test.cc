#include "core/metrics.h"

#include <gtest/gtest.h>

namespace pacs {
namespace {

TEST(Metrics, ShowsWhatWasCounted) {
  Metrics metrics;
  metrics.counter("stored_total", "Images stored.", {{"type", "dicom"}}).add();
  metrics.counter("stored_total", "Images stored.", {{"type", "dicom"}}).add(2);
  metrics.gauge("free_bytes", "Free space.").set(7);
  metrics.latency("store_seconds", "Time of a store.").observe(0.002);
  const std::string text = metrics.text();
  EXPECT_NE(text.find("stored_total{type=\"dicom\"} 3"), std::string::npos) << text;
  EXPECT_NE(text.find("free_bytes 7"), std::string::npos) << text;
  EXPECT_NE(text.find("store_seconds_bucket{le=\"0.0025\"} 1"), std::string::npos) << text;
}

}  // namespace
}  // namespace pacs
