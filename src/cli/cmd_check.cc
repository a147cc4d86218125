// `pacs-lite check`: is this machine set up so that no image is lost and none is shown to the wrong
// person? Every finding comes with its remedy.
#include <memory>
#include <string>
#include <utility>

#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/object_store.h"
#include "cli/program_settings.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

struct CheckOptions {
  bool json = false;
  bool create_bucket = false;
};

const char* word_of(Finding::Severity severity) {
  switch (severity) {
    case Finding::Severity::ok:
      return "ok";
    case Finding::Severity::skipped:
      return "skipped";
    case Finding::Severity::warning:
      return "warning";
    case Finding::Severity::error:
      return "error";
  }
  return "error";
}

void print_as_json(const Findings& findings) {
  JsonWriter json;
  json.begin_object();
  json.member("errors", uint64_t{findings.count(Finding::Severity::error)});
  json.member("warnings", uint64_t{findings.count(Finding::Severity::warning)});
  json.key("findings");
  json.begin_array();
  for (const Finding& finding : findings.all()) {
    json.begin_object();
    json.member("severity", word_of(finding.severity));
    json.member("subject", finding.subject);
    json.member("text", finding.text);
    json.key("remedy");
    finding.remedy.empty() ? json.null() : json.string(finding.remedy);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  print_line(json.take());
}

std::string counted(size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

void print_as_lines(const Findings& findings) {
  constexpr size_t kWordWidth = 9;
  for (const Finding& finding : findings.all()) {
    std::string line = word_of(finding.severity);
    line.resize(kWordWidth, ' ');
    print_line(line + finding.subject + ": " + printable(finding.text));
    if (!finding.remedy.empty()) {
      print_line(std::string(kWordWidth, ' ') + "-> " + printable(finding.remedy));
    }
  }
  print_line(counted(findings.count(Finding::Severity::error), "error") + ", " +
             counted(findings.count(Finding::Severity::warning), "warning"));
}

ExitCode check(const CheckOptions& options, const ProgramSettings& program) {
  const Settings& settings = program.as_read();
  const SystemClock clock;
  Findings findings;
  check_settings(program.problems(), findings);
  check_folders(settings, findings);
  if (uses_object_store(settings)) {
    check_object_store(settings,
                       options.create_bucket ? MissingBucket::create : MissingBucket::report, clock,
                       findings);
  }
  check_index(settings, findings);
  check_keys(settings, clock, findings);
  check_clock(clock, findings);
  check_limits(settings, findings);
  check_running_server(settings, findings);
  check_public_url(settings, findings);
  options.json ? print_as_json(findings) : print_as_lines(findings);
  return findings.count(Finding::Severity::error) == 0 ? ExitCode::ok : ExitCode::failed;
}

}  // namespace

Command check_command() {
  auto options = std::make_shared<CheckOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "check";
  command.summary = "Is this machine set up well? Every finding has its remedy";
  command.description =
      "Looks at the settings, the folders and who may write them, the room on their disks, the\n"
      "index, the keys, the clock and the running server, and asks for a stored file without a\n"
      "signature through --public-url, which must be refused. In an object store it writes a "
      "small\n"
      "object and removes it again; else it changes nothing. Run it as the user of the server. "
      "Exit\n"
      "code 1 when there is an error; warnings leave it 0.";
  command.examples = {
      "pacs-lite check",
      "sudo -u pacs-lite pacs-lite check --public-url https://pacs.clinic.example",
      "pacs-lite check --create-bucket",
      "pacs-lite check --json | jq '.findings[] | select(.severity == \"error\")'",
  };
  command.arguments = {
      {"--json", "print JSON", &options->json},
      {"--create-bucket", "make the bucket of the settings where it is missing",
       &options->create_bucket},
  };
  command.run = [options](ProgramSettings& program) { return check(*options, program); };
  return command;
}

}  // namespace pacs::cli
