#include "cli/operator_command.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <unistd.h>

#include "cli/console.h"
#include "core/log.h"

namespace pacs::cli {
namespace {

bool asks_for_log_level(const Settings& settings) {
  return std::any_of(
      settings.in_force.begin(), settings.in_force.end(), [](const SettingInForce& entry) {
        return entry.name == "PACS_LITE_LOG_LEVEL" && entry.origin != SettingOrigin::built_in;
      });
}

}  // namespace

ExitCode explain(const Error& error) {
  print_error("error: " + printable(error.detail));
  return error.code == ErrorCode::invalid_argument ? ExitCode::usage : ExitCode::failed;
}

const Settings* settings_of_command(const ProgramSettings& program) {
  const Settings* settings = program.checked();
  if (settings == nullptr) return nullptr;
  configure_log(asks_for_log_level(*settings) ? settings->log_level : LogLevel::warning,
                settings->log_format);
  return settings;
}

Connected connect(const ProgramSettings& program, NoArchive without) {
  const Settings* settings = settings_of_command(program);
  if (settings == nullptr) return {nullptr, ExitCode::usage};
  const DataPaths paths(settings->data_folder);
  const bool is_missing = ::access(paths.index.c_str(), F_OK) != 0 && errno == ENOENT;
  if (is_missing && without == NoArchive::refuse) {
    print_error("error: there is no archive in " + paths.folder +
                "; set PACS_LITE_DATA (--data) to that of yours, or start one: pacs-lite serve");
    return {nullptr, ExitCode::unreachable};
  }
  Result<std::unique_ptr<ServerConnection>> connection = ServerConnection::open(program);
  if (connection) return {std::move(*connection), ExitCode::ok};
  const ExitCode code = explain(connection.error());
  return {nullptr, code == ExitCode::usage ? code : ExitCode::unreachable};
}

}  // namespace pacs::cli
