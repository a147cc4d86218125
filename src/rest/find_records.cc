#include "rest/find_records.h"

#include <optional>
#include <string>
#include <utility>

#include "core/text.h"
#include "dicom/uid.h"
#include "rest/body_fields.h"

namespace pacs::rest {
namespace {

// A text of digits alone is a number first, although "12" is a UID by its grammar.
std::optional<int64_t> number_of(std::string_view id) {
  const auto number = parse_unsigned(id);
  if (!number || *number > static_cast<uint64_t>(kIntegerMax)) return std::nullopt;
  return static_cast<int64_t>(*number);
}

template <typename Record, typename Uid, typename Find>
Result<Record> get_record(std::string_view noun, std::string_view id, const Find& find) {
  std::optional<Record> record;
  if (const auto number = number_of(id)) record = PACS_TRY(find(*number));
  const auto uid = record ? std::nullopt : Uid::parse(id);
  if (uid) record = PACS_TRY(find(*uid));
  if (!record) {
    return not_found("no_such_" + std::string(noun), "there is no such " + std::string(noun));
  }
  return std::move(*record);
}

}  // namespace

Result<index::StudyRecord> get_study(const RestServices& services, const index::Scope& scope,
                                     std::string_view id) {
  const auto find = [&](const auto& key) { return services.studies.find(scope, key); };
  return get_record<index::StudyRecord, dicom::StudyUid>("study", id, find);
}

Result<index::SeriesRecord> get_series(const RestServices& services, const index::Scope& scope,
                                       std::string_view id) {
  const auto find = [&](const auto& key) { return services.images.find_series(scope, key); };
  return get_record<index::SeriesRecord, dicom::SeriesUid>("series", id, find);
}

Result<index::ImageRecord> get_image(const RestServices& services, const index::Scope& scope,
                                     std::string_view id) {
  const auto find = [&](const auto& key) { return services.images.find(scope, key); };
  return get_record<index::ImageRecord, dicom::SopInstanceUid>("image", id, find);
}

}  // namespace pacs::rest
