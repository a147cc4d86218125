// `pacs-lite audit verify`: is every line of the audit log what was written?
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/operator_command.h"

namespace pacs::cli {
namespace {

// The server reads the whole log before it answers, however many years of it there are.
constexpr std::chrono::hours kAuditWalkMax{1};

struct AuditOptions {
  bool json = false;
};

void print_whole_log(const JsonValue& answer) {
  const JsonValue* newest = answer.find("newest");
  if (newest == nullptr || !newest->is_object()) {
    print_line("The audit log has no line yet.");
    return;
  }
  print_line("The audit log is whole up to line " +
             std::to_string(number_of(*newest, "id").value_or(0)) + " of " +
             text_of(*newest, "time") + ".");
  print_line("  its hash: " + text_of(*newest, "hash"));
}

void print_broken_line(const JsonValue& broken) {
  const int64_t sequence = number_of(broken, "sequence").value_or(0);
  print_error("The audit log is not what was written. The first place that does not fit: chain " +
              std::to_string(number_of(broken, "chain").value_or(0)) +
              (sequence == 0 ? ", its head" : ", line " + std::to_string(sequence)) + ". " +
              text_of(broken, "reason"));
}

ExitCode verify_audit_log(const AuditOptions& options, const ProgramSettings& program) {
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  ApiClient api(*connected.connection, kAuditWalkMax);
  const Result<JsonValue> answer = api.get("/api/v1/archive/audit/verify/");
  if (!answer) return explain(answer.error());
  const JsonValue* broken = answer->find("broken");
  const bool is_broken = broken == nullptr || broken->is_object();
  if (options.json) {
    print_line(answer->to_json());
  } else if (is_broken) {
    print_broken_line(broken == nullptr ? *answer : *broken);
  } else {
    print_whole_log(*answer);
  }
  return is_broken ? ExitCode::failed : ExitCode::ok;
}

}  // namespace

Command audit_command() {
  auto options = std::make_shared<AuditOptions>();  // shared by the parser and the closure
  Command verify_command;
  verify_command.name = "verify";
  verify_command.summary = "Check that no line was changed, taken out or put in";
  verify_command.description =
      "Walks every chain of the audit log from its head and computes each hash anew. The one "
      "thing\n"
      "that it cannot see is the end cut off the newest chain: keep the hash that it prints\n"
      "somewhere else, and the line of that number must still have it next time. Exit code 0 when\n"
      "the log is whole, else 1.";
  verify_command.examples = {"pacs-lite audit verify",
                             "pacs-lite audit verify --json | jq .newest.hash"};
  verify_command.arguments = {{"--json", "print JSON", &options->json}};
  verify_command.run = [options](ProgramSettings& program) {
    return verify_audit_log(*options, program);
  };

  Command command;
  command.name = "audit";
  command.summary = "Check the log of who did what";
  command.description =
      "Every change, and who has read what, is a line of the audit log in the index; the lines "
      "are\n"
      "chained by hash. GET /api/v1/archive/audit/ lists them.";
  command.examples = {"pacs-lite audit verify"};
  command.subcommands.push_back(std::move(verify_command));
  return command;
}

}  // namespace pacs::cli
