// `pacs-lite rebuild`: the index from the stored images alone. It works on the folders itself:
// there is no server without an index.
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "access/audit_lines.h"
#include "access/scope_maker.h"
#include "archive/claims.h"
#include "archive/rebuild.h"
#include "archive/tombstones.h"
#include "cli/archive_identity.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/ground.h"
#include "cli/left_out_ids.h"
#include "cli/operator_command.h"
#include "core/json_writer.h"
#include "index/archive_state.h"

namespace pacs::cli {
namespace {

using archive::RebuildCounts;
using archive::RebuildFinding;
using Milliseconds = std::chrono::milliseconds;

// What was removed left no blob to tell its number: so many are left out, that none of it is given
// again.
constexpr int64_t kIdsLeftOut = 100'000;
constexpr Milliseconds kProgressInterval{500};
// For an operator to set legal holds again, also where nothing is kept in the trash.
constexpr std::chrono::days kTrashMin{7};
constexpr std::string_view kHoldsAreLost =
    "legal holds and retention dates were in the lost index alone: set them again with "
    "`pacs-lite hold`, also for what is in the trash (`pacs-lite trash`)";

struct RebuildCommandOptions {
  uint64_t threads = archive::RebuildOptions().threads;
  bool quick = false;
  bool json = false;
};

// Shows how far it is, at most twice a second, and keeps what was found.
class RebuildReport {
 public:
  RebuildReport(const Clock& clock, bool quiet)
      : clock_(clock), draws_(!quiet && error_is_terminal()), begun_(clock.monotonic()) {}

  void find(const RebuildFinding& finding) { findings_.push_back(finding); }

  void show(const RebuildCounts& counts) {
    const auto now = clock_.monotonic();
    if (!draws_ || now - shown_ < kProgressInterval) return;
    shown_ = now;
    draw_progress(std::to_string(counts.images) + " images, " + human_bytes(counts.bytes) + ", " +
                  std::to_string(rate(counts)) + " images a second");
  }

  void end() {
    if (draws_) draw_progress({});
  }

  [[nodiscard]] Milliseconds elapsed() const {
    return std::chrono::duration_cast<Milliseconds>(clock_.monotonic() - begun_);
  }
  [[nodiscard]] const std::vector<RebuildFinding>& findings() const { return findings_; }

  void set_buried(int64_t images, UnixMillis purge_at) {
    buried_ = images;
    purge_at_ = purge_at;
  }
  [[nodiscard]] int64_t buried() const { return buried_; }
  [[nodiscard]] std::string trash_until() const { return to_rfc3339(purge_at_); }

 private:
  [[nodiscard]] uint64_t rate(const RebuildCounts& counts) const {
    return counts.images * 1000 / static_cast<uint64_t>(std::max<int64_t>(1, elapsed().count()));
  }

  const Clock& clock_;
  const bool draws_;
  const std::chrono::steady_clock::time_point begun_;
  std::chrono::steady_clock::time_point shown_;
  std::vector<RebuildFinding> findings_;
  int64_t buried_ = 0;  // in the trash again
  UnixMillis purge_at_ = 0;
};

void print_as_json(const RebuildCounts& counts, const RebuildReport& report) {
  JsonWriter json;
  json.begin_object();
  json.member("images", counts.images);
  json.member("size_bytes", counts.bytes);
  json.member("known", counts.known);
  json.member("in_trash", report.buried());
  json.member("in_trash_until", report.trash_until());
  json.member("warning", kHoldsAreLost);
  json.member("seconds", static_cast<double>(report.elapsed().count()) / 1000);
  json.key("findings");
  json.begin_array();
  for (const RebuildFinding& finding : report.findings()) {
    json.begin_object();
    json.member("place", finding.place);
    json.member("code", finding.reason);
    json.member("detail", finding.detail);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  print_line(json.take());
}

void print_as_lines(const RebuildCounts& counts, const RebuildReport& report) {
  for (const RebuildFinding& finding : report.findings()) {
    print_line(finding.reason + "  " + printable(finding.place) + ": " + printable(finding.detail));
  }
  print_line(std::to_string(counts.images) + " images, " + human_bytes(counts.bytes) + " in " +
             human_millis(report.elapsed().count()) + "; " + std::to_string(counts.known) +
             " were in the index already; " + std::to_string(report.buried()) +
             " are in the trash, until " + report.trash_until() + "; " +
             std::to_string(counts.findings) + " findings");
  print_line("warning: " + std::string(kHoldsAreLost));
}

Result<RebuildCounts> run(const RebuildCommandOptions& options, Ground& ground,
                          std::chrono::days retention, RebuildReport& report) {
  storage::BlobStore& store = ground.stores->primary();
  index::ArchiveState state(*ground.database);
  const std::string archive_id = PACS_TRY(begin_rebuild(store, state, ground.clock));
  archive::RebuildOptions rebuild;
  rebuild.threads = options.threads;
  rebuild.hash_bytes = !options.quick;
  rebuild.on_finding = [&](const RebuildFinding& finding) { report.find(finding); };
  rebuild.on_progress = [&](const RebuildCounts& counts) { report.show(counts); };
  archive::RebuildService service(store, *ground.database, access::ScopeMaker::of_server(),
                                  ground.clock, std::move(rebuild));
  const RebuildCounts counts = PACS_TRY(service.run());
  archive::Claims claims;
  archive::Tombstones tombstones(*ground.stores, *ground.database, claims);
  const UnixMillis purge_at =
      ground.clock.now() + Milliseconds(std::max(retention, kTrashMin)).count();
  const index::AuditLine line = access::system_audit_line("archive.rebuild", ground.clock);
  report.set_buried(PACS_TRY(tombstones.bury(store, purge_at, line)), purge_at);
  PACS_TRY(leave_out_ids(state, kIdsLeftOut,
                         access::system_audit_line("archive.rebuild", ground.clock)));
  PACS_TRY(end_rebuild(archive_id, state, ground.clock));
  return counts;
}

ExitCode rebuild(const RebuildCommandOptions& options, const ProgramSettings& program) {
  if (options.threads < 1 || options.threads > 64) {
    return explain(invalid_argument("threads", "--threads is 1 to 64"));
  }
  const Settings* settings = settings_of_command(program);
  if (settings == nullptr) return ExitCode::usage;
  Result<std::unique_ptr<Ground>> ground = Ground::open(program);
  if (!ground) return explain(ground.error());
  RebuildReport report((*ground)->clock, options.json);
  const Result<RebuildCounts> counts = run(options, **ground, settings->trash_retention, report);
  report.end();
  if (!counts) return explain(counts.error());
  options.json ? print_as_json(*counts, report) : print_as_lines(*counts, report);
  return counts->findings == 0 ? ExitCode::ok : ExitCode::failed;
}

}  // namespace

Command rebuild_command() {
  auto options = std::make_shared<RebuildCommandOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "rebuild";
  command.summary = "Make a lost index anew from the stored images";
  command.description =
      "For an archive whose index is lost and has no backup. Reads every stored image and what\n"
      "stands with it: UIDs, numbers, orders, uploaders, metadata, offline uploads and so their\n"
      "receipts come back as they were. Tokens, share links, sessions, legal holds, retention\n"
      "dates and the audit log do not: they are in the backup alone. What was in the trash stays\n"
      "there for another retention time, a week at least. The data folder must have no index; the "
      "server must not run.\n"
      "Changes no image. Cut short, it goes on when it is run again.\n"
      "Exit code 0 when every stored file is in the index, 1 when some are not (each is told).";
  command.examples = {
      "pacs-lite rebuild",
      "pacs-lite rebuild --quick   # checks each image's bytes when they are first read",
  };
  command.arguments = {
      {"--quick", "do not hash the images now", &options->quick},
      {"-j,--threads", "studies read at once (default 8)", &options->threads},
      {"--json", "print the summary as JSON, and no progress", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return rebuild(*options, program); };
  return command;
}

}  // namespace pacs::cli
