// `pacs-lite remove`: takes a study, series or image out of the archive, into its trash or for
// good.
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/operator_command.h"
#include "cli/record_name.h"
#include "core/clock.h"

namespace pacs::cli {
namespace {

constexpr size_t kDayLength = 10;  // of 2026-11-22T16:50:00Z

struct RemoveOptions {
  std::vector<std::string> name;
  bool now = false;
  bool yes = false;
  bool json = false;
};

std::string description_of(const FoundRecord& found) {
  std::string text = std::string(to_string(found.kind)) + " " + found.id;
  if (const auto count = number_of(found.json, "image_count")) {
    text += ", " + std::to_string(*count) + " images";
  }
  if (const std::string name = text_of(found.json, "patient_name"); !name.empty()) {
    text += ", of " + printable(name);
  }
  if (const std::string name = text_of(found.json, "filename"); !name.empty()) {
    text += ", " + printable(name);
  }
  return text;
}

// Nobody is asked where nobody can answer.
bool is_confirmed(const FoundRecord& found, const RemoveOptions& options) {
  if (options.yes) return true;
  if (::isatty(STDIN_FILENO) != 1) {
    print_error("error: give --yes to remove " + description_of(found) +
                (options.now ? " for good" : ""));
    return false;
  }
  std::fputs(("Remove " + description_of(found) +
              (options.now ? " for good? Type yes: " : " (it can be restored)? Type yes: "))
                 .c_str(),
             stderr);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes";
}

void print_removed(const JsonValue& removed) {
  print_line("Removed " + std::to_string(number_of(removed, "images_removed").value_or(0)) +
             " images, " +
             human_bytes(static_cast<uint64_t>(number_of(removed, "size_bytes").value_or(0))) +
             ". Their links answer 410 from now on.");
  const auto purge_at = from_rfc3339(text_of(removed, "purge_at"));
  if (purge_at && *purge_at > SystemClock().now()) {
    print_line("They can be restored until " + to_rfc3339(*purge_at).substr(0, kDayLength) +
               ": pacs-lite restore");
  }
  const int64_t left = number_of(removed, "files_left").value_or(0);
  if (left > 0) {
    print_line(std::to_string(left) + " files could not be deleted yet; nothing serves them.");
  }
}

ExitCode remove(const RemoveOptions& options, const ProgramSettings& program) {
  const Result<RecordName> name = parse_record_name(options.name);
  if (!name) return explain(name.error());
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  ApiClient api(*connected.connection);
  Result<FoundRecord> found = find_record(api, *name);
  if (!found && options.now && found.error().code == ErrorCode::not_found && name->kind) {
    found = FoundRecord{*name->kind, name->id, JsonValue()};  // perhaps it is in the trash
  }
  if (!found) return explain(found.error());
  if (!is_confirmed(*found, options)) return ExitCode::usage;
  const Result<JsonValue> removed =
      api.remove(path_of(found->kind, found->id) + (options.now ? "?now=true" : ""));
  if (!removed) return explain(removed.error());
  if (options.json) {
    print_line(removed->to_json());
    return ExitCode::ok;
  }
  print_removed(*removed);
  return ExitCode::ok;
}

}  // namespace

Command remove_command() {
  auto options = std::make_shared<RemoveOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "remove";
  command.summary = "Remove a study, series or image, into the trash";
  command.description =
      "Asks first, unless --yes is given. The images are gone from every answer at once, and the\n"
      "audit log keeps who removed what. Their files stay in the trash for PACS_LITE_TRASH_DAYS,\n"
      "for `pacs-lite restore`, and are deleted then. --now deletes them at once, also those that\n"
      "are in the trash already: there is no way back but a backup. What is under a legal hold or\n"
      "has a retention date is not removed (`pacs-lite hold`). NAME is `study NUMBER`,\n"
      "`series NUMBER`, `image NUMBER`, or a UID.";
  command.examples = {
      "pacs-lite remove study 12",
      "pacs-lite remove 1.2.840.113619.2.55.3.604688.1.7 --yes",
      "pacs-lite remove study 12 --now",
  };
  command.arguments = {
      {"NAME", "study NUMBER, series NUMBER, image NUMBER, or a UID", &options->name,
       Argument::Need::required},
      {"--now", "delete the files at once, for good", &options->now},
      {"--yes", "do not ask", &options->yes},
      {"--json", "print JSON", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return remove(*options, program); };
  return command;
}

}  // namespace pacs::cli
