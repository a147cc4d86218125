// `pacs-lite restore`: takes a study, series or image out of the trash.
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/operator_command.h"
#include "cli/record_name.h"

namespace pacs::cli {
namespace {

struct RestoreOptions {
  std::vector<std::string> name;
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

ExitCode restore(const RestoreOptions& options, const ProgramSettings& program) {
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

}  // namespace

Command restore_command() {
  auto options = std::make_shared<RestoreOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "restore";
  command.summary = "Take a study, series or image out of the trash";
  command.description =
      "The images are back with their bytes, UIDs, numbers and links. `pacs-lite trash` lists "
      "what\n"
      "there is. NAME is `study NUMBER`, `series NUMBER`, `image NUMBER`, or a UID.";
  command.examples = {
      "pacs-lite restore study 12",
      "pacs-lite restore 1.2.840.113619.2.55.3.604688.1.7",
  };
  command.arguments = {
      {"NAME", "study NUMBER, series NUMBER, image NUMBER, or a UID", &options->name,
       Argument::Need::required},
      {"--json", "print JSON", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return restore(*options, program); };
  return command;
}

}  // namespace pacs::cli
