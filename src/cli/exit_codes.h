// What the process tells its caller, the same for every command; scripts depend on it.
#pragma once

namespace pacs::cli {

enum class ExitCode {
  ok = 0,
  failed = 1,       // the work was not done, or not all of it; or a check found an error
  usage = 2,        // the command line or a setting is wrong: nothing was tried
  unreachable = 3,  // no server could be reached and none could be started here
};

}  // namespace pacs::cli
