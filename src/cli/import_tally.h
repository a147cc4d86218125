// What has become of the items so far: counted, shown while it goes on, and kept for the report.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cli/import_item.h"
#include "core/result.h"

namespace pacs::cli {

struct ImportCounts {
  std::array<uint64_t, 5> by_outcome{};  // indexed by ImportOutcome
  uint64_t size_bytes = 0;               // of what is stored or known now
  uint64_t found = 0;                    // images that were found so far
  bool finding_ended = false;            // then `found` is all there are

  [[nodiscard]] uint64_t of(ImportOutcome outcome) const {
    return by_outcome[static_cast<size_t>(outcome)];
  }
  // That the archive has been asked about.
  [[nodiscard]] uint64_t done() const;
};

// Any thread.
class ImportTally {
 public:
  // So many are kept for the summary; the report file has them all.
  static constexpr size_t kKeptMax = 1000;

  enum class Show { progress, nothing };

  // `report_path`: where everything that was not stored goes, a JSON line each; empty for none.
  // `invalid_argument` when it cannot be written.
  [[nodiscard]] static Result<std::unique_ptr<ImportTally>> create(const std::string& report_path,
                                                                   Show show);
  ~ImportTally();
  ImportTally(const ImportTally&) = delete;
  ImportTally& operator=(const ImportTally&) = delete;

  void found();
  void finding_ended();
  void add(const ImportResult& result);

  // Removes what was drawn, if anything.
  void end_progress();
  [[nodiscard]] ImportCounts counts() const;
  // Refused and failed ones, at most kKeptMax.
  [[nodiscard]] std::vector<ImportResult> kept() const;
  [[nodiscard]] std::chrono::milliseconds elapsed() const;
  // False when the report could not be written to its end.
  [[nodiscard]] bool report_is_whole() const;

 private:
  ImportTally(std::FILE* report, Show show);
  void write_report(const ImportResult& result);
  void draw();

  const std::chrono::steady_clock::time_point started_;
  const Show show_;
  const bool is_terminal_;

  mutable std::mutex mutex_;
  ImportCounts counts_;  // guarded by mutex_, as all below
  std::vector<ImportResult> kept_;
  std::FILE* report_;
  bool report_failed_ = false;
  std::chrono::steady_clock::time_point drawn_at_;
};

// "1234 of 5678 images, 640 MB, 34 MB/s, 12 s left; 3 refused".
[[nodiscard]] std::string progress_text(const ImportCounts& counts,
                                        std::chrono::milliseconds elapsed);

}  // namespace pacs::cli
