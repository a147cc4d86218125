// `pacs-lite backup`: the archive, index and images and keys, into a folder or a bucket. It works
// beside a running server, and does not need one (docs/adr/0009).
#include <filesystem>
#include <memory>
#include <string>

#include "cli/backup_run.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/operator_command.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

constexpr uint64_t kBytesPerMegabyte = 1'000'000;
constexpr uint64_t kRateMax = 1'000'000;  // MB a second: beyond any disk

struct BackupOptions {
  std::string folder;
  std::string bucket;  // a settings file
  uint64_t megabytes_per_second = 0;
  bool reread = false;
  bool prune = false;
  bool json = false;
};

void print_as_json(const BackupOutcome& outcome, const CopyReport& report) {
  const BackupManifest& manifest = outcome.manifest;
  JsonWriter json;
  json.begin_object();
  json.member("archive_id", manifest.archive_id);
  json.member("taken_at", to_rfc3339(manifest.taken_at));
  json.member("finished_at", to_rfc3339(manifest.finished_at));
  json.member("images", manifest.images);
  json.member("size_bytes", manifest.size_bytes);
  json.member("copied", outcome.counts.copied);
  json.member("copied_bytes", outcome.counts.copied_bytes);
  json.member("unchanged", outcome.counts.unchanged);
  json.member("pruned", outcome.pruned);
  json.member("seconds", static_cast<double>(report.elapsed_millis()) / 1000);
  report.write_findings(json);
  json.end_object();
  print_line(json.take());
}

void print_as_lines(const BackupOutcome& outcome, const BackupOptions& options,
                    const CopyReport& report) {
  const BackupManifest& manifest = outcome.manifest;
  report.print_findings();
  print_line(std::to_string(manifest.images) + " images, " + human_bytes(manifest.size_bytes) +
             ", as they were at " + to_rfc3339(manifest.taken_at) + "; " +
             std::to_string(outcome.counts.copied) + " copied (" +
             human_bytes(outcome.counts.copied_bytes) + ") in " +
             human_millis(report.elapsed_millis()) + "; " +
             std::to_string(outcome.counts.findings) + " findings");
  if (outcome.was_pruned) {
    print_line(std::to_string(outcome.pruned) + " copies of removed images deleted");
  } else if (options.prune) {
    print_line("nothing pruned, because of the findings");
  }
}

ExitCode backup(const BackupOptions& options, const ProgramSettings& program) {
  if (options.megabytes_per_second > kRateMax) {
    return explain(invalid_argument("rate", "--rate is in MB a second, up to 1000000"));
  }
  if (options.folder.empty() == options.bucket.empty()) {
    return explain(invalid_argument(
        "where", "name where the backup goes: a FOLDER, or a bucket with --to-bucket FILE"));
  }
  if (settings_of_command(program) == nullptr) return ExitCode::usage;
  BackupOrder order;
  order.bucket_settings = options.bucket;
  if (!options.folder.empty()) {
    order.folder = std::filesystem::absolute(options.folder).lexically_normal().string();
    if (order.folder.size() > 1 && order.folder.back() == '/') order.folder.pop_back();
  }
  order.bytes_per_second_max = options.megabytes_per_second * kBytesPerMegabyte;
  order.rereads_copies = options.reread;
  order.prunes = options.prune;
  const SystemClock clock;
  CopyReport report(clock, options.json ? Shows::nothing : Shows::progress);
  const Result<BackupOutcome> outcome = BackupRun(program, order, clock, report).run();
  report.end();
  if (!outcome) return explain(outcome.error());
  options.json ? print_as_json(*outcome, report) : print_as_lines(*outcome, options, report);
  return outcome->counts.findings == 0 ? ExitCode::ok : ExitCode::failed;
}

}  // namespace

Command backup_command() {
  auto options = std::make_shared<BackupOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "backup";
  command.summary = "Copy the archive into a folder or a bucket, while the server runs or not";
  command.description =
      "The index as of one moment, every image that it names with what stands beside it, the\n"
      "tombstones, and the keys of links and receipts. What was acknowledged before the backup\n"
      "began is in it. Each image's SHA-256 is checked on the way. An image that is there already\n"
      "is not copied again. Cut short or out of room, it goes on when it is run again, "
      "and\n"
      "the backup that was there before stays whole. `pacs-lite restore --from FOLDER` brings it\n"
      "back, or --from-bucket FILE. The folder needs ext4, XFS, btrfs or another filesystem with "
      "O_TMPFILE, and should "
      "be\n"
      "on another disk than the images. It holds patients' data and keys, and is closed to other\n"
      "users. A bucket has a settings file of its own, with RADIOLOGY_STORAGE = \"s3\" or "
      "\"minio\"\n"
      "and the settings of that store, and holds nothing but backups of this archive; the index\n"
      "is copied into the data folder first, which needs room for it. Run it as the user of the "
      "server. Not in it: the settings, TLS files, uploads under\n"
      "way, the quarantine.\n"
      "Exit code 0: everything is in the backup; 1: it failed, or some images were missing or "
      "wrong\n"
      "(each is told) and all others are in it; 2: usage, or a folder that will not do.";
  command.examples = {
      "pacs-lite backup /mnt/backup/pacs",
      "pacs-lite backup /mnt/backup/pacs --rate 50      # at most 50 MB a second",
      "pacs-lite backup /mnt/backup/pacs --reread       # hashes the copies made before, too",
      "pacs-lite backup /mnt/backup/pacs --prune --json",
      "pacs-lite backup --to-bucket /etc/pacs-lite/backup-bucket.toml",
  };
  command.arguments = {
      {"FOLDER", "where the backup goes: empty, or with an earlier backup of this archive",
       &options->folder},
      {"--to-bucket", "a settings file that names the bucket where the backup goes",
       &options->bucket},
      {"--rate", "MB a second, at most (default: no limit)", &options->megabytes_per_second},
      {"--reread", "read and hash copies of earlier runs; wrong ones are made anew",
       &options->reread},
      {"--prune", "delete copies of images that are gone for good, unless there are findings",
       &options->prune},
      {"--json", "print the summary as JSON, and no progress", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return backup(*options, program); };
  return command;
}

}  // namespace pacs::cli
