#include "index/study_rows.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "core/assert.h"
#include "core/text.h"
#include "index/rows.h"
#include "index/search_text.h"
#include "index/sql_query.h"
#include "index/sqlite_connection.h"
#include "index/study_holds.h"
#include "index/study_names.h"

namespace pacs::index {
namespace {

// Of a study, without what is counted from its images.
constexpr std::string_view kKeptColumns =
    "id, study_uid, spelt_uid, order_kind, order_value, patient_id, patient_name,"
    " patient_birth_date, patient_sex, study_date, study_time, description, accession_number,"
    " referring_physician, described_by, name_key, created_at, updated_at";

Result<std::optional<KnownStudy>> find_where(Connection& connection, SqlQuery& condition) {
  Statement row = PACS_TRY(condition.prepare(connection));
  if (!PACS_TRY(row.step())) return std::optional<KnownStudy>();
  const auto described_by = static_cast<DescribedBy>(row.int64());
  auto study = PACS_TRY(read_study(row));
  return std::optional<KnownStudy>({std::move(study), described_by});
}

SqlQuery select_study() {
  return SqlQuery(std::string("SELECT s.described_by, ") + std::string(kStudyColumns) +
                  " FROM studies s WHERE ");
}

Error patient_mismatch() {
  return conflict("patient_mismatch",
                  "The study or its order belongs to a patient with another patient id; check the "
                  "patient id and the study or order that the image was sent under.");
}

std::set<std::string> modalities_of(std::string_view joined) {
  std::set<std::string> modalities;
  for (const std::string_view modality : split(joined, '\\')) {
    if (!modality.empty()) modalities.emplace(modality);
  }
  return modalities;
}

// The texts of `incoming` where they are to count.
bool take_over(StudyAttributes& attributes, const StudyAttributes& incoming, bool is_better) {
  bool has_changed = false;
  for (auto text :
       {&StudyAttributes::patient_id, &StudyAttributes::patient_name,
        &StudyAttributes::patient_birth_date, &StudyAttributes::patient_sex,
        &StudyAttributes::study_date, &StudyAttributes::study_time, &StudyAttributes::description,
        &StudyAttributes::accession_number, &StudyAttributes::referring_physician}) {
    const std::string& value = incoming.*text;
    if (value.empty() || value == attributes.*text) continue;
    if (!is_better && !(attributes.*text).empty()) continue;
    attributes.*text = value;
    has_changed = true;
  }
  return has_changed;
}

}  // namespace

Result<std::optional<KnownStudy>> StudyRows::find(int64_t id) const {
  SqlQuery query = select_study();
  return find_where(connection_, query.add("s.id = ?", id));
}

Result<std::optional<KnownStudy>> StudyRows::find(const dicom::StudyUid& uid,
                                                  Aliases aliases) const {
  SqlQuery query = select_study();
  auto found = PACS_TRY(find_where(connection_, query.add("s.study_uid = ?", uid.to_dicom())));
  if (found || aliases == Aliases::ignore) return found;
  SqlQuery by_alias = select_study();
  return find_where(connection_,
                    by_alias.add("s.id = (SELECT study_id FROM study_aliases WHERE alias_uid = ?)",
                                 uid.to_dicom()));
}

Result<std::optional<KnownStudy>> StudyRows::first_of_order(const OrderReference& order) const {
  SqlQuery query = select_study();
  return find_where(connection_, query.add("s.order_kind = ? AND s.order_value = ?"
                                           " ORDER BY s.id LIMIT 1",
                                           static_cast<int64_t>(order.kind), order.value));
}

Result<KnownStudy> StudyRows::insert(const dicom::StudyUid& uid, const StudyAttributes& attributes,
                                     DescribedBy described_by, UnixMillis now,
                                     std::optional<int64_t> wanted_id, int64_t reserved_id) {
  const auto id = PACS_TRY(choose_id(connection_,
                                     "SELECT 1 FROM studies WHERE id = ?1 UNION ALL"
                                     " SELECT 1 FROM study_former_ids WHERE former_id = ?1"
                                     " UNION ALL SELECT 1 FROM trashed_studies WHERE id = ?1",
                                     wanted_id, reserved_id));
  PACS_TRY(connection_.run(
      "INSERT INTO studies(id, study_uid, spelt_uid, patient_id, patient_name,"
      " patient_birth_date, patient_sex, study_date, study_time, description, accession_number,"
      " referring_physician, described_by, name_key, created_at, updated_at)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      id, uid.to_dicom(), spelling(uid), attributes.patient_id, attributes.patient_name,
      attributes.patient_birth_date, attributes.patient_sex, attributes.study_date,
      attributes.study_time, attributes.description, attributes.accession_number,
      attributes.referring_physician, static_cast<int64_t>(described_by),
      searchable(attributes.patient_name), now, now));
  KnownStudy study{StudyRecord{.id = connection_.last_insert_id(), .study_uid = uid}, described_by};
  study.record.attributes = attributes;
  study.record.created_at = now;
  study.record.updated_at = now;
  PACS_TRY(write_texts(study));
  PACS_TRY(add_to_total(connection_, "studies", 1));
  return study;
}

Result<void> StudyRows::check_patient(const KnownStudy& study,
                                      const std::optional<OrderReference>& order,
                                      const std::string& patient_id) const {
  if (patient_id.empty()) return {};
  const std::string& known = study.record.attributes.patient_id;
  if (!known.empty() && known != patient_id) return patient_mismatch();
  if (!order) return {};
  const auto other = PACS_TRY(
      connection_.find_int64("SELECT 1 FROM studies WHERE order_kind = ? AND order_value = ?"
                             " AND patient_id NOT IN ('', ?) LIMIT 1",
                             static_cast<int64_t>(order->kind), order->value, patient_id));
  if (other) return patient_mismatch();
  return {};
}

Result<void> StudyRows::check_order(const KnownStudy& study,
                                    const std::optional<OrderReference>& order) const {
  if (!order || !study.record.order || study.record.order == order) return {};
  return conflict("order_mismatch",
                  "The study belongs to another order; send the image under that one, or under "
                  "none.");
}

Result<void> StudyRows::join_order(KnownStudy& study, const std::optional<OrderReference>& order) {
  if (!order || study.record.order == order) return {};
  PACS_TRY(check_order(study, order));
  PACS_TRY(connection_.run("UPDATE studies SET order_kind = ?, order_value = ? WHERE id = ?",
                           kind_of(order), value_of(order), study.record.id));
  study.record.order = order;
  return {};
}

Result<void> StudyRows::describe(KnownStudy& study, const StudyAttributes& attributes,
                                 DescribedBy source) {
  const bool is_better = source > study.described_by;
  const bool has_changed = take_over(study.record.attributes, attributes, is_better);
  if (is_better) study.described_by = source;
  if (!has_changed && !is_better) return {};
  const StudyAttributes& now = study.record.attributes;
  PACS_TRY(connection_.run(
      "UPDATE studies SET patient_id = ?, patient_name = ?, patient_birth_date = ?,"
      " patient_sex = ?, study_date = ?, study_time = ?, description = ?, accession_number = ?,"
      " referring_physician = ?, described_by = ?, name_key = ? WHERE id = ?",
      now.patient_id, now.patient_name, now.patient_birth_date, now.patient_sex, now.study_date,
      now.study_time, now.description, now.accession_number, now.referring_physician,
      static_cast<int64_t>(study.described_by), searchable(now.patient_name), study.record.id));
  if (!has_changed) return {};
  PACS_TRY(erase_texts(study.record.id));
  return write_texts(study);
}

Result<void> StudyRows::rename(KnownStudy& study, const dicom::StudyUid& uid) {
  const dicom::StudyUid before = study.record.study_uid;
  PACS_TRY(connection_.run("UPDATE studies SET study_uid = ?, spelt_uid = ? WHERE id = ?",
                           uid.to_dicom(), spelling(uid), study.record.id));
  study.record.study_uid = uid;
  // Until now this study was what the old UID found, so it stays so.
  return connection_.run("INSERT OR REPLACE INTO study_aliases(alias_uid, study_id) VALUES (?, ?)",
                         before.to_dicom(), study.record.id);
}

Result<int64_t> StudyRows::merge(const KnownStudy& from, KnownStudy& into) {
  const int64_t from_id = from.record.id;
  const int64_t into_id = into.record.id;
  // A link was made for what `from` held, which `into` may hold much more than.
  PACS_TRY(connection_.run(
      "DELETE FROM tokens WHERE id IN (SELECT token_id FROM share_link_studies WHERE study_id = ?)",
      from_id));
  const int64_t ended_links = connection_.changes();
  PACS_TRY(merge_holds(connection_, from_id, into_id));
  PACS_TRY(join_order(into, from.record.order));
  PACS_TRY(describe(into, from.record.attributes, from.described_by));
  for (const std::string_view move :
       {"UPDATE uploads SET study_id = ? WHERE study_id = ?",
        "UPDATE study_aliases SET study_id = ? WHERE study_id = ?",
        "UPDATE study_former_ids SET study_id = ? WHERE study_id = ?"}) {
    PACS_TRY(connection_.run(move, into_id, from_id));
  }
  PACS_TRY(connection_.run("UPDATE studies SET pending_count = pending_count + ? WHERE id = ?",
                           from.record.pending_count, into_id));
  PACS_TRY(
      connection_.run("INSERT OR REPLACE INTO study_aliases(alias_uid, study_id) VALUES (?, ?)",
                      from.record.study_uid.to_dicom(), into_id));
  PACS_TRY(connection_.run("INSERT INTO study_former_ids(former_id, study_id) VALUES (?, ?)",
                           from_id, into_id));
  PACS_TRY(erase(from_id));
  return ended_links;
}

Result<bool> StudyRows::add_alias(int64_t study_id, const dicom::StudyUid& alias) {
  PACS_TRY(connection_.run(
      "INSERT OR IGNORE INTO study_aliases(alias_uid, study_id)"
      " SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM studies WHERE study_uid = ?1)",
      alias.to_dicom(), study_id));
  return connection_.changes() > 0;
}

// The row goes: it would lead to the other study again once this one is removed.
Result<std::optional<KnownStudy>> StudyRows::take_over_alias(const KnownStudy& study) {
  const std::string uid = study.record.study_uid.to_dicom();
  const auto other = PACS_TRY(connection_.find_int64(
      "SELECT study_id FROM study_aliases WHERE alias_uid = ? AND study_id <> ?", uid,
      study.record.id));
  if (!other) return std::optional<KnownStudy>();
  PACS_TRY(connection_.run("DELETE FROM study_aliases WHERE alias_uid = ?", uid));
  return find(*other);
}

Result<void> StudyRows::add_former_id(int64_t study_id, int64_t former_id) {
  if (study_id == former_id) return {};
  const auto known = PACS_TRY(
      connection_.find_int64("SELECT study_id FROM study_former_ids WHERE former_id = ?1 UNION ALL"
                             " SELECT id FROM studies WHERE id = ?1 UNION ALL"
                             " SELECT id FROM trashed_studies WHERE id = ?1",
                             former_id));
  if (known == study_id) return {};
  if (known) return conflict("id_taken", "The wanted id of the study is another study's.");
  PACS_TRY(connection_.run("INSERT INTO study_former_ids(former_id, study_id) VALUES (?, ?)",
                           former_id, study_id));
  // No study to come may get this number.
  return connection_.run("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'studies'",
                         former_id);
}

Result<void> StudyRows::count(int64_t study_id, const Change& change, UnixMillis now) {
  PACS_TRY(connection_.run(
      "UPDATE studies SET image_count = image_count + ?, series_count = series_count + ?,"
      " size_bytes = size_bytes + ?, updated_at = max(updated_at, ?) WHERE id = ?",
      change.images, change.series, change.size_bytes, now, study_id));
  PACS_TRY(add_to_total(connection_, "images", change.images));
  PACS_TRY(add_to_total(connection_, "bytes", change.size_bytes));
  if (change.series == 0) return {};
  return add_to_total(connection_, "series", change.series);
}

Result<void> StudyRows::count_pending(int64_t study_id, int64_t change, UnixMillis now) {
  return connection_.run(
      "UPDATE studies SET pending_count = pending_count + ?, updated_at = max(updated_at, ?)"
      " WHERE id = ?",
      change, now, study_id);
}

Result<void> StudyRows::refresh_modality(int64_t study_id) {
  std::string before;
  {
    Statement row = PACS_TRY(connection_.prepare("SELECT modality FROM studies WHERE id = ?"));
    row.bind(study_id);
    if (!PACS_TRY(row.step())) return {};
    before = row.text();
  }
  std::set<std::string> modalities;
  Statement rows =
      PACS_TRY(connection_.prepare("SELECT DISTINCT modality FROM series WHERE study_id = ?"));
  rows.bind(study_id);
  while (PACS_TRY(rows.step())) modalities.merge(modalities_of(rows.text_view()));
  std::string after;
  for (const std::string& modality : modalities) {
    after += (after.empty() ? "" : "\\") + modality;
  }
  return set_modality(study_id, before, after);
}

Result<void> StudyRows::set_modality(int64_t study_id, const std::string& before,
                                     const std::string& after) {
  if (before == after) return {};
  const std::set<std::string> old_ones = modalities_of(before);
  const std::set<std::string> new_ones = modalities_of(after);
  for (const std::string& modality : old_ones) {
    if (new_ones.contains(modality)) continue;
    PACS_TRY(connection_.run("DELETE FROM study_modalities WHERE modality = ? AND study_id = ?",
                             modality, study_id));
    PACS_TRY(add_to_total(connection_, "modality/" + modality, -1));
  }
  for (const std::string& modality : new_ones) {
    if (old_ones.contains(modality)) continue;
    PACS_TRY(connection_.run("INSERT INTO study_modalities(modality, study_id) VALUES (?, ?)",
                             modality, study_id));
    PACS_TRY(add_to_total(connection_, "modality/" + modality, 1));
  }
  return connection_.run("UPDATE studies SET modality = ? WHERE id = ?", after, study_id);
}

Result<void> StudyRows::erase_if_empty(int64_t study_id) {
  const auto is_empty = PACS_TRY(connection_.find_int64(
      "SELECT 1 FROM studies WHERE id = ? AND image_count = 0 AND pending_count = 0", study_id));
  if (!is_empty) return {};
  return erase(study_id);
}

Result<void> StudyRows::erase(int64_t study_id) {
  const auto study = PACS_TRY(find(study_id));
  if (!study) return {};
  PACS_TRY(set_modality(study_id, study->record.modality, ""));
  PACS_TRY(erase_texts(study_id));
  PACS_TRY(keep_for_trash(study_id));
  PACS_TRY(connection_.run("DELETE FROM studies WHERE id = ?", study_id));
  return add_to_total(connection_, "studies", -1);
}

// What belongs to the study and goes with its row; the images are there already.
Result<void> StudyRows::keep_for_trash(int64_t study_id) {
  const auto has_images = PACS_TRY(
      connection_.find_int64("SELECT 1 FROM trashed_images WHERE study_id = ? LIMIT 1", study_id));
  if (!has_images) return {};
  PACS_TRY(connection_.run("INSERT OR REPLACE INTO trashed_studies(" + std::string(kKeptColumns) +
                               ") SELECT " + std::string(kKeptColumns) +
                               " FROM studies WHERE id = ?",
                           study_id));
  for (const std::string_view copy :
       {"INSERT INTO trashed_study_names(study_id, alias_uid)"
        " SELECT study_id, alias_uid FROM study_aliases WHERE study_id = ?",
        "INSERT INTO trashed_study_names(study_id, former_id)"
        " SELECT study_id, former_id FROM study_former_ids WHERE study_id = ?",
        "INSERT OR IGNORE INTO trashed_uploads(upload_id, image_id, study_id)"
        " SELECT id, image_id, study_id FROM uploads WHERE study_id = ?"}) {
    PACS_TRY(connection_.run(copy, study_id));
  }
  return {};
}

Result<bool> StudyRows::insert_trashed(int64_t id) {
  PACS_TRY(connection_.run("INSERT INTO studies(" + std::string(kKeptColumns) + ") SELECT " +
                               std::string(kKeptColumns) + " FROM trashed_studies WHERE id = ?",
                           id));
  if (connection_.changes() == 0) return false;
  for (const std::string_view step :
       {"INSERT OR IGNORE INTO study_aliases(alias_uid, study_id)"
        " SELECT alias_uid, study_id FROM trashed_study_names n WHERE study_id = ?"
        " AND alias_uid IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM studies WHERE study_uid = n.alias_uid)",
        "INSERT OR IGNORE INTO study_former_ids(former_id, study_id)"
        " SELECT former_id, study_id FROM trashed_study_names WHERE study_id = ?"
        " AND former_id IS NOT NULL",
        "DELETE FROM trashed_study_names WHERE study_id = ?",
        "DELETE FROM trashed_studies WHERE id = ?"}) {
    PACS_TRY(connection_.run(step, id));
  }
  const auto study = PACS_TRY(find(id));
  PACS_ASSERT(study.has_value());
  PACS_TRY(write_texts(*study));
  PACS_TRY(add_to_total(connection_, "studies", 1));
  return true;
}

// An index with its content elsewhere is told of each text twice: when it comes and when it goes.
Result<void> StudyRows::write_texts(const KnownStudy& study) {
  const StudyAttributes& attributes = study.record.attributes;
  const std::string name = searchable(attributes.patient_name);
  const std::string patient_id = searchable(attributes.patient_id);
  const std::string description = searchable(attributes.description);
  const std::string accession = searchable(attributes.accession_number);
  PACS_TRY(connection_.run(
      "INSERT INTO study_texts(study_id, patient_name, patient_id, description, accession_number)"
      " VALUES (?, ?, ?, ?, ?)",
      study.record.id, name, patient_id, description, accession));
  PACS_TRY(write_study_names(connection_, study.record.id, attributes.patient_name));
  return connection_.run(
      "INSERT INTO study_search(rowid, patient_name, patient_id, description, accession_number)"
      " VALUES (?, ?, ?, ?, ?)",
      study.record.id, name, patient_id, description, accession);
}

Result<void> StudyRows::erase_texts(int64_t study_id) {
  PACS_TRY(erase_study_names(connection_, study_id));
  PACS_TRY(connection_.run(
      "INSERT INTO study_search(study_search, rowid, patient_name, patient_id, description,"
      " accession_number) SELECT 'delete', study_id, patient_name, patient_id, description,"
      " accession_number FROM study_texts WHERE study_id = ?",
      study_id));
  return connection_.run("DELETE FROM study_texts WHERE study_id = ?", study_id);
}

Result<std::optional<int64_t>> choose_id(Connection& connection, std::string_view is_taken,
                                         std::optional<int64_t> wanted, int64_t reserved) {
  const int64_t id = wanted.value_or(reserved);
  if (id == 0) return std::optional<int64_t>();
  if (!PACS_TRY(connection.find_int64(is_taken, id))) return std::optional<int64_t>(id);
  if (wanted) return conflict("id_taken", "A wanted id is or was another's.");
  return std::optional<int64_t>();
}

Result<void> add_to_total(Connection& connection, std::string_view name, int64_t change) {
  return connection.run(
      "INSERT INTO totals(name, value) VALUES (?, ?)"
      " ON CONFLICT(name) DO UPDATE SET value = value + excluded.value",
      name, change);
}

Result<int64_t> total(Connection& connection, std::string_view name) {
  return PACS_TRY(connection.find_int64("SELECT value FROM totals WHERE name = ?", name))
      .value_or(0);
}

}  // namespace pacs::index
