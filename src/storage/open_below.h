// Opening and making files below a folder: never through a symbolic link, never out of the folder.
// With openat2(2) where the kernel has it, else component by component, which refuses the same.
#pragma once

#include <string>
#include <string_view>

#include <sys/stat.h>

#include "core/file.h"
#include "core/result.h"

namespace pacs::storage {

// Which folder or file it is, whatever it is called. Valid as long as somebody holds it open.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  friend auto operator<=>(const FileIdentity&, const FileIdentity&) = default;
};

// `path` is relative and has no "." or ".." part. Any thread. `not_found` (reason "no_such_file")
// when there is nothing, or a symbolic link or another thing that is in the way.
[[nodiscard]] Result<UniqueFd> open_below(int folder, const std::string& path, int flags);
[[nodiscard]] Result<UniqueFd> open_folder_below(int folder, const std::string& path);

// Whether the two ways above agree is a matter for a test.
enum class OpenWay { best, component_by_component };
[[nodiscard]] Result<UniqueFd> open_below(int folder, const std::string& path, int flags,
                                          OpenWay way);

[[nodiscard]] Result<struct ::stat> stat_open(int descriptor);
[[nodiscard]] FileIdentity identity_of(const struct ::stat& status);

// "inode-size-ctime" in hexadecimal: what BlobInfo::identity is on a filesystem.
[[nodiscard]] std::string identity_text(const struct ::stat& status);

// Gives the open and still unnamed (or staged) file the name `name` in `folder`, without
// overwriting. `already_exists`, `not_found` when the folder has been removed meanwhile.
[[nodiscard]] Result<void> link_open_file(int descriptor, int folder, const std::string& name);

// 32 random hexadecimal digits, for names that nobody else takes.
[[nodiscard]] std::string random_name();
[[nodiscard]] bool is_random_name(std::string_view name);

}  // namespace pacs::storage
