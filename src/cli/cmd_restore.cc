// `pacs-lite restore`: takes a study, series or image out of the trash; with --from, an archive out
// of a backup.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/backup_bucket.h"
#include "cli/backup_folder.h"
#include "cli/bucket_settings.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/operator_command.h"
#include "cli/record_name.h"
#include "cli/restore_run.h"
#include "cli/verify_watch.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

struct RestoreOptions {
  std::vector<std::string> name;
  std::string from;         // the folder of a backup
  std::string from_bucket;  // the settings file of a bucket with one
  bool json = false;
};

Result<JsonValue> restore_by_name(ApiClient& api, const RecordName& name) {
  Result<JsonValue> restored = not_found("not_in_trash", "there is nothing of that name");
  for (const RecordKind kind : kinds_of(name)) {
    restored = api.post(path_of(kind, name.id) + "restore/", "{}");
    if (restored || restored.error().code != ErrorCode::not_found) break;
  }
  return restored;
}

ExitCode restore_from_trash(const RestoreOptions& options, const ProgramSettings& program) {
  const Result<RecordName> name = parse_record_name(options.name);
  if (!name) return explain(name.error());
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  ApiClient api(*connected.connection);
  const Result<JsonValue> restored = restore_by_name(api, *name);
  if (!restored) return explain(restored.error());
  if (options.json) {
    print_line(restored->to_json());
    return ExitCode::ok;
  }
  print_line("Restored " + std::to_string(number_of(*restored, "images_restored").value_or(0)) +
             " images, " +
             human_bytes(static_cast<uint64_t>(number_of(*restored, "size_bytes").value_or(0))) +
             ".");
  const int64_t lost = number_of(*restored, "images_lost").value_or(0);
  if (lost > 0) {
    print_line(std::to_string(lost) + " images were being deleted already and are lost.");
  }
  return ExitCode::ok;
}

// All that came back, and whether it is right.
struct RestoredArchive {
  RestoreOutcome outcome;
  WatchedVerification verification;

  [[nodiscard]] int64_t needing_attention() const {
    return number_of(verification.report, "needing_attention").value_or(0);
  }
  [[nodiscard]] bool is_whole() const {
    return outcome.counts.findings == 0 && outcome.damaged_secrets.empty() &&
           needing_attention() == 0 && text_of(verification.report, "state") == "finished";
  }
};

void print_as_json(const RestoredArchive& restored, const CopyReport& report) {
  const BackupManifest& manifest = restored.outcome.manifest;
  JsonWriter json;
  json.begin_object();
  json.member("archive_id", manifest.archive_id);
  json.member("taken_at", to_rfc3339(manifest.taken_at));
  json.member("images", manifest.images);
  json.member("size_bytes", manifest.size_bytes);
  json.member("restored", restored.outcome.counts.copied + restored.outcome.counts.unchanged);
  json.member("seconds", static_cast<double>(report.elapsed_millis()) / 1000);
  report.write_findings(json);
  json.key("damaged_secrets");
  json.begin_array();
  for (const std::string& name : restored.outcome.damaged_secrets) json.string(name);
  json.end_array();
  json.key("verification");
  write_verification(json, restored.verification);
  json.end_object();
  print_line(json.take());
}

void print_as_lines(const RestoredArchive& restored, const CopyReport& report) {
  const BackupManifest& manifest = restored.outcome.manifest;
  report.print_findings();
  for (const std::string& name : restored.outcome.damaged_secrets) {
    print_line("damaged  secrets/" + printable(name) + ": not restored; a new one is made");
  }
  print_line("Restored " +
             std::to_string(restored.outcome.counts.copied + restored.outcome.counts.unchanged) +
             " of " + std::to_string(manifest.images) + " images, " +
             human_bytes(manifest.size_bytes) + ", as they were at " +
             to_rfc3339(manifest.taken_at) + ", in " + human_millis(report.elapsed_millis()) + ".");
  print_line(
      "Verified: " + std::to_string(number_of(restored.verification.report, "images").value_or(0)) +
      " images read and hashed, " + std::to_string(restored.needing_attention()) +
      " findings need attention.");
  print_line(restored.is_whole()
                 ? "All of the backup is there. Start the server."
                 : "Not all of the backup is there: see above, and docs/operations.md.");
}

Result<std::unique_ptr<BackupPlace>> open_backup(const RestoreOptions& options,
                                                 const Settings& settings, const Clock& clock) {
  if (!options.from.empty()) {
    return BackupFolder::open_to_read(
        std::filesystem::absolute(options.from).lexically_normal().string());
  }
  const Settings bucket = PACS_TRY(read_bucket_settings(options.from_bucket, settings.data_folder));
  return BackupBucket::open_to_read(bucket, clock);
}

ExitCode restore_from_backup(const RestoreOptions& options, const ProgramSettings& program) {
  const Settings* settings = settings_of_command(program);
  if (settings == nullptr) return ExitCode::usage;
  const SystemClock clock;
  CopyReport report(clock, options.json ? Shows::nothing : Shows::progress);
  const auto backup = open_backup(options, *settings, clock);
  if (!backup) return explain(backup.error());
  Result<RestoreOutcome> outcome = RestoreRun(*settings, **backup, clock, report).run();
  report.end();
  if (!outcome) return explain(outcome.error());

  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  ApiClient api(*connected.connection);
  Result<WatchedVerification> verification =
      verify_and_watch(api, {.quick = false, .repair = false, .is_quiet = options.json});
  if (!verification) return explain(verification.error());
  const RestoredArchive restored{std::move(*outcome), std::move(*verification)};
  options.json ? print_as_json(restored, report) : print_as_lines(restored, report);
  return restored.is_whole() ? ExitCode::ok : ExitCode::failed;
}

ExitCode restore(const RestoreOptions& options, const ProgramSettings& program) {
  const int ways = (options.name.empty() ? 0 : 1) + (options.from.empty() ? 0 : 1) +
                   (options.from_bucket.empty() ? 0 : 1);
  if (ways != 1) {
    return explain(invalid_argument("what",
                                    "name what to take out of the trash (study 12), or a backup: "
                                    "--from FOLDER or --from-bucket FILE"));
  }
  return options.name.empty() ? restore_from_backup(options, program)
                              : restore_from_trash(options, program);
}

}  // namespace

Command restore_command() {
  auto options = std::make_shared<RestoreOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "restore";
  command.summary = "Bring back: from the trash, or a whole archive from its backup";
  command.description =
      "NAME: a study, series or image out of the trash. The images are back with their bytes,\n"
      "UIDs, numbers and links. `pacs-lite trash` lists what there is. NAME is `study NUMBER`,\n"
      "`series NUMBER`, `image NUMBER`, or a UID.\n"
      "--from FOLDER, --from-bucket FILE: a whole archive out of a backup that `pacs-lite backup`\n"
      "has made, into the store of the settings, wherever the images lay before. The data folder\n"
      "and MEDIA_ROOT (or the bucket) of the settings must be empty, and no server may run; else\n"
      "nothing is changed. Every image is held against its SHA-256, and at the end all is verified "
      "as by\n"
      "`pacs-lite verify`. Cut short, it goes on when it is run again; until it has ended no\n"
      "server starts on what is there. Exit code 0: all of the backup is there and right; 1: it\n"
      "failed, or what is missing was told, and all the rest is there; 2: usage.";
  command.examples = {
      "pacs-lite restore study 12",
      "pacs-lite restore 1.2.840.113619.2.55.3.604688.1.7",
      "pacs-lite restore --from /mnt/backup/pacs   # into an empty data folder and MEDIA_ROOT",
      "pacs-lite restore --from-bucket /etc/pacs-lite/backup-bucket.toml",
  };
  command.arguments = {
      {"NAME", "study NUMBER, series NUMBER, image NUMBER, or a UID", &options->name},
      {"--from", "the folder of a backup", &options->from},
      {"--from-bucket", "the settings file of a bucket with a backup", &options->from_bucket},
      {"--json", "print JSON", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return restore(*options, program); };
  return command;
}

}  // namespace pacs::cli
