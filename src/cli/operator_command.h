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

// Also quietens the log of a server that this process starts itself, unless a level was asked for.
[[nodiscard]] Connected connect(const ProgramSettings& program);

// Prints the error; the exit code that it means.
ExitCode explain(const Error& error);

}  // namespace pacs::cli
