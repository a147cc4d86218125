// The commands, one file each: cmd_<name>.cc.
#pragma once

#include "cli/command.h"

namespace pacs::cli {

[[nodiscard]] Command serve_command();
[[nodiscard]] Command check_command();
[[nodiscard]] Command test_storage_command();
[[nodiscard]] Command import_command();
[[nodiscard]] Command list_command();
[[nodiscard]] Command show_command();
[[nodiscard]] Command url_command();
[[nodiscard]] Command share_command();
[[nodiscard]] Command remove_command();
[[nodiscard]] Command verify_command();
[[nodiscard]] Command backup_command();
[[nodiscard]] Command restore_command();
[[nodiscard]] Command migrate_command();
[[nodiscard]] Command trash_command();
[[nodiscard]] Command hold_command();
[[nodiscard]] Command token_command();
[[nodiscard]] Command receipt_command();
[[nodiscard]] Command audit_command();
[[nodiscard]] Command rebuild_command();
[[nodiscard]] Command config_command();

}  // namespace pacs::cli
