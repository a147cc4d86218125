// From the arguments of main() to the command that they name.
#pragma once

#include <vector>

#include "cli/command.h"

namespace pacs::cli {

// All commands, in the order in which --help lists them.
[[nodiscard]] std::vector<Command> all_commands();

// Parses, prints help and usage errors, runs the one command. Every setting of the catalogue that
// is no secret is a flag of every command.
[[nodiscard]] ExitCode run_command_line(int argument_count, const char* const* arguments);

}  // namespace pacs::cli
