// `pacs-lite test-storage`: sends one image through the archive and takes it out again.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/operator_command.h"
#include "cli/storage_trial.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

struct TestStorageOptions {
  bool json = false;
};

void print_step(const TrialStep& step) {
  const char* verdict = step.error ? "FAILED " : step.was_skipped ? "skipped" : "ok     ";
  std::string line = std::string(verdict) + "  " + step.name;
  if (!step.was_skipped) line += "  " + human_millis(step.took.count());
  if (step.error) line += ": " + printable(step.error->detail);
  if (!step.remark.empty()) line += "  (" + printable(step.remark) + ")";
  print_line(line);
}

void print_as_json(const Settings& settings, const std::vector<TrialStep>& steps, bool went_well) {
  JsonWriter json;
  json.begin_object();
  json.member("ok", went_well);
  json.member("storage", to_string(settings.storage));
  json.key("steps");
  json.begin_array();
  for (const TrialStep& step : steps) {
    json.begin_object();
    json.member("name", step.name);
    json.member("ok", !step.error.has_value());
    json.member("skipped", step.was_skipped);
    json.member("milliseconds", int64_t{step.took.count()});
    json.member("detail", step.error ? step.error->detail : step.remark);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  print_line(json.take());
}

ExitCode test_storage(const TestStorageOptions& options, const ProgramSettings& program) {
  const Connected connected = connect(program, NoArchive::make);
  if (connected.connection == nullptr) return connected.code;
  SystemRandom random;
  StorageTrial trial(*connected.connection, program.as_read(), random);
  std::vector<TrialStep> steps;
  const bool went_well = trial.run([&](const TrialStep& step) {
    steps.push_back(step);
    if (!options.json) print_step(step);
  });
  if (options.json) print_as_json(program.as_read(), steps, went_well);
  return went_well ? ExitCode::ok : ExitCode::failed;
}

}  // namespace

Command test_storage_command() {
  auto options = std::make_shared<TestStorageOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "test-storage";
  command.summary = "Send a test image through the archive and take it out again";
  command.description =
      "On the configured storage: metadata, bytes, acknowledgement with its receipt, the stored\n"
      "file past the server, links, an expired and a forged link that must be refused, removal. A\n"
      "line each with its time. Exit code 1 when a step fails; the image is removed in any case.";
  command.examples = {"pacs-lite test-storage", "pacs-lite test-storage --json | jq .ok"};
  command.arguments = {{"--json", "print JSON", &options->json}};
  command.run = [options](ProgramSettings& program) { return test_storage(*options, program); };
  return command;
}

}  // namespace pacs::cli
