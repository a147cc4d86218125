#include "index/ingest_lookup.h"

#include <string>

#include "index/sqlite_connection.h"
#include "index/upload_rows.h"

namespace pacs::index {

Result<std::optional<KnownStudy>> IngestLookup::find_study() const {
  return studies_.find(ingest_.study_uid, ingest_.uid_source == UidSource::data_set
                                              ? Aliases::ignore
                                              : Aliases::follow);
}

Result<std::optional<KnownStudy>> IngestLookup::find_provisional_study(
    const std::optional<UploadRecord>& upload) const {
  std::optional<KnownStudy> study;
  if (upload && upload->study_id) study = PACS_TRY(studies_.find(*upload->study_id));
  if ((!study || !study->is_provisional()) && ingest_.declared_study_uid) {
    study = PACS_TRY(studies_.find(*ingest_.declared_study_uid, Aliases::ignore));
  }
  if (!study || !study->is_provisional()) return std::optional<KnownStudy>();
  return study;
}

Result<std::optional<int64_t>> IngestLookup::find_series(int64_t study_id) const {
  const std::string uid = ingest_.series_uid.to_dicom();
  const auto id = PACS_TRY(connection_.find_int64(
      "SELECT id FROM series WHERE series_uid = ? AND study_id = ?", uid, study_id));
  if (id || ingest_.uid_source == UidSource::data_set) return id;
  return connection_.find_int64(
      "SELECT e.id FROM series_aliases a JOIN series e ON e.id = a.series_id"
      " WHERE a.alias_uid = ? AND e.study_id = ? ORDER BY e.id",
      uid, study_id);
}

Result<std::optional<UploadRecord>> IngestLookup::find_upload() const {
  if (!ingest_.upload) return std::optional<UploadRecord>();
  return UploadRows(connection_).find(*ingest_.upload);
}

}  // namespace pacs::index
