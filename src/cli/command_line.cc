#include "cli/command_line.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/program_settings.h"
#include "cli/version.h"
#include "core/setting_catalogue.h"
#include "core/text.h"

namespace pacs::cli {
namespace {

constexpr size_t kHelpColumn = 34;
constexpr const char* kSettingsGroup = "Settings (also in the environment and in pacs-lite.toml)";

constexpr const char* kDescription =
    "pacs-lite: a lightweight, durable archive for medical images.\n\n"
    "Settings come from flags, then the environment, then pacs-lite.toml, then defaults;\n"
    "`pacs-lite config` shows each with where it came from.";

// exit_codes.h in words.
constexpr const char* kExitCodes =
    "Exit codes: 0 done; 1 failed, or a check found an error; 2 the command line or a setting is\n"
    "wrong; 3 no server could be reached, and none could be started here.";

constexpr const char* kFooter =
    "Try:\n"
    "  pacs-lite serve                  # start on 127.0.0.1:8042, store below ./data\n"
    "  pacs-lite check                  # is this machine set up well? every finding has a remedy\n"
    "  pacs-lite import /mnt/cd         # take over a folder, a ZIP file or a medium\n"
    "  pacs-lite COMMAND --help         # what a command takes, with examples\n"
    "  pacs-lite --help-all             # every command and every setting";

// Below the options, so that the list of commands shows their summaries alone. A command that means
// something of its own by its exit codes says so in its description.
std::string footer_of(const Command& command) {
  std::string text = command.description;
  if (text.find("Exit code") == std::string::npos) text += std::string("\n\n") + kExitCodes;
  text += "\n\nExamples:";
  for (const std::string& example : command.examples) text += "\n  " + example;
  return text;
}

void add_argument(CLI::App& app, const Argument& argument) {
  CLI::Option* option = std::visit(
      [&](auto* target) -> CLI::Option* {
        if constexpr (std::is_same_v<decltype(target), bool*>) {
          return app.add_flag(argument.name, *target, argument.meaning);
        } else {
          return app.add_option(argument.name, *target, argument.meaning);
        }
      },
      argument.target);
  option->required(argument.need == Argument::Need::required);
}

// A parsed command that names what to run. Subcommands are tried first, so the last one wins.
void add_command(CLI::App& parent, const Command& command,  // NOLINT(misc-no-recursion)
                 const Command*& chosen) {
  CLI::App* app = parent.add_subcommand(command.name, command.summary);
  app->footer(footer_of(command));
  app->fallthrough();
  for (const Argument& argument : command.arguments) add_argument(*app, argument);
  for (const Command& subcommand : command.subcommands) add_command(*app, subcommand, chosen);
  if (!command.subcommands.empty()) app->require_subcommand(1);
  if (command.run) app->final_callback([&command, &chosen] { chosen = &command; });
}

void add_settings(CLI::App& app, SettingFlags& flags) {
  app.add_option("--config", flags.config_path,
                 "settings file; else $PACS_LITE_CONFIG, ./pacs-lite.toml, "
                 "/etc/pacs-lite/pacs-lite.toml")
      ->option_text("FILE");
  for (const SettingDefinition& setting : setting_catalogue()) {
    const std::optional<std::string> flag = flag_of(setting);
    if (!flag) continue;
    const std::string name(setting.name);
    app.add_option_function<std::string>(
           *flag, [&flags, name](const std::string& text) { flags.texts[name] = text; },
           std::string(setting.meaning))
        ->option_text(name)
        ->group(kSettingsGroup);
  }
}

// The settings would bury the commands, so they appear with --help-all alone.
class ShortFormatter : public CLI::Formatter {
 public:
  std::string make_group(std::string group, bool is_positional,
                         std::vector<const CLI::Option*> options) const override {
    if (group == kSettingsGroup && !shows_settings_) return {};
    return CLI::Formatter::make_group(std::move(group), is_positional, std::move(options));
  }
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override {
    shows_settings_ = mode == CLI::AppFormatMode::All;
    return CLI::Formatter::make_help(app, std::move(name), mode);
  }

 private:
  mutable bool shows_settings_ = false;
};

const CLI::App& deepest_parsed(const CLI::App& app) {  // NOLINT(misc-no-recursion)
  const std::vector<CLI::App*> parsed = app.get_subcommands();
  return parsed.empty() ? app : deepest_parsed(*parsed.back());
}

// What could have been meant by a word that is neither a command nor an option there.
std::optional<std::string> meant_by(const CLI::App& app, const std::string& word) {
  std::vector<std::string> known;
  for (const CLI::App* at = &deepest_parsed(app); at != nullptr; at = at->get_parent()) {
    for (const CLI::App* command : at->get_subcommands([](const CLI::App*) { return true; })) {
      known.push_back(command->get_name());
    }
    for (const CLI::Option* option : at->get_options()) known.push_back(option->get_name());
  }
  return nearest(word, known);
}

// Exits of help and version come this way too; the library prints those.
ExitCode explain_usage(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {
    app.exit(error);
    return ExitCode::ok;
  }
  const std::vector<std::string> unknown = app.remaining(true);
  std::string line = "error: ";
  if (unknown.empty()) {
    line += error.what();
  } else {
    line += "'" + printable(unknown.front()) + "' is not known here";
    if (const auto meant = meant_by(app, unknown.front())) line += "; did you mean " + *meant + "?";
  }
  print_error(line);
  std::string command;
  for (const CLI::App* at = &deepest_parsed(app); at != nullptr; at = at->get_parent()) {
    command.insert(0, at->get_name() + " ");
  }
  print_error("See: " + command + "--help");
  return ExitCode::usage;
}

}  // namespace

std::vector<Command> all_commands() {
  std::vector<Command> commands;
  commands.push_back(serve_command());
  commands.push_back(check_command());
  commands.push_back(test_storage_command());
  commands.push_back(import_command());
  commands.push_back(list_command());
  commands.push_back(show_command());
  commands.push_back(url_command());
  commands.push_back(share_command());
  commands.push_back(remove_command());
  commands.push_back(verify_command());
  commands.push_back(backup_command());
  commands.push_back(restore_command());
  commands.push_back(migrate_command());
  commands.push_back(trash_command());
  commands.push_back(hold_command());
  commands.push_back(token_command());
  commands.push_back(receipt_command());
  commands.push_back(audit_command());
  commands.push_back(rebuild_command());
  commands.push_back(config_command());
  return commands;
}

ExitCode run_command_line(int argument_count, const char* const* arguments) {
  const std::vector<Command> commands = all_commands();
  SettingFlags flags;
  const Command* chosen = nullptr;

  CLI::App app(kDescription, "pacs-lite");
  auto formatter = std::make_shared<ShortFormatter>();  // the library wants to share it
  formatter->column_width(kHelpColumn);
  app.formatter(formatter);
  app.footer(std::string(kFooter) + "\n\n" + kExitCodes);
  app.set_help_all_flag("--help-all", "Print every command and every setting");
  app.set_version_flag("--version", std::string("pacs-lite ") + kVersion);
  app.require_subcommand(1);
  add_settings(app, flags);
  for (const Command& command : commands) add_command(app, command, chosen);

  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::ParseError& error) {
    return explain_usage(app, error);
  }
  ProgramSettings settings(flags);
  const ExitCode code = chosen->run(settings);
  // A token that went to a full disk is shown never again.
  const bool is_lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (is_lost && errno != EPIPE) {
    print_error("error: the output could not be written");
    return code == ExitCode::ok ? ExitCode::failed : code;
  }
  return code;
}

}  // namespace pacs::cli
