// `pacs-lite verify`: is everything that was stored still there and right?
#include <memory>
#include <string>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/operator_command.h"
#include "cli/verify_watch.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

struct VerifyOptions {
  bool quick = false;
  bool repair = false;
  bool json = false;
};

void print_as_json(const WatchedVerification& watched) {
  JsonWriter json;
  write_verification(json, watched);
  print_line(json.take());
}

void print_summary(const WatchedVerification& watched) {
  const JsonValue& report = watched.report;
  const auto count = [&](std::string_view name) {
    return std::to_string(number_of(report, name).value_or(0));
  };
  if (watched.findings.size() > kVerifyLinesPrintedMax) {
    print_line("… and " + std::to_string(watched.findings.size() - kVerifyLinesPrintedMax) +
               " more; --json prints all");
  }
  const JsonValue* counts = report.find("counts");
  if (counts != nullptr && counts->as_object() != nullptr) {
    for (const auto& [kind, number] : *counts->as_object()) {
      print_line(number.to_json() + " " + kind);
    }
  }
  print_line(count("images") + " images and " + count("files") + " files looked at, " +
             human_bytes(static_cast<uint64_t>(number_of(report, "read_bytes").value_or(0))) +
             " read; " + count("findings_total") + " findings, " + count("needing_attention") +
             " need attention");
}

ExitCode verify(const VerifyOptions& options, const ProgramSettings& program) {
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  ApiClient api(*connected.connection);
  const Result<WatchedVerification> watched = verify_and_watch(
      api, {.quick = options.quick, .repair = options.repair, .is_quiet = options.json});
  if (!watched) return explain(watched.error());
  options.json ? print_as_json(*watched) : print_summary(*watched);
  if (text_of(watched->report, "state") != "finished") {
    print_error("error: the verification did not come to its end: " +
                printable(text_of(watched->report, "error")));
    return ExitCode::failed;
  }
  return number_of(watched->report, "needing_attention").value_or(0) == 0 ? ExitCode::ok
                                                                          : ExitCode::failed;
}

}  // namespace

Command verify_command() {
  auto options = std::make_shared<VerifyOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "verify";
  command.summary = "Is everything that was stored still there and right?";
  command.description =
      "Reads and hashes every stored file and holds it against its row: size, SHA-256, "
      "attributes,\n"
      "DICOM header. Then looks for what no row names: blobs of ingests that were cut, renamed "
      "and\n"
      "damaged files, links, strangers' files. Changes nothing, unless --repair is given: that\n"
      "indexes whole files again, puts renamed ones back, and moves what is wrong to the "
      "quarantine\n"
      "(MEDIA_ROOT/.pacs-lite/quarantine). It deletes nothing, and can be stopped and run again.\n"
      "The running server does the work, and goes on when this command is interrupted; it does "
      "the\n"
      "same by itself on a schedule (PACS_LITE_VERIFY_*). Each finding is a line in the audit "
      "log.\n"
      "Exit code 0: nothing needs attention (a cut ingest is a notice); 1: findings that are "
      "still\n"
      "there, or the end was not reached; 2: usage; 3: no server. docs/operations.md tells what "
      "to\n"
      "do with each finding.";
  command.examples = {
      "pacs-lite verify",
      "pacs-lite verify --quick                  # sizes and presence alone",
      "pacs-lite verify --repair",
      "pacs-lite verify --json | jq '.findings[] | select(.severity == \"error\")'",
  };
  command.arguments = {
      {"--quick", "look whether each file is there and has its size; read none", &options->quick},
      {"--repair", "mend what can be mended; nothing is deleted", &options->repair},
      {"--json", "print JSON", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return verify(*options, program); };
  return command;
}

}  // namespace pacs::cli
