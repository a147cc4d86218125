// `pacs-lite remove`: takes a study, series or image out of the archive for good.
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

namespace pacs::cli {
namespace {

struct RemoveOptions {
  std::vector<std::string> name;
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
    print_error("error: give --yes to remove " + description_of(found));
    return false;
  }
  std::fputs(("Remove " + description_of(found) + " for good? Type yes: ").c_str(), stderr);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes";
}

ExitCode remove(const RemoveOptions& options, const ProgramSettings& program) {
  const Result<RecordName> name = parse_record_name(options.name);
  if (!name) return explain(name.error());
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  ApiClient api(*connected.connection);
  const Result<FoundRecord> found = find_record(api, *name);
  if (!found) return explain(found.error());
  if (!is_confirmed(*found, options)) return ExitCode::usage;
  const Result<JsonValue> removed = api.remove(path_of(found->kind, found->id));
  if (!removed) return explain(removed.error());
  if (options.json) {
    print_line(removed->to_json());
    return ExitCode::ok;
  }
  const int64_t left = number_of(*removed, "files_left").value_or(0);
  print_line("Removed " + std::to_string(number_of(*removed, "images_removed").value_or(0)) +
             " images, " +
             human_bytes(static_cast<uint64_t>(number_of(*removed, "size_bytes").value_or(0))) +
             ". Their links answer 410 from now on.");
  if (left > 0) {
    print_line(std::to_string(left) + " files could not be deleted; nothing serves them.");
  }
  return ExitCode::ok;
}

}  // namespace

Command remove_command() {
  auto options = std::make_shared<RemoveOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "remove";
  command.summary = "Remove a study, series or image for good";
  command.description =
      "Asks first, unless --yes is given. The images are gone from every answer at once, their\n"
      "files are deleted, and the audit log keeps who removed what. There is no way back but a\n"
      "backup. NAME is `study NUMBER`, `series NUMBER`, `image NUMBER`, or a UID.";
  command.examples = {
      "pacs-lite remove study 12",
      "pacs-lite remove 1.2.840.113619.2.55.3.604688.1.7 --yes",
  };
  command.arguments = {
      {"NAME", "study NUMBER, series NUMBER, image NUMBER, or a UID", &options->name,
       Argument::Need::required},
      {"--yes", "do not ask", &options->yes},
      {"--json", "print JSON", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return remove(*options, program); };
  return command;
}

}  // namespace pacs::cli
