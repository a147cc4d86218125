#include "index/index_copy.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>

#include "core/file.h"
#include "core/log.h"
#include "core/text.h"
#include "index/migrations.h"
#include "index/sqlite_connection.h"

namespace pacs::index {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSchemaMark = ".schema-";

// "20261123T021500Z": a name that sorts by time and that every filesystem takes.
std::string compact_time(UnixMillis time) {
  std::string text = to_rfc3339(time).substr(0, std::string_view("2026-11-23T02:15:00").size());
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + "Z";
}

struct UpgradeCopy {
  fs::path path;
  uint64_t schema = 0;
};

// The schema in a name "index.schema-4.….db"; nothing for every other file.
std::optional<uint64_t> schema_of(const std::string& filename, const fs::path& index) {
  const std::string prefix = index.stem().string() + std::string(kSchemaMark);
  if (!filename.starts_with(prefix) || !filename.ends_with(index.extension().string())) {
    return std::nullopt;
  }
  const std::string_view rest = std::string_view(filename).substr(prefix.size());
  return parse_unsigned(rest.substr(0, rest.find('.')));
}

// The one with the highest schema first.
std::vector<UpgradeCopy> upgrade_copies(const fs::path& index) {
  std::vector<UpgradeCopy> copies;
  std::error_code error;
  for (fs::directory_iterator entry(index.parent_path(), error), end; !error && entry != end;
       entry.increment(error)) {
    const auto schema = schema_of(entry->path().filename().string(), index);
    if (schema) copies.push_back({entry->path(), *schema});
  }
  std::sort(copies.begin(), copies.end(), [](const UpgradeCopy& left, const UpgradeCopy& right) {
    return left.schema > right.schema;
  });
  return copies;
}

void remove_outlived(const fs::path& index, const fs::path& kept, uint64_t schema) {
  size_t schemas = 1;
  for (const UpgradeCopy& copy : upgrade_copies(index)) {
    if (copy.path == kept) continue;
    const bool is_replaced = copy.schema == schema;
    if (!is_replaced && schemas < kUpgradeCopiesMax) {
      ++schemas;
      continue;
    }
    std::error_code removed;
    fs::remove(copy.path, removed);
    if (removed) {
      log_warning("index_copy_left",
                  {{"name", copy.path.filename().string()}, {"error", removed.message()}});
    }
  }
}

Result<void> vacuum_into(Connection& from, const fs::path& partial) {
  {
    // Made by us, so that it is nobody else's to read.
    const UniqueFd made = PACS_TRY(
        open_file(partial.string(), O_RDWR | O_CREAT | O_EXCL, 0600, "the copy of the index"));
  }
  PACS_TRY(from.run("VACUUM INTO ?", partial.string()));
  const UniqueFd file = PACS_TRY(open_file(partial.string(), O_RDWR, 0, "the copy of the index"));
  return sync_to_disk(file.get(), "the copy of the index");
}

}  // namespace

// The copy is whole and on stable storage before it gets its name.
Result<void> copy_index(Connection& from, const fs::path& to) {
  const fs::path partial = to.string() + ".partial";
  std::error_code ignored;
  fs::remove(partial, ignored);
  Result<void> copied = vacuum_into(from, partial);
  std::error_code renamed;
  if (copied) fs::rename(partial, to, renamed);
  if (copied && renamed) copied = system_error(renamed.value(), "naming the copy of the index");
  if (!copied) {
    fs::remove(partial, ignored);
    return copied;
  }
  const UniqueFd folder = PACS_TRY(
      open_file(to.parent_path().string(), O_RDONLY | O_DIRECTORY, 0, "the folder of the copy"));
  return sync_to_disk(folder.get(), "the folder of the copy");
}

Result<void> check_is_there(const fs::path& index) {
  std::error_code error;
  if (fs::exists(index, error)) return {};
  if (!error) {
    return not_found("no_index", "there is no index in " + index.parent_path().string() +
                                     "; is PACS_LITE_DATA the folder of the archive?");
  }
  Error failure = system_error(error.value(), "looking at the index");
  if (failure.code == ErrorCode::permission_denied) {
    failure.detail += "; run this as the user of the server";
  }
  return failure;
}

Result<void> copy_index(const fs::path& from, const fs::path& to) {
  PACS_TRY(check_is_there(from));
  // Not read-only, which would forbid the copy too; nothing is written to the index all the same.
  const auto connection = PACS_TRY(
      Connection::open(from, ConnectionOptions{.access = ConnectionOptions::Access::read_write}));
  PACS_TRY(check_owner(*connection));
  return copy_index(*connection, to);
}

Result<void> copy_before_upgrade(Connection& connection, const fs::path& path, int64_t schema,
                                 UnixMillis now) {
  const fs::path copy = path.parent_path() /
                        (path.stem().string() + std::string(kSchemaMark) + std::to_string(schema) +
                         "." + compact_time(now) + path.extension().string());
  if (Result<void> copied = copy_index(connection, copy); !copied) {
    Error error = std::move(copied).error();
    error.detail =
        "the index of schema " + std::to_string(schema) +
        " was not upgraded, since no copy of it could be made beside it: " + error.detail +
        ". Make room in the data folder for a second index, then start again; the "
        "program that was here before still works with the index as it is";
    error.reason = "upgrade_copy_failed";
    return error;
  }
  remove_outlived(path, copy, static_cast<uint64_t>(schema));
  return {};
}

}  // namespace pacs::index
