// What a backup or a restore shows while it copies images, and the findings that it keeps.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "archive/image_copies.h"
#include "core/clock.h"
#include "core/json_writer.h"
#include "index/stored_images.h"

namespace pacs::cli {

enum class Shows { progress, nothing };

// One call at a time.
class CopyReport {
 public:
  // Draws on a terminal alone. `clock` outlives the object.
  CopyReport(const Clock& clock, Shows shows);

  // Of the images that follow; the counts begin anew.
  void expect(const index::StoredImages::Totals& totals);
  void show(const archive::ImageCopyCounts& counts);
  void say(const std::string& what);  // instead of a count
  void find(const archive::ImageCopyFinding& finding) { findings_.push_back(finding); }
  void end();

  [[nodiscard]] const std::vector<archive::ImageCopyFinding>& findings() const { return findings_; }
  [[nodiscard]] int64_t elapsed_millis() const;

  // "checksum_mismatch  radiology/…: …", a line each.
  void print_findings() const;
  // The member "findings" of an object that is open.
  void write_findings(JsonWriter& json) const;

 private:
  const Clock& clock_;
  const bool draws_;
  const std::chrono::steady_clock::time_point begun_;
  std::chrono::steady_clock::time_point shown_;
  index::StoredImages::Totals totals_;
  std::vector<archive::ImageCopyFinding> findings_;
};

}  // namespace pacs::cli
