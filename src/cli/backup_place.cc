#include "cli/backup_place.h"

namespace pacs::cli {
namespace {

constexpr std::string_view kIndexPrefix = "index-";

}  // namespace

std::string backup_index_name(UnixMillis taken_at) {
  std::string time = to_rfc3339(taken_at);
  std::erase_if(time, [](char c) { return c == '-' || c == ':' || c == '.'; });
  return std::string(kIndexPrefix) + time + ".db";
}

bool is_backup_index(std::string_view name) { return name.starts_with(kIndexPrefix); }

}  // namespace pacs::cli
