// `pacs-lite token create|list|revoke`: bearer tokens for programs and people.
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

constexpr std::string_view kTokens = "/api/v1/archive/tokens/";

struct CreateOptions {
  std::string name;
  std::vector<std::string> roles;
  std::string expires_in;
  bool json = false;
};

ExitCode create(const CreateOptions& options, const ProgramSettings& program) {
  JsonWriter order;
  order.begin_object();
  order.member("name", options.name);
  order.key("roles");
  order.begin_array();
  for (const std::string& role : options.roles) order.string(role);
  order.end_array();
  if (!options.expires_in.empty()) {
    const auto life = parse_duration(options.expires_in);
    if (!life) return explain(bad_duration("--expires-in", options.expires_in));
    order.member("expires_in", int64_t{life->count()});
  }
  order.end_object();
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  const Result<JsonValue> token = ApiClient(*connected.connection).post(kTokens, order.take());
  if (!token) return explain(token.error());
  if (options.json) {
    print_line(token->to_json());
    return ExitCode::ok;
  }
  print_error("Token " + std::to_string(number_of(*token, "id").value_or(0)) +
              ", shown this once and kept nowhere:");
  print_line(text_of(*token, "token"));
  return ExitCode::ok;
}

std::string roles_text(const JsonValue& token) {
  std::string text;
  const JsonValue* roles = token.find("roles");
  if (roles == nullptr || roles->as_array() == nullptr) return text;
  for (const JsonValue& role : *roles->as_array()) {
    if (role.as_string() == nullptr) continue;
    if (!text.empty()) text += ",";
    text += *role.as_string();
  }
  return text;
}

std::string time_or(const JsonValue& token, std::string_view name, const char* otherwise) {
  const std::string text = text_of(token, name);
  return text.empty() ? otherwise : text;
}

ExitCode list(bool as_json, const ProgramSettings& program) {
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  const Result<JsonValue> tokens = ApiClient(*connected.connection).get(kTokens);
  if (!tokens) return explain(tokens.error());
  if (as_json) {
    print_line(tokens->to_json());
    return ExitCode::ok;
  }
  std::vector<std::vector<std::string>> rows;
  if (const JsonValue::Array* all = tokens->as_array()) {
    for (const JsonValue& token : *all) {
      const auto study = number_of(token, "study");
      rows.push_back({std::to_string(number_of(token, "id").value_or(0)), text_of(token, "kind"),
                      printable(text_of(token, "name")), roles_text(token),
                      study ? std::to_string(*study) : "-", text_of(token, "status"),
                      time_or(token, "expires_at", "never"),
                      time_or(token, "last_used_at", "never")});
    }
  }
  print(as_table({"ID", "KIND", "NAME", "ROLES", "STUDY", "STATUS", "EXPIRES", "LAST USED"}, rows));
  return ExitCode::ok;
}

ExitCode revoke(uint64_t id, const ProgramSettings& program) {
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  const Result<JsonValue> token =
      ApiClient(*connected.connection).remove(std::string(kTokens) + std::to_string(id) + "/");
  if (!token) return explain(token.error());
  print_line("Revoked token " + std::to_string(id) + " (" + printable(text_of(*token, "name")) +
             "); it opens nothing any more.");
  return ExitCode::ok;
}

Command create_command() {
  auto options = std::make_shared<CreateOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "create";
  command.summary = "Make a token; its secret is printed this once";
  command.description =
      "Roles: reader (search, view, links), uploader (upload, state of own uploads), admin\n"
      "(everything), metrics (/metrics alone). The secret goes to standard output alone.";
  command.examples = {
      "pacs-lite token create --name \"ward 3 tablet\" --role uploader --expires-in 90d",
      "pacs-lite token create --name viewer --role reader > /run/secrets/viewer-token",
  };
  command.arguments = {
      {"--name", "whose it is and what for", &options->name, Argument::Need::required},
      {"--role", "reader, uploader, admin or metrics; may be given several times", &options->roles,
       Argument::Need::required},
      {"--expires-in", "12h, 90d …; without it the token lives until it is revoked",
       &options->expires_in},
      {"--json", "print JSON", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return create(*options, program); };
  return command;
}

Command list_tokens_command() {
  auto as_json = std::make_shared<bool>(false);  // shared by the parser and the closure
  Command command;
  command.name = "list";
  command.summary = "List tokens and share links";
  command.description =
      "Also expired and revoked ones. STUDY is the number of the one study that a share link "
      "opens.\n"
      "No secret is shown: nobody has them.";
  command.examples = {"pacs-lite token list", "pacs-lite token list --json"};
  command.arguments = {{"--json", "print JSON", as_json.get()}};
  command.run = [as_json](ProgramSettings& program) { return list(*as_json, program); };
  return command;
}

Command revoke_command() {
  auto id = std::make_shared<uint64_t>(0);  // shared by the parser and the closure
  Command command;
  command.name = "revoke";
  command.summary = "Revoke a token or share link";
  command.description = "It opens nothing from the answer on. Again: success.";
  command.examples = {"pacs-lite token revoke 7"};
  command.arguments = {
      {"ID", "the number that `token list` shows", id.get(), Argument::Need::required}};
  command.run = [id](ProgramSettings& program) { return revoke(*id, program); };
  return command;
}

}  // namespace

Command token_command() {
  Command command;
  command.name = "token";
  command.summary = "Make, list and revoke bearer tokens";
  command.description =
      "Programs and people send one as `Authorization: Bearer TOKEN`; its roles say what it may "
      "do.\n"
      "Links to a study that somebody has shared (`pacs-lite url study`) are listed and revoked "
      "here\n"
      "too. The first start of the server makes an administrator's.";
  command.examples = {
      "pacs-lite token create --name \"ward 3 tablet\" --role uploader --expires-in 90d",
      "pacs-lite token list",
      "pacs-lite token revoke 7",
  };
  command.subcommands = {create_command(), list_tokens_command(), revoke_command()};
  return command;
}

}  // namespace pacs::cli
