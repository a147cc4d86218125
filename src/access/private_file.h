// Files that hold secrets: read only when nobody else can.
#pragma once

#include <string>

#include "core/result.h"

namespace pacs::access {

enum class PrivateTo {
  owner,            // no bit for group and others
  owner_and_group,  // no bit for others
};

// The whole of the file. permission_denied/secret_exposed when its mode opens it further; errors of
// core/file.h's read_file(). The detail never names the path.
[[nodiscard]] Result<std::string> read_private_file(const std::string& path, PrivateTo private_to,
                                                    uint64_t size_bytes_max);

}  // namespace pacs::access
