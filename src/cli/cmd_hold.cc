// `pacs-lite hold`: legal hold and retention date of a study.
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/operator_command.h"
#include "cli/record_name.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

struct HoldOptions {
  std::string study;
  bool set = false;
  std::string reason;
  bool release = false;
  std::string until;
  bool end_retention = false;
  bool json = false;
};

std::string object_of(std::string_view name, const std::string& value) {
  JsonWriter json;
  json.begin_object();
  json.member(name, value);
  json.end_object();
  return json.take();
}

// What was asked for, one after the other; the last answer tells all.
Result<JsonValue> change(ApiClient& api, const HoldOptions& options) {
  const std::string study = path_of(RecordKind::study, options.study);
  if (options.set || !options.reason.empty()) {
    PACS_TRY(api.put(study + "hold/", object_of("reason", options.reason)));
  }
  if (options.release) PACS_TRY(api.remove(study + "hold/"));
  if (!options.until.empty()) {
    PACS_TRY(api.put(study + "retention/", object_of("retain_until", options.until)));
  }
  if (options.end_retention) PACS_TRY(api.remove(study + "retention/"));
  return api.get(study + "hold/");
}

void print_hold(const JsonValue& hold) {
  const std::string study = "Study " + std::to_string(number_of(hold, "study").value_or(0));
  const JsonValue* held = hold.find("is_held");
  const bool is_held = held != nullptr && held->as_bool() != nullptr && *held->as_bool();
  const std::string reason = text_of(hold, "reason");
  const std::string until = text_of(hold, "retain_until");
  if (is_held) {
    print_line(study + " is under a legal hold" +
               (reason.empty() ? "." : ": " + printable(reason)));
  }
  if (!until.empty()) print_line(study + " must be kept until " + until + ".");
  if (!is_held && until.empty()) print_line(study + " may be removed.");
}

ExitCode hold(const HoldOptions& options, const ProgramSettings& program) {
  if ((options.set || !options.reason.empty()) && options.release) {
    print_error("error: --set and --release contradict each other");
    return ExitCode::usage;
  }
  if (!options.until.empty() && options.end_retention) {
    print_error("error: --until and --end-retention contradict each other");
    return ExitCode::usage;
  }
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  ApiClient api(*connected.connection);
  const Result<JsonValue> shown = change(api, options);
  if (!shown) return explain(shown.error());
  if (options.json) {
    print_line(shown->to_json());
  } else {
    print_hold(*shown);
  }
  return ExitCode::ok;
}

}  // namespace

Command hold_command() {
  auto options = std::make_shared<HoldOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "hold";
  command.summary = "Keep a study from being removed";
  command.description =
      "A legal hold, until it is released, and a retention date, that day included, each stop the\n"
      "removal of anything of the study, and its deletion from the trash. Without an option: "
      "shows\n"
      "what is in force. STUDY is its number or UID.";
  command.examples = {
      "pacs-lite hold 12 --set --reason 'case 2026/17'",
      "pacs-lite hold 12 --release",
      "pacs-lite hold 12 --until 2036-12-31",
  };
  command.arguments = {
      {"STUDY", "number or UID of a study", &options->study, Argument::Need::required},
      {"--set", "put it under a legal hold", &options->set},
      {"--reason", "why, for people; implies --set", &options->reason},
      {"--release", "lift the legal hold", &options->release},
      {"--until", "the last day on which nothing may be removed, YYYY-MM-DD", &options->until},
      {"--end-retention", "take that day away", &options->end_retention},
      {"--json", "print JSON", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return hold(*options, program); };
  return command;
}

}  // namespace pacs::cli
