#include "cli/operator_command.h"

#include <algorithm>
#include <utility>

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

Connected connect(const ProgramSettings& program) {
  const Settings* settings = program.checked();
  if (settings == nullptr) return {nullptr, ExitCode::usage};
  configure_log(asks_for_log_level(*settings) ? settings->log_level : LogLevel::warning,
                settings->log_format);
  Result<std::unique_ptr<ServerConnection>> connection = ServerConnection::open(program);
  if (connection) return {std::move(*connection), ExitCode::ok};
  const ExitCode code = explain(connection.error());
  return {nullptr, code == ExitCode::usage ? code : ExitCode::unreachable};
}

}  // namespace pacs::cli
