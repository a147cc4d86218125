// A consistent copy of an index in a file of its own, made while others read and write it.
#pragma once

#include <filesystem>
#include <string>

#include "core/clock.h"
#include "core/result.h"

namespace pacs::index {

class Connection;

// `not_found` (reason "no_index"), `permission_denied`.
[[nodiscard]] Result<void> check_is_there(const std::filesystem::path& index);

// Success: `to` is the index as it was at one moment, whole and on stable storage, mode 0600, in
// place of what had the name before. Failure: `to` is as it was. `resource_exhausted` (reason
// "database_full") when it does not fit. Whoever writes to the index is not held up.
[[nodiscard]] Result<void> copy_index(Connection& from, const std::filesystem::path& to);
// The same of an index that another process may own. Errors of check_is_there() too, and
// `corrupt/not_an_index`.
[[nodiscard]] Result<void> copy_index(const std::filesystem::path& from,
                                      const std::filesystem::path& to);

// Copies beside the index, made before its schema is changed: for "index.db" of schema 4,
// "index.schema-4.20261123T021500Z.db". One for each schema, those of the last kUpgradeCopiesMax
// schemas; older ones are removed.
inline constexpr size_t kUpgradeCopiesMax = 3;
// Failure: the older copies are still there. The reason is "upgrade_copy_failed", the code that of
// the cause; the detail says what to do.
[[nodiscard]] Result<void> copy_before_upgrade(Connection& connection,
                                               const std::filesystem::path& path, int64_t schema,
                                               UnixMillis now);

}  // namespace pacs::index
