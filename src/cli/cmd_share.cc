// `pacs-lite share create|list|revoke`: links that open studies in a browser.
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/duration.h"
#include "cli/operator_command.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

constexpr std::string_view kShares = "/api/v1/radiology/shares/";

struct ShareOptions {
  std::vector<std::string> studies;
  std::string expires_in;
  std::string label;
  std::string pin;
  bool json = false;
};

ExitCode make_share(const ShareOptions& options, const ProgramSettings& program) {
  JsonWriter order;
  order.begin_object();
  order.key("studies");
  order.begin_array();
  for (const std::string& study : options.studies) order.string(study);
  order.end_array();
  if (!options.expires_in.empty()) {
    const auto life = parse_duration(options.expires_in);
    if (!life) return explain(bad_duration("--expires-in", options.expires_in));
    order.member("expires_in", int64_t{life->count()});
  }
  if (!options.label.empty()) order.member("label", options.label);
  if (options.pin == "-") {
    std::string line;
    std::getline(std::cin, line);
    order.member("pin", line);
  } else if (!options.pin.empty()) {
    order.member("pin", options.pin);
  }
  order.end_object();
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  const Result<JsonValue> link = ApiClient(*connected.connection).post(kShares, order.take());
  if (!link) return explain(link.error());
  if (options.json) {
    print_line(link->to_json());
  } else {
    print_line(connected.connection->as_browsers_see(text_of(*link, "url")));
  }
  return ExitCode::ok;
}

ExitCode list_shares(bool as_json, const ProgramSettings& program) {
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  const Result<JsonValue> links = ApiClient(*connected.connection).get(kShares);
  if (!links) return explain(links.error());
  if (as_json) {
    print_line(links->to_json());
    return ExitCode::ok;
  }
  std::vector<std::vector<std::string>> rows;
  if (const JsonValue::Array* all = links->as_array()) {
    for (const JsonValue& link : *all) {
      const JsonValue* studies = link.find("studies");
      const size_t count =
          studies == nullptr || studies->as_array() == nullptr ? 0 : studies->as_array()->size();
      const JsonValue* has_pin = link.find("has_pin");
      const bool wants_pin =
          has_pin != nullptr && has_pin->as_bool() != nullptr && *has_pin->as_bool();
      const std::string used = text_of(link, "last_used_at");
      rows.push_back({std::to_string(number_of(link, "id").value_or(0)), text_of(link, "status"),
                      std::to_string(count), wants_pin ? "yes" : "no",
                      std::to_string(number_of(link, "use_count").value_or(0)),
                      used.empty() ? "never" : used, text_of(link, "expires_at"),
                      printable(text_of(link, "label"))});
    }
  }
  print(as_table({"ID", "STATUS", "STUDIES", "PIN", "OPENED", "LAST OPENED", "EXPIRES", "LABEL"},
                 rows));
  return ExitCode::ok;
}

ExitCode revoke_share(uint64_t id, const ProgramSettings& program) {
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  const Result<JsonValue> link =
      ApiClient(*connected.connection).remove(std::string(kShares) + std::to_string(id) + "/");
  if (!link) return explain(link.error());
  print_line("Revoked link " + std::to_string(id) + "; it opens nothing any more.");
  return ExitCode::ok;
}

Command create_share_command() {
  auto options = std::make_shared<ShareOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "create";
  command.summary = "Make a link that opens studies in a browser";
  command.description =
      "Whoever has the link sees these studies until it expires, read only, and nothing else.\n"
      "STUDY is a number or a UID. With a PIN the link alone opens nothing: tell it by another\n"
      "way. Each time that it is opened is counted and written to the audit log.";
  command.examples = {
      "pacs-lite share create 12 --expires-in 7d --label 'Dr. Lee, second opinion'",
      "pacs-lite share create 12 13 --pin - < pin.txt",
  };
  command.arguments = {
      {"STUDY", "numbers or UIDs of studies", &options->studies, Argument::Need::required},
      {"--expires-in", "30m, 12h, 7d (the most); AWS_QUERYSTRING_EXPIRE unless given",
       &options->expires_in},
      {"--label", "for whom and what for, as `share list` shows it", &options->label},
      {"--pin", "4 to 64 characters; - reads a line from standard input", &options->pin},
      {"--json", "print JSON", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return make_share(*options, program); };
  return command;
}

Command list_shares_command() {
  auto as_json = std::make_shared<bool>(false);  // shared by the parser and the closure
  Command command;
  command.name = "list";
  command.summary = "List links that open studies in a browser";
  command.description = "Newest first, also those that have expired or were revoked.";
  command.examples = {"pacs-lite share list", "pacs-lite share list --json"};
  command.arguments = {{"--json", "print JSON, with the links themselves", as_json.get()}};
  command.run = [as_json](ProgramSettings& program) { return list_shares(*as_json, program); };
  return command;
}

Command revoke_share_command() {
  auto id = std::make_shared<uint64_t>(0);  // shared by the parser and the closure
  Command command;
  command.name = "revoke";
  command.summary = "End a link before its time";
  command.description =
      "It opens nothing from the answer on, also where it is open now. Again: success.";
  command.examples = {"pacs-lite share revoke 7"};
  command.arguments = {
      {"ID", "the number that `share list` shows", id.get(), Argument::Need::required}};
  command.run = [id](ProgramSettings& program) { return revoke_share(*id, program); };
  return command;
}

}  // namespace

Command share_command() {
  Command command;
  command.name = "share";
  command.summary = "Make, list and revoke links that open studies in a browser";
  command.description =
      "A link opens the studies that it was made for, in the viewer where it is installed\n"
      "(`make viewer`), until it expires or is revoked, with a PIN if you like.";
  command.examples = {
      "pacs-lite share create 12 --expires-in 7d --label 'Dr. Lee, second opinion'",
      "pacs-lite share list",
      "pacs-lite share revoke 7",
  };
  command.subcommands = {create_share_command(), list_shares_command(), revoke_share_command()};
  return command;
}

}  // namespace pacs::cli
