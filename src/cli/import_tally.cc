#include "cli/import_tally.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/console.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

// Often enough to be watched; seldom enough for a log.
constexpr std::chrono::milliseconds kTerminalInterval{200};
constexpr std::chrono::milliseconds kLogInterval{10'000};
constexpr size_t kBarWidth = 24;

std::string bar(const ImportCounts& counts) {
  if (!counts.finding_ended || counts.found == 0) return {};
  const size_t filled = kBarWidth * counts.done() / counts.found;
  return "[" + std::string(filled, '=') + std::string(kBarWidth - filled, ' ') + "] ";
}

}  // namespace

uint64_t ImportCounts::done() const {
  return of(ImportOutcome::stored) + of(ImportOutcome::known) + of(ImportOutcome::refused) +
         of(ImportOutcome::failed);
}

std::string progress_text(const ImportCounts& counts, std::chrono::milliseconds elapsed) {
  const auto millis = static_cast<uint64_t>(std::max<int64_t>(1, elapsed.count()));
  std::string text = std::to_string(counts.done());
  if (counts.finding_ended) text += " of " + std::to_string(counts.found);
  text += " images, " + human_bytes(counts.size_bytes) + ", " +
          human_bytes(counts.size_bytes * 1000 / millis) + "/s";
  if (counts.finding_ended && counts.done() > 0 && counts.done() < counts.found) {
    const uint64_t left = millis * (counts.found - counts.done()) / counts.done();
    text += ", " + human_millis(static_cast<int64_t>(left)) + " left";
  }
  const uint64_t bad = counts.of(ImportOutcome::refused) + counts.of(ImportOutcome::failed);
  if (bad > 0) text += "; " + std::to_string(bad) + " refused";
  return text;
}

ImportTally::ImportTally(std::FILE* report, Show show)
    : started_(std::chrono::steady_clock::now()),
      show_(show),
      is_terminal_(error_is_terminal()),
      report_(report),
      drawn_at_(started_) {}

Result<std::unique_ptr<ImportTally>> ImportTally::create(const std::string& report_path,
                                                         Show show) {
  std::FILE* report = nullptr;
  if (!report_path.empty()) {
    report = std::fopen(report_path.c_str(), "we");
    if (report == nullptr) {
      return invalid_argument("bad_report", "the report " + report_path +
                                                " cannot be written: " + std::strerror(errno));
    }
  }
  return std::unique_ptr<ImportTally>(new ImportTally(report, show));
}

ImportTally::~ImportTally() {
  if (report_ != nullptr) std::fclose(report_);
}

void ImportTally::found() {
  const std::lock_guard lock(mutex_);
  ++counts_.found;
}

void ImportTally::finding_ended() {
  const std::lock_guard lock(mutex_);
  counts_.finding_ended = true;
}

void ImportTally::add(const ImportResult& result) {
  const std::lock_guard lock(mutex_);
  ++counts_.by_outcome[static_cast<size_t>(result.outcome)];
  if (result.outcome == ImportOutcome::stored || result.outcome == ImportOutcome::known) {
    counts_.size_bytes += result.size_bytes;
  } else {
    const bool is_bad = result.outcome != ImportOutcome::skipped;
    if (is_bad && kept_.size() < kKeptMax) kept_.push_back(result);
    write_report(result);
  }
  draw();
}

void ImportTally::write_report(const ImportResult& result) {
  if (report_ == nullptr) return;
  JsonWriter json;
  json.begin_object();
  json.member("place", result.place);
  json.member("outcome", to_string(result.outcome));
  json.member("code", result.code);
  json.member("detail", result.detail);
  json.member("size_bytes", result.size_bytes);
  json.end_object();
  const std::string line = json.take() + "\n";
  if (std::fwrite(line.data(), 1, line.size(), report_) != line.size()) report_failed_ = true;
}

void ImportTally::draw() {
  if (show_ == Show::nothing) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_at_ < (is_terminal_ ? kTerminalInterval : kLogInterval)) return;
  drawn_at_ = now;
  const std::string text =
      progress_text(counts_, std::chrono::duration_cast<std::chrono::milliseconds>(now - started_));
  if (is_terminal_) {
    draw_progress(bar(counts_) + text);
  } else {
    print_error(text);
  }
}

void ImportTally::end_progress() {
  const std::lock_guard lock(mutex_);
  if (show_ == Show::progress && is_terminal_) draw_progress({});
  if (report_ != nullptr && std::fflush(report_) != 0) report_failed_ = true;
}

ImportCounts ImportTally::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::vector<ImportResult> ImportTally::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_;
}

std::chrono::milliseconds ImportTally::elapsed() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               started_);
}

bool ImportTally::report_is_whole() const {
  const std::lock_guard lock(mutex_);
  return !report_failed_;
}

}  // namespace pacs::cli
