#include "cli/command_line.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/setting_catalogue.h"

namespace pacs::cli {
namespace {

void check(const Command& command, const std::string& parent) {  // NOLINT(misc-no-recursion)
  const std::string whole = parent + command.name;
  EXPECT_FALSE(command.summary.empty()) << whole;
  EXPECT_NE(static_cast<bool>(command.run), !command.subcommands.empty()) << whole;
  EXPECT_FALSE(command.description.empty()) << whole;
  EXPECT_FALSE(command.examples.empty()) << whole << " teaches nothing";
  for (const std::string& example : command.examples) {
    EXPECT_NE(example.find("pacs-lite " + whole), std::string::npos) << example;
  }
  for (const Command& subcommand : command.subcommands) check(subcommand, whole + " ");
}

TEST(CommandLine, EveryCommandExplainsItselfWithExamples) {
  for (const Command& command : all_commands()) check(command, "");
}

TEST(CommandLine, NoFlagOfASettingMeansTwoThings) {
  std::set<std::string> flags = {"--config", "--help", "--help-all", "--version"};
  for (const SettingDefinition& setting : setting_catalogue()) {
    if (const auto flag = flag_of(setting)) {
      EXPECT_TRUE(flags.insert(*flag).second) << *flag;
    }
  }
  for (const Command& command : all_commands()) {
    for (const Argument& argument : command.arguments) {
      EXPECT_FALSE(flags.contains(argument.name)) << command.name << " " << argument.name;
    }
  }
}

ExitCode run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "pacs-lite");
  return run_command_line(static_cast<int>(arguments.size()), arguments.data());
}

void check_help(const Command& command,
                std::vector<std::string> words) {  // NOLINT(misc-no-recursion)
  words.push_back(command.name);
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  arguments.push_back("--help");
  testing::internal::CaptureStdout();
  EXPECT_EQ(run(arguments), ExitCode::ok);
  const std::string help = testing::internal::GetCapturedStdout();
  EXPECT_NE(help.find(command.description.substr(0, 40)), std::string::npos) << help;
  EXPECT_NE(help.find("Exit code"), std::string::npos) << help;
  EXPECT_NE(help.find(command.examples.front()), std::string::npos) << help;
  for (const Command& subcommand : command.subcommands) check_help(subcommand, words);
}

TEST(CommandLine, EveryHelpSaysWhatItDoesShowsHowAndTellsTheExitCodes) {
  for (const Command& command : all_commands()) check_help(command, {});
}

TEST(CommandLine, SlipsOfTheKeysAreExplained) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(run({"cofig"}), ExitCode::usage);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("did you mean config?"), std::string::npos);
  testing::internal::CaptureStderr();
  EXPECT_EQ(run({"list", "--serch", "doe"}), ExitCode::usage);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("did you mean --search?"),
            std::string::npos);
  testing::internal::CaptureStderr();
  EXPECT_EQ(run({"list", "--media-rot", "/x"}), ExitCode::usage);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("did you mean --media-root?"),
            std::string::npos);
  testing::internal::CaptureStderr();
  EXPECT_EQ(run({}), ExitCode::usage);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("See: pacs-lite --help"),
            std::string::npos);
}

TEST(CommandLine, HelpAndVersionAreNoErrors) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(run({"--version"}), ExitCode::ok);
  EXPECT_TRUE(testing::internal::GetCapturedStdout().starts_with("pacs-lite "));
  testing::internal::CaptureStdout();
  EXPECT_EQ(run({"import", "--help"}), ExitCode::ok);
  const std::string help = testing::internal::GetCapturedStdout();
  EXPECT_NE(help.find("Examples:"), std::string::npos);
  EXPECT_NE(help.find("--in-place"), std::string::npos);
  EXPECT_EQ(help.find("--aws-s3-endpoint-url"), std::string::npos) << "settings bury the command";
  testing::internal::CaptureStdout();
  EXPECT_EQ(run({"--help-all"}), ExitCode::ok);
  EXPECT_NE(testing::internal::GetCapturedStdout().find("--aws-s3-endpoint-url"),
            std::string::npos);
}

}  // namespace
}  // namespace pacs::cli
