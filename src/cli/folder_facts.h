// What the operating system tells about a folder, in words for people.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace pacs::cli {

struct FolderFacts {
  std::string owner;  // "pacs:www-data"
  unsigned mode = 0;
  bool is_folder = false;
  bool is_writable = false;   // by the user who runs this process
  bool is_read_only = false;  // mounted so
  std::string filesystem;     // "ext4", or its number
  // Loses or breaks what is written to it (memory, network, a container's own layer).
  enum class Nature { disk, network, memory, container_layer, unknown } nature = Nature::unknown;
  uint64_t bytes_free = 0;  // for who is not root
  uint64_t bytes_total = 0;
  uint64_t inodes_free = 0;
  uint64_t inodes_total = 0;  // 0: the filesystem makes them as needed
};

// `not_found` where there is nothing.
[[nodiscard]] Result<FolderFacts> look_at_folder(const std::string& path);

// The user of this process: "pacs".
[[nodiscard]] std::string own_user_name();

}  // namespace pacs::cli
