// What the parts of Trash ask alike: which rows a removal means, and how they are read and audited.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "index/audit_line.h"
#include "index/removal.h"
#include "index/sqlite_statement.h"

namespace pacs::index {

class Connection;
class WriteTransaction;

// Columns of the alias i, in the order of RemovedImage: over images, over trashed_images.
inline constexpr std::string_view kRemovedFromImages =
    "i.id, i.study_id, coalesce(i.spelt_uid, i.image_uid), i.key, i.store, i.owner, i.sha256,"
    " i.size_bytes, 0";
inline constexpr std::string_view kRemovedFromTrash =
    "i.id, i.study_id, coalesce(i.spelt_uid, i.image_uid), i.key, i.store, i.owner, i.sha256,"
    " i.size_bytes, i.removed_at";
[[nodiscard]] Result<std::vector<RemovedImage>> read_removed(Statement& rows);
[[nodiscard]] Result<std::vector<RemovedImage>> removed_by_ids(Connection& connection,
                                                               std::string_view columns,
                                                               std::string_view table,
                                                               const std::vector<int64_t>& ids);

// The images of a removal in `table`, which is "images" or "trashed_images", in order; `more` is
// another condition on them, or empty.
[[nodiscard]] Result<std::vector<int64_t>> ids_of(Connection& connection, const Removal& removal,
                                                  std::string_view table, std::string_view more);
[[nodiscard]] std::vector<int64_t> ids_of(const std::vector<RemovedImage>& images);

// Of a study in the trash or not; empty when there is none.
[[nodiscard]] Result<std::string> study_uid_of(Connection& connection, int64_t study_id);
[[nodiscard]] Result<std::map<int64_t, std::string>> study_uids_of(
    Connection& connection, const std::vector<RemovedImage>& images);

// A line for each image; for none at all one that says what was asked.
[[nodiscard]] Result<void> audit_each(WriteTransaction& transaction,
                                      const std::vector<RemovedImage>& images,
                                      const std::map<int64_t, std::string>& study_uids,
                                      const AuditLine& line);

}  // namespace pacs::index
