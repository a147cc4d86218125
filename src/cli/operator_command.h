// What the commands that work through the server have in common: connecting, and saying why not.
#pragma once

#include <memory>

#include "cli/exit_codes.h"
#include "cli/program_settings.h"
#include "cli/server_connection.h"
#include "core/error.h"

namespace pacs::cli {

struct Connected {
  std::unique_ptr<ServerConnection> connection;  // nullptr: what went wrong has been printed
  ExitCode code = ExitCode::ok;                  // to end with then
};

// What a command does where there is no archive yet: a `list` in the wrong folder must not make
// one.
enum class NoArchive { refuse, make };

// A server that this process starts itself has a quiet log, as settings_of_command() makes it.
[[nodiscard]] Connected connect(const ProgramSettings& program,
                                NoArchive without = NoArchive::refuse);

// The settings, nullptr when some are wrong: that has been printed. Quietens the log, unless a
// level was asked for.
[[nodiscard]] const Settings* settings_of_command(const ProgramSettings& program);

// Prints the error; the exit code that it means.
ExitCode explain(const Error& error);

}  // namespace pacs::cli
