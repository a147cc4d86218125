// `pacs-lite migrate`: the images of the archive to another backend, and the cut-over to it.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/bucket_settings.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/migrate_run.h"
#include "cli/operator_command.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

constexpr uint64_t kMoveRateUnit = 1'000'000;
constexpr uint64_t kMoveRateMax = 1'000'000;  // MB a second: beyond any network
constexpr uint64_t kJobsMax = 64;             // beyond what a store's connections are worth
constexpr std::chrono::milliseconds kDrawInterval{500};
constexpr std::chrono::seconds kLineInterval{10};  // where no terminal draws over what was said

struct MigrateOptions {
  std::string to;
  std::string to_bucket;  // a settings file; `to` is its store then
  uint64_t jobs = 8;
  uint64_t megabytes_per_second = 0;
  bool verify = false;
  bool cut_over = false;
  bool json = false;
};

// What is shown while it runs, and kept to be told at the end. One call at a time.
class MigrateReport {
 public:
  MigrateReport(const Clock& clock, const MigrateOptions& options)
      : clock_(clock),
        is_quiet_(options.json),
        compares_all_(options.verify),
        begun_(clock.monotonic()),
        shown_(begun_) {}

  void expect(const index::StoreCopies::Totals& totals) { totals_ = totals; }
  void find(const archive::ImageCopyFinding& finding) { findings_.push_back(finding); }

  void show(const archive::MigrationCounts& counts) {
    const auto now = clock_.monotonic();
    const bool draws = error_is_terminal();
    if (is_quiet_ || now - shown_ < (draws ? kDrawInterval : kLineInterval)) return;
    shown_ = now;
    if (!draws) return print_error(text_of(counts));
    draw_progress(progress_bar(counts.images, expected()) + "  " + text_of(counts));
  }

  void end() const {
    if (!is_quiet_ && error_is_terminal()) draw_progress({});
  }

  [[nodiscard]] int64_t elapsed_millis() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.monotonic() - begun_)
        .count();
  }
  [[nodiscard]] const std::vector<archive::ImageCopyFinding>& findings() const { return findings_; }

 private:
  [[nodiscard]] uint64_t expected() const {
    return totals_.images - (compares_all_ ? 0 : totals_.in_target);
  }
  [[nodiscard]] std::string text_of(const archive::MigrationCounts& counts) const {
    const uint64_t expected = this->expected();
    const auto millis = static_cast<uint64_t>(std::max<int64_t>(elapsed_millis(), 1));
    std::string text = std::to_string(counts.images) + " of " + std::to_string(expected) +
                       " images, " + std::to_string(counts.moved) + " moved (" +
                       human_bytes(counts.moved_bytes) + ", " +
                       human_bytes(counts.moved_bytes * 1000 / millis) + "/s), " +
                       std::to_string(counts.refused) + " refused";
    if (counts.images > 0 && expected > counts.images) {
      const uint64_t left = millis * (expected - counts.images) / counts.images;
      text += ", " + human_millis(static_cast<int64_t>(left)) + " left";
    }
    return text;
  }

  const Clock& clock_;
  const bool is_quiet_;
  const bool compares_all_;
  const std::chrono::steady_clock::time_point begun_;
  std::chrono::steady_clock::time_point shown_;
  index::StoreCopies::Totals totals_;
  std::vector<archive::ImageCopyFinding> findings_;
};

// With --verify those whose home the target is were looked at like all others.
uint64_t already_there(const MigrateOutcome& outcome, const MigrateOptions& options) {
  return outcome.counts.already_there + (options.verify ? 0 : outcome.totals.in_target);
}

void print_as_json(const MigrateOutcome& outcome, const MigrateOptions& options,
                   const MigrateReport& report) {
  JsonWriter json;
  json.begin_object();
  json.member("target", options.to);
  json.member("moved", outcome.counts.moved);
  json.member("moved_bytes", outcome.counts.moved_bytes);
  json.member("already_there", already_there(outcome, options));
  json.member("removed", outcome.counts.removed);
  json.member("refused", outcome.counts.refused);
  json.member("lacking", outcome.totals.lacking);
  json.member("seconds", static_cast<double>(report.elapsed_millis()) / 1000);
  json.key("findings");
  json.begin_array();
  for (const archive::ImageCopyFinding& finding : report.findings()) {
    json.begin_object();
    json.member("path", finding.key);
    json.member("code", finding.reason);
    json.member("detail", finding.detail);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  print_line(json.take());
}

void print_as_lines(const MigrateOutcome& outcome, const MigrateOptions& options,
                    const MigrateReport& report) {
  for (const archive::ImageCopyFinding& finding : report.findings()) {
    print_line(finding.reason + "  " + printable(finding.key) + ": " + printable(finding.detail));
  }
  const archive::MigrationCounts& counts = outcome.counts;
  print_line(std::to_string(counts.moved) + " images moved (" + human_bytes(counts.moved_bytes) +
             ") in " + human_millis(report.elapsed_millis()) + ", " +
             std::to_string(already_there(outcome, options)) + " already there, " +
             std::to_string(counts.removed) + " removed meanwhile, " +
             std::to_string(counts.refused) + " refused");
  const std::string again =
      options.to_bucket.empty() ? "--to " + options.to : "--to-bucket " + options.to_bucket;
  print_line(outcome.totals.lacking == 0
                 ? "Every image has a verified copy in " + options.to +
                       ". Next: stop the server, `pacs-lite migrate " + again +
                       " --cut-over`, which says what to set before you start it"
                 : std::to_string(outcome.totals.lacking) + " images have no verified copy in " +
                       options.to + " yet: run this again");
}

ExitCode copy(const MigrateOptions& options, const ProgramSettings& program) {
  const SystemClock clock;
  MigrateReport report(clock, options);
  MigrateOrder order;
  order.target = options.to;
  order.threads = options.jobs;
  order.bytes_per_second_max = options.megabytes_per_second * kMoveRateUnit;
  order.compares_all = options.verify;
  order.on_begin = [&](const index::StoreCopies::Totals& totals) { report.expect(totals); };
  order.on_finding = [&](const archive::ImageCopyFinding& finding) { report.find(finding); };
  order.on_progress = [&](const archive::MigrationCounts& counts) { report.show(counts); };
  const Result<MigrateOutcome> outcome = copy_to_store(program, order);
  report.end();
  if (!outcome) return explain(outcome.error());
  options.json ? print_as_json(*outcome, options, report)
               : print_as_lines(*outcome, options, report);
  return outcome->totals.lacking == 0 && outcome->counts.refused == 0 ? ExitCode::ok
                                                                      : ExitCode::failed;
}

ExitCode change_over(const MigrateOptions& options, const ProgramSettings& program) {
  const Result<int64_t> changed = cut_over(program, options.to);
  if (!changed && changed.error().reason == "data_folder_in_use") {
    print_error("error: stop the server first: the cut-over changes where every image is read");
    return ExitCode::failed;
  }
  if (!changed) return explain(changed.error());
  if (options.json) {
    JsonWriter json;
    json.begin_object();
    json.member("target", options.to);
    json.member("cut_over", *changed);
    json.end_object();
    print_line(json.take());
    return ExitCode::ok;
  }
  const std::string next =
      options.to_bucket.empty()
          ? "Set RADIOLOGY_STORAGE=" + options.to
          : "Take what " + options.to_bucket +
                " says into the settings, and name a file with those of the former bucket in "
                "PACS_LITE_OTHER_BUCKETS";
  print_line(std::to_string(*changed) + " images are read from " + options.to + " now. " + next +
             ", then start the server");
  return ExitCode::ok;
}

// The server must know the bucket too: what is removed is deleted there as well.
Result<std::string> find_store(const MigrateOptions& options, const Settings& settings) {
  if (options.to.empty() == options.to_bucket.empty()) {
    return invalid_argument("to", "name where the images go: --to or --to-bucket");
  }
  if (options.to_bucket.empty()) {
    const bool is_known = options.to == "filesystem" || options.to == "s3" || options.to == "minio";
    if (is_known) return options.to;
    return invalid_argument("to", "--to is filesystem, s3 or minio");
  }
  const std::string path = std::filesystem::absolute(options.to_bucket).lexically_normal().string();
  const auto& known = settings.other_buckets;
  if (std::find(known.begin(), known.end(), path) == known.end()) {
    return invalid_argument("to", path +
                                      " is not among PACS_LITE_OTHER_BUCKETS. Name it there and "
                                      "start the server again, so that it deletes copies of what "
                                      "is removed; then run this");
  }
  return name_of_bucket(PACS_TRY(read_bucket_settings(path, settings.data_folder)));
}

ExitCode migrate(MigrateOptions options, const ProgramSettings& program) {
  if (options.megabytes_per_second > kMoveRateMax) {
    return explain(invalid_argument("rate", "--rate is in MB a second, up to 1000000"));
  }
  if (options.jobs < 1 || options.jobs > kJobsMax) {
    return explain(invalid_argument("jobs", "--jobs is 1 to 64"));
  }
  const Settings* settings = settings_of_command(program);
  if (settings == nullptr) return ExitCode::usage;
  Result<std::string> store = find_store(options, *settings);
  if (!store) return explain(store.error());
  options.to = std::move(*store);
  return options.cut_over ? change_over(options, program) : copy(options, program);
}

}  // namespace

Command migrate_command() {
  auto options = std::make_shared<MigrateOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "migrate";
  command.summary = "Move every image to another backend, while the server runs";
  command.description =
      "First the copies, beside the server: every image, also those in the trash and those that\n"
      "arrive meanwhile, into the backend of --to, with the settings that it has (AWS_*, MINIO_*,\n"
      "MEDIA_ROOT; the server needs them too, to delete copies of what is removed). Each is held\n"
      "against its SHA-256 before its row names the copy. Nothing is taken away from where the\n"
      "images are. Cut short, also by kill -9, it goes on when it is run again.\n"
      "Then, with the server stopped, the copies once more, and --cut-over: from now on images "
      "are\n"
      "read from there. Set RADIOLOGY_STORAGE to it and start the server. The former store keeps\n"
      "its copies, so the way back is the same.\n"
      "To another bucket than that of the settings, of whichever backend: --to-bucket, with a\n"
      "settings file as for `pacs-lite backup`, which PACS_LITE_OTHER_BUCKETS names.\n"
      "Run it as the user of the server.\n"
      "Exit code 0: every image has its verified copy, or the cut-over is done; 1: it failed, or\n"
      "some images were refused (each is told) and all others have theirs; or the cut-over was\n"
      "refused since images lack a copy or a server runs; 2: usage.";
  command.examples = {
      "pacs-lite migrate --to s3 --rate 50     # at most 50 MB a second, beside the server",
      "pacs-lite migrate --to s3 --verify      # reads every copy again and compares",
      "pacs-lite migrate --to s3 --cut-over    # with the server stopped",
      "pacs-lite migrate --to filesystem       # and back",
      "pacs-lite migrate --to-bucket /etc/pacs-lite/new-bucket.toml",
  };
  command.arguments = {
      {"--to", "filesystem, s3 or minio", &options->to},
      {"--to-bucket", "a settings file that names the bucket to move to", &options->to_bucket},
      {"-j,--jobs", "images copied at once (default 8)", &options->jobs},
      {"--rate", "MB a second, at most (default: no limit)", &options->megabytes_per_second},
      {"--verify", "read and hash all that lies there; wrong copies are made anew",
       &options->verify},
      {"--cut-over", "copy nothing; read images from there from now on", &options->cut_over},
      {"--json", "print the summary as JSON, and no progress", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return migrate(*options, program); };
  return command;
}

}  // namespace pacs::cli
