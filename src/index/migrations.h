// The numbered steps that bring a database from one schema to the next. They only go forward, each
// is one transaction, and one that was released never changes.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"

namespace pacs::index {

class Connection;

struct Migration {
  int version;  // 1, 2, 3, …: the schema's number when it is done
  std::string_view purpose;
  Result<void> (*apply)(Connection& connection);
};

// All that this program knows, in order.
[[nodiscard]] std::span<const Migration> all_migrations();

// "PACS": tells our databases from anybody else's (PRAGMA application_id).
inline constexpr int64_t kApplicationId = 0x50414353;

// corrupt/not_an_index unless the database is ours or still empty. Changes nothing.
[[nodiscard]] Result<void> check_owner(Connection& connection);

// Brings the database at `path` up to the last of `migrations`, after a copy of it beside it when
// there is something in it (index_copy.h). Without that copy nothing is changed. On failure the
// database is at the version that it had reached.
//   unsupported/schema_newer, corrupt/not_an_index, …/upgrade_copy_failed, those of the database.
[[nodiscard]] Result<void> migrate(Connection& connection, const std::filesystem::path& path,
                                   std::span<const Migration> migrations, UnixMillis now);

}  // namespace pacs::index
