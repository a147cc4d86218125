// `pacs-lite config`: every setting in force and where it came from.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/program_settings.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

struct ConfigOptions {
  bool json = false;
};

void write_problems(JsonWriter& json, const SettingProblems& problems) {
  json.key("problems");
  json.begin_array();
  for (const SettingProblem& problem : problems.all()) {
    const bool is_error = problem.severity == SettingProblem::Severity::error;
    json.begin_object();
    json.member("severity", is_error ? "error" : "warning");
    json.member("name", problem.name);
    json.member("text", problem.text);
    json.end_object();
  }
  json.end_array();
}

void print_as_json(const ProgramSettings& program) {
  const Settings& settings = program.as_read();
  JsonWriter json;
  json.begin_object();
  json.key("file");
  settings.file_path.empty() ? json.null() : json.string(settings.file_path);
  json.key("settings");
  json.begin_array();
  for (const SettingInForce& entry : settings.in_force) {
    json.begin_object();
    json.member("name", entry.name);
    json.key("value");
    entry.text.empty() ? json.null() : json.string(entry.text);
    json.member("origin", to_string(entry.origin));
    json.member("place", entry.place);
    json.end_object();
  }
  json.end_array();
  write_problems(json, program.problems());
  json.end_object();
  print_line(json.take());
}

void print_as_table(const Settings& settings) {
  std::vector<std::vector<std::string>> rows;
  for (const SettingInForce& entry : settings.in_force) {
    rows.push_back({entry.name, entry.text.empty() ? "(unset)" : printable(entry.text),
                    printable(entry.place)});
  }
  print(as_table({"SETTING", "VALUE", "FROM"}, rows));
}

ExitCode show_config(const ConfigOptions& options, const ProgramSettings& program) {
  if (options.json) {
    print_as_json(program);
    return program.problems().has_errors() ? ExitCode::usage : ExitCode::ok;
  }
  print_as_table(program.as_read());
  return program.checked() == nullptr ? ExitCode::usage : ExitCode::ok;
}

}  // namespace

Command config_command() {
  // Shared with the parser, which writes it, by the closure, which must be copyable.
  auto options = std::make_shared<ConfigOptions>();
  Command command;
  command.name = "config";
  command.summary = "Show every setting in force and where it came from";
  command.description =
      "Secrets are hidden. What is misspelt, contradictory or out of range is listed, one line\n"
      "each, and makes the exit code 2; `serve` would refuse to start for the same reasons.";
  command.examples = {
      "pacs-lite config",
      "pacs-lite config --json | jq '.settings[] | select(.origin != \"default\")'",
      "pacs-lite config --config /etc/pacs-lite/pacs-lite.toml --listen 0.0.0.0:8042",
  };
  command.arguments = {{"--json", "print JSON", &options->json}};
  command.run = [options](ProgramSettings& program) { return show_config(*options, program); };
  return command;
}

}  // namespace pacs::cli
