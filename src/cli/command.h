// A command of the program as data: what it is called, what it teaches with --help, what it takes.
// command_line.cc turns these into the parser; nothing else knows the parser's library.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "cli/exit_codes.h"

namespace pacs::cli {

class ProgramSettings;

// One option ("--json", "-n,--limit") or positional ("PATH"). Its value goes where `target` points,
// which lives as long as the command does.
struct Argument {
  enum class Need { optional, required };

  std::string name;
  std::string meaning;
  std::variant<bool*, std::string*, uint64_t*, std::vector<std::string>*> target;
  Need need = Need::optional;
};

struct Command {
  std::string name;
  std::string summary;                // one line, for the list of commands
  std::string description;            // what it does and what its exit code means
  std::vector<std::string> examples;  // whole command lines, each with a comment behind "  # "
  std::vector<Argument> arguments;
  std::function<ExitCode(ProgramSettings&)> run;  // absent where there are subcommands
  std::vector<Command> subcommands;
};

}  // namespace pacs::cli
