#include "cli/copy_report.h"

#include <algorithm>

#include "cli/console.h"

namespace pacs::cli {
namespace {

constexpr std::chrono::milliseconds kReportInterval{500};

}  // namespace

CopyReport::CopyReport(const Clock& clock, Shows shows)
    : clock_(clock),
      draws_(shows == Shows::progress && error_is_terminal()),
      begun_(clock.monotonic()) {}

void CopyReport::expect(const index::StoredImages::Totals& totals) {
  totals_ = totals;
  findings_.clear();
}

void CopyReport::show(const archive::ImageCopyCounts& counts) {
  const auto now = clock_.monotonic();
  if (!draws_ || now - shown_ < kReportInterval) return;
  shown_ = now;
  draw_progress(std::to_string(counts.images) + " of " + std::to_string(totals_.images) +
                " images, " + std::to_string(counts.copied) + " copied (" +
                human_bytes(counts.copied_bytes) + "), " + std::to_string(counts.findings) +
                " findings");
}

void CopyReport::say(const std::string& what) {
  if (draws_) draw_progress(what);
}

void CopyReport::end() { say({}); }

int64_t CopyReport::elapsed_millis() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.monotonic() - begun_).count();
}

void CopyReport::print_findings() const {
  for (const archive::ImageCopyFinding& finding : findings_) {
    print_line(finding.reason + "  " + printable(finding.key) + ": " + printable(finding.detail));
  }
}

void CopyReport::write_findings(JsonWriter& json) const {
  json.key("findings");
  json.begin_array();
  for (const archive::ImageCopyFinding& finding : findings_) {
    json.begin_object();
    json.member("path", finding.key);
    json.member("code", finding.reason);
    json.member("detail", finding.detail);
    json.end_object();
  }
  json.end_array();
}

}  // namespace pacs::cli
