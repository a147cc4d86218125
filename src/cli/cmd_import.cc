// `pacs-lite import PATH…`: takes over what lies in folders, ZIP files and on media.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/import_adopt.h"
#include "cli/import_bucket.h"
#include "cli/import_folder.h"
#include "cli/import_queue.h"
#include "cli/import_tally.h"
#include "cli/import_upload.h"
#include "cli/object_store.h"
#include "cli/operator_command.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

constexpr uint64_t kConnectionsMost = 64;   // beyond it a disk only seeks more
constexpr size_t kWaitingForEach = 8;       // items that wait for one connection, with open files
constexpr size_t kRefusalsPrintedMax = 20;  // then the report file is the place to look

struct ImportOptions {
  std::vector<std::string> paths;
  uint64_t connections = 4;
  bool in_place = false;
  bool all_kinds = false;
  std::string manifest_path;
  std::string report_path;
  bool json = false;
};

Result<void> check(const ImportOptions& options) {
  if (options.connections < 1 || options.connections > kConnectionsMost) {
    return invalid_argument("bad_option",
                            "--connections must be from 1 to " + std::to_string(kConnectionsMost));
  }
  if (options.in_place && !options.paths.empty()) {
    return invalid_argument("bad_option",
                            "--in-place takes over what lies under MEDIA_ROOT, and no PATH; set "
                            "MEDIA_ROOT to the tree");
  }
  if (!options.manifest_path.empty() && !options.in_place && options.paths.size() != 1) {
    return invalid_argument("bad_option",
                            "--manifest needs either --in-place, or one PATH: the folder that the "
                            "manifest's keys are relative to");
  }
  if (!options.in_place && options.paths.empty()) {
    return invalid_argument("bad_option", "name at least one PATH to import, or give --in-place");
  }
  for (const std::string& path : options.paths) {
    if (::access(path.c_str(), R_OK) != 0) {
      return invalid_argument("bad_option", path + " does not exist or cannot be read");
    }
  }
  return {};
}

// Calls the sink for each image, on this thread, until there are no more.
Result<void> find_all(const ImportOptions& options, const Settings& settings,
                      const ImportSink& sink) {
  if (!options.manifest_path.empty()) {
    ManifestRequest request{options.manifest_path, {}};
    if (!options.in_place) request.folder = options.paths.front();
    return find_images_of_manifest(request, sink);
  }
  if (options.in_place && uses_object_store(settings)) {
    return find_images_in_bucket(settings, sink);
  }
  if (options.in_place) {
    static_cast<void>(find_images_in_tree(settings.media.root, sink));
    return {};
  }
  const ImportFindings wanted{options.all_kinds ? ImportKinds::all : ImportKinds::dicom,
                              settings.image_bytes_max};
  for (const std::string& path : options.paths) {
    if (!find_images(path, wanted, sink)) break;
  }
  return {};
}

Result<void> run(const ImportOptions& options, const Settings& settings,
                 ServerConnection& connection, ImportTally& tally) {
  ImportQueue queue(kWaitingForEach * options.connections);
  std::atomic<bool> server_is_gone{false};
  std::vector<std::thread> senders;
  for (uint64_t i = 0; i < options.connections; ++i) {
    senders.emplace_back([&] {
      ImportUploader uploader(connection);
      while (const std::optional<ImportItem> item = queue.pop()) {
        if (server_is_gone) break;
        tally.add(uploader.upload(*item));
        if (!uploader.server_is_gone()) continue;
        server_is_gone = true;
        queue.close();  // which stops the finding too
      }
    });
  }
  const ImportSink sink{[&](ImportItem item) {
                          tally.found();
                          return queue.push(std::move(item));
                        },
                        [&](const ImportResult& result) {
                          if (result.outcome != ImportOutcome::skipped) tally.found();
                          tally.add(result);
                        }};
  const Result<void> found = find_all(options, settings, sink);
  tally.finding_ended();
  queue.close();
  for (std::thread& sender : senders) sender.join();
  tally.end_progress();
  if (server_is_gone) {
    return unavailable("server_gone",
                       "the server went away before the import was at its end; start it and run "
                       "the same command again");
  }
  return found;
}

void print_as_json(const ImportTally& tally) {
  const ImportCounts counts = tally.counts();
  JsonWriter json;
  json.begin_object();
  for (const ImportOutcome outcome :
       {ImportOutcome::stored, ImportOutcome::known, ImportOutcome::refused, ImportOutcome::failed,
        ImportOutcome::skipped}) {
    json.member(to_string(outcome), counts.of(outcome));
  }
  json.member("size_bytes", counts.size_bytes);
  json.member("seconds", static_cast<double>(tally.elapsed().count()) / 1000);
  json.key("not_stored");
  json.begin_array();
  for (const ImportResult& result : tally.kept()) {
    json.begin_object();
    json.member("place", result.place);
    json.member("outcome", to_string(result.outcome));
    json.member("code", result.code);
    json.member("detail", result.detail);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  print_line(json.take());
}

void print_summary(const ImportTally& tally, const ImportOptions& options) {
  const std::vector<ImportResult> kept = tally.kept();
  for (size_t i = 0; i < kept.size() && i < kRefusalsPrintedMax; ++i) {
    print_line(std::string(to_string(kept[i].outcome)) + "  " + printable(kept[i].place) + ": " +
               printable(kept[i].detail));
  }
  const ImportCounts counts = tally.counts();
  const uint64_t bad = counts.of(ImportOutcome::refused) + counts.of(ImportOutcome::failed);
  if (bad > kRefusalsPrintedMax) {
    print_line("… and " + std::to_string(bad - kRefusalsPrintedMax) + " more" +
               (options.report_path.empty() ? "; --report FILE lists all"
                                            : ", all in " + options.report_path));
  }
  print_line(std::to_string(counts.of(ImportOutcome::stored)) + " stored, " +
             std::to_string(counts.of(ImportOutcome::known)) + " were there already, " +
             std::to_string(counts.of(ImportOutcome::refused)) + " refused, " +
             std::to_string(counts.of(ImportOutcome::failed)) + " failed, " +
             std::to_string(counts.of(ImportOutcome::skipped)) + " skipped (no image); " +
             human_bytes(counts.size_bytes) + " in " + human_millis(tally.elapsed().count()));
  if (counts.of(ImportOutcome::failed) > 0) {
    print_line("Run the same command again to try what failed; what is stored stays as it is.");
  }
}

ExitCode import_images(const ImportOptions& options, const ProgramSettings& program) {
  if (const Result<void> good = check(options); !good) return explain(good.error());
  const Connected connected = connect(program, NoArchive::make);
  if (connected.connection == nullptr) return connected.code;
  const auto tally = ImportTally::create(
      options.report_path, options.json ? ImportTally::Show::nothing : ImportTally::Show::progress);
  if (!tally) return explain(tally.error());

  const Result<void> done = run(options, program.as_read(), *connected.connection, **tally);
  options.json ? print_as_json(**tally) : print_summary(**tally, options);
  if (!done) return explain(done.error());
  if (!(*tally)->report_is_whole()) {
    print_error("error: the report " + options.report_path + " could not be written to its end");
    return ExitCode::failed;
  }
  const ImportCounts counts = (*tally)->counts();
  const bool is_whole =
      counts.of(ImportOutcome::refused) == 0 && counts.of(ImportOutcome::failed) == 0;
  return is_whole ? ExitCode::ok : ExitCode::failed;
}

std::vector<Argument> arguments_for(ImportOptions& options) {
  return {
      {"PATH", "folders, ZIP files, DICOMDIR files, single images", &options.paths},
      {"--in-place", "take over the tree under MEDIA_ROOT without copying", &options.in_place},
      {"--manifest", "the other application's export: a JSON line an image, whose ids are kept",
       &options.manifest_path},
      {"--all-kinds", "take JPEG, PNG and PDF files too, not DICOM alone", &options.all_kinds},
      {"-n,--connections", "images sent at once (default 4)", &options.connections},
      {"--report", "write what was not stored, and why, into this file: a JSON line each",
       &options.report_path},
      {"--json", "print the summary as JSON, and no progress", &options.json},
  };
}

}  // namespace

Command import_command() {
  auto options = std::make_shared<ImportOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "import";
  command.summary = "Take over images from folders, ZIP files and DICOM media";
  command.description =
      "Every image goes the way of an upload: checked, hashed, durable before it counts. What is\n"
      "stored already with the same bytes is told as such, so the same command can be run again\n"
      "after a break. Files that are no image are skipped; what a DICOMDIR names and is missing\n"
      "counts as failed. Works with a running server and without.\n"
      "Exit code 0 when every image is stored, 1 when any was refused or failed.";
  command.examples = {
      "pacs-lite import /mnt/cd",
      "pacs-lite import exam.zip /srv/old-archive --connections 8 --report refused.jsonl",
      "pacs-lite import --in-place --media-root /srv/django/media",
      "pacs-lite import --in-place --manifest export.jsonl   # keeps ids, orders, uploaders",
      "pacs-lite import --manifest export.jsonl /srv/old-media",
  };
  command.arguments = arguments_for(*options);
  command.run = [options](ProgramSettings& program) { return import_images(*options, program); };
  return command;
}

}  // namespace pacs::cli
