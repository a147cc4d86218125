#include "index/ingest_transaction.h"

#include <string>
#include <utility>

#include "index/rows.h"
#include "index/sql_query.h"
#include "index/upload_rows.h"
#include "index/write_transaction.h"

namespace pacs::index {

IngestTransaction::IngestTransaction(WriteTransaction& transaction, const Ingest& ingest)
    : transaction_(transaction),
      ingest_(ingest),
      lookup_(transaction.connection(), ingest),
      studies_(transaction.connection()),
      trash_(transaction.connection()),
      order_(ingest.order) {}

Result<IngestOutcome> IngestTransaction::run(AuditLine line) {
  PACS_TRY(check_wanted_ids());
  PACS_TRY(find_upload());
  auto known = PACS_TRY(find_known_image());
  if (!known) known = PACS_TRY(restore_known_image(line));
  if (known && known->sha256 != ingest_.image.sha256) {
    return conflict("uid_conflict", "Another image is stored under this UID already.");
  }
  if (known) PACS_TRY(check_declared_study(*known));
  KnownStudy study =
      PACS_TRY(settle_study(known ? std::optional<int64_t>(known->study_id) : std::nullopt, line));
  ImageRecord image = known ? PACS_TRY(read_image_row(known->id)) : PACS_TRY(store(study));
  PACS_TRY(settle_aliases(study, line));
  if (ingest_.wanted_ids.study) {
    PACS_TRY(studies_.add_former_id(study.record.id, *ingest_.wanted_ids.study));
  }
  PACS_TRY(attach_upload(study.record.id, image.id, line.time));

  IngestOutcome outcome{.kind = known ? IngestOutcome::Kind::existed : IngestOutcome::Kind::stored,
                        .image = std::move(image),
                        .upload = upload_,
                        .order = study.record.order};
  if (line.study_uid.empty()) line.study_uid = outcome.image.study_uid.str();
  if (line.image_uid.empty()) line.image_uid = outcome.image.image_uid.str();
  // Of a repeat too: what it is told again may have failed to settle the first time.
  if (known || reuses_key_) {
    outcome.has_unsettled_tombstones = PACS_TRY(trash_.has_unsettled_tombstones());
  }
  PACS_TRY(transaction_.audit(line));
  return outcome;
}

DescribedBy IngestTransaction::source() const {
  return ingest_.uid_source == UidSource::data_set ? DescribedBy::data_set
                                                   : DescribedBy::declaration;
}

Result<void> IngestTransaction::check_wanted_ids() const {
  for (const auto& id :
       {ingest_.wanted_ids.study, ingest_.wanted_ids.series, ingest_.wanted_ids.image}) {
    if (id && (*id < 1 || *id > WantedIds::kWantedIdMax)) {
      return invalid_argument("wanted_id", "A wanted id is not between 1 and 2^52.");
    }
  }
  return {};
}

Result<void> IngestTransaction::find_upload() {
  if (!ingest_.upload) return {};
  upload_ = PACS_TRY(lookup_.find_upload());
  if (!upload_) {
    return conflict("metadata_missing", "The image was not announced; send its metadata first.");
  }
  if (!order_) order_ = upload_->order;
  return {};
}

Result<std::optional<IngestTransaction::KnownImage>> IngestTransaction::find_known_image() {
  Statement row = PACS_TRY(transaction_.connection().prepare(
      "SELECT id, study_id, sha256 FROM images WHERE image_uid = ?"));
  row.bind(ingest_.image_uid.to_dicom());
  if (!PACS_TRY(row.step())) return std::optional<KnownImage>();
  KnownImage image;
  image.id = row.int64();
  image.study_id = row.int64();
  image.sha256 = PACS_TRY(read_sha256(row));
  return std::optional<KnownImage>(image);
}

Result<std::optional<IngestTransaction::KnownImage>> IngestTransaction::restore_known_image(
    const AuditLine& line) {
  KnownImage image;
  {
    Statement row = PACS_TRY(transaction_.connection().prepare(
        "SELECT id, study_id, sha256 FROM trashed_images WHERE image_uid = ?"));
    row.bind(ingest_.image_uid.to_dicom());
    if (!PACS_TRY(row.step())) return std::optional<KnownImage>();
    image.id = row.int64();
    image.study_id = row.int64();
    image.sha256 = PACS_TRY(read_sha256(row));
  }
  if (image.sha256 != ingest_.image.sha256) return std::optional<KnownImage>(image);
  PACS_TRY(trash_.restore({image.id}, line.time));
  AuditLine restored = line;
  restored.action = "image.restore";
  restored.detail = "sent again";
  restored.study_uid = ingest_.study_uid.str();
  restored.image_uid = ingest_.image_uid.str();
  PACS_TRY(transaction_.audit(restored));
  return std::optional<KnownImage>(image);
}

// A picture is where it was filed first. Who files it elsewhere must hear that it is not there.
Result<void> IngestTransaction::check_declared_study(const KnownImage& known) const {
  if (ingest_.uid_source == UidSource::data_set || !ingest_.declared_study_uid) return {};
  const auto declared = PACS_TRY(studies_.find(*ingest_.declared_study_uid, Aliases::follow));
  if (declared && declared->record.id == known.study_id) return {};
  const auto actual = PACS_TRY(studies_.find(known.study_id));
  return conflict("study_mismatch",
                  "This picture is stored in another study" +
                      (actual ? " (" + actual->record.study_uid.str() + ")" : std::string()) +
                      "; to file it anew, remove it there for good first.");
}

Result<void> IngestTransaction::merge_studies(const KnownStudy& from, KnownStudy& into,
                                              const AuditLine& line) {
  const int64_t ended_links = PACS_TRY(studies_.merge(from, into));
  AuditLine merged = line;
  merged.action = "study.merge";
  merged.study_uid = into.record.study_uid.str();
  merged.detail = "announced as " + from.record.study_uid.str();
  if (ended_links > 0) merged.detail += "; shared links ended: " + std::to_string(ended_links);
  return transaction_.audit(merged);
}

// Who looks for a study by a UID must be able to find out why it was another one yesterday.
Result<void> IngestTransaction::settle_aliases(const KnownStudy& study, const AuditLine& line) {
  if (const auto other = PACS_TRY(studies_.take_over_alias(study))) {
    PACS_TRY(audit_names(study, line, "no longer finds " + other->record.study_uid.str()));
  }
  if (!ingest_.declared_study_uid) return {};
  const dicom::StudyUid& declared = *ingest_.declared_study_uid;
  if (!PACS_TRY(studies_.add_alias(study.record.id, declared))) return {};
  return audit_names(study, line, "also found as " + declared.str());
}

Result<void> IngestTransaction::audit_names(const KnownStudy& study, AuditLine line,
                                            std::string detail) {
  line.action = "study.alias";
  line.study_uid = study.record.study_uid.str();
  line.detail = std::move(detail);
  return transaction_.audit(line);
}

Result<KnownStudy> IngestTransaction::settle_study(std::optional<int64_t> known_study_id,
                                                   const AuditLine& line) {
  auto study =
      known_study_id ? PACS_TRY(studies_.find(*known_study_id)) : PACS_TRY(lookup_.find_study());
  if (!study) study = PACS_TRY(trash_.revive_study(ingest_.study_uid));
  auto provisional = PACS_TRY(lookup_.find_provisional_study(upload_));
  if (provisional && study && provisional->record.id == study->record.id) provisional.reset();

  if (!study && !provisional) {
    study = PACS_TRY(studies_.insert(ingest_.study_uid, ingest_.study, source(),
                                     ingest_.image.stored_at, ingest_.wanted_ids.study,
                                     ingest_.reserved_ids.study));
    PACS_TRY(check_patient(*study));
    PACS_TRY(studies_.join_order(*study, order_));
    return std::move(*study);
  }
  if (provisional) PACS_TRY(check_patient(*provisional));
  if (!study) {
    study = std::move(provisional);
    const std::string announced_as = study->record.study_uid.str();
    PACS_TRY(studies_.rename(*study, ingest_.study_uid));
    PACS_TRY(audit_names(*study, line, "announced as " + announced_as));
  } else {
    PACS_TRY(check_patient(*study));
    if (provisional) PACS_TRY(merge_studies(*provisional, *study, line));
  }
  PACS_TRY(studies_.join_order(*study, order_));
  PACS_TRY(studies_.describe(*study, ingest_.study, source()));
  return std::move(*study);
}

Result<void> IngestTransaction::check_patient(const KnownStudy& study) const {
  if (ingest_.patient_mismatch == PatientMismatch::accept) return {};
  return studies_.check_patient(study, order_, ingest_.study.patient_id);
}

Result<ImageRecord> IngestTransaction::store(const KnownStudy& study) {
  PACS_TRY(take_key());
  const SettledSeries series = PACS_TRY(settle_series(study.record.id));
  const int64_t image_id = PACS_TRY(insert_image(study.record.id, series.id));
  PACS_TRY(insert_attachments(series.id, image_id));
  PACS_TRY(studies_.count(
      study.record.id,
      {.images = 1, .series = series.is_new ? 1 : 0, .size_bytes = ingest_.image.size_bytes},
      ingest_.image.stored_at));
  if (series.is_new || series.has_new_modality) {
    PACS_TRY(studies_.refresh_modality(study.record.id));
  }
  return ImageRecord{.id = image_id,
                     .study_id = study.record.id,
                     .series_id = series.id,
                     .study_uid = study.record.study_uid,
                     .series_uid = series.series_uid,
                     .image_uid = ingest_.image_uid,
                     .attributes = ingest_.image};
}

Result<IngestTransaction::SettledSeries> IngestTransaction::settle_series(int64_t study_id) {
  auto id = PACS_TRY(lookup_.find_series(study_id));
  const bool is_revived = !id && PACS_TRY(trash_.revive_series(study_id, ingest_.series_uid));
  if (is_revived) id = PACS_TRY(lookup_.find_series(study_id));
  SettledSeries series = id ? PACS_TRY(describe_series(*id)) : PACS_TRY(insert_series(study_id));
  if (is_revived) series.is_new = true;  // for the counts
  const auto& declared = ingest_.declared_series_uid;
  if (declared && declared->to_dicom() != ingest_.series_uid.to_dicom()) {
    PACS_TRY(transaction_.connection().run(
        "INSERT OR IGNORE INTO series_aliases(alias_uid, series_id) VALUES (?, ?)",
        declared->to_dicom(), series.id));
  }
  return series;
}

Result<IngestTransaction::SettledSeries> IngestTransaction::insert_series(int64_t study_id) {
  Connection& connection = transaction_.connection();
  const auto id = PACS_TRY(choose_id(connection,
                                     "SELECT 1 FROM series WHERE id = ?1 UNION ALL"
                                     " SELECT 1 FROM trashed_series WHERE id = ?1",
                                     ingest_.wanted_ids.series, ingest_.reserved_ids.series));
  PACS_TRY(connection.run(
      "INSERT INTO series(id, study_id, series_uid, spelt_uid, number, description, modality,"
      " body_part, described_by, image_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
      id, study_id, ingest_.series_uid.to_dicom(), spelling(ingest_.series_uid),
      ingest_.series.number, ingest_.series.description, ingest_.series.modality,
      ingest_.series.body_part, static_cast<int64_t>(source())));
  return SettledSeries{connection.last_insert_id(), ingest_.series_uid, true, true};
}

Result<IngestTransaction::SettledSeries> IngestTransaction::describe_series(int64_t series_id) {
  Connection& connection = transaction_.connection();
  SqlQuery query("SELECT e.described_by, ");
  query.add(kSeriesColumns).add(" FROM series e WHERE e.id = ?", series_id);
  Statement row = PACS_TRY(query.prepare(connection));
  if (!PACS_TRY(row.step())) return corrupt_row("series");
  const bool is_better = static_cast<int64_t>(source()) > row.int64();
  const SeriesRecord known = PACS_TRY(read_series(row));
  SeriesAttributes now = known.attributes;
  for (auto text : {&SeriesAttributes::description, &SeriesAttributes::modality,
                    &SeriesAttributes::body_part}) {
    const std::string& value = ingest_.series.*text;
    if (!value.empty() && (is_better || (now.*text).empty())) now.*text = value;
  }
  if (ingest_.series.number && (is_better || !now.number)) now.number = ingest_.series.number;
  if (now == known.attributes && !is_better) {
    PACS_TRY(
        connection.run("UPDATE series SET image_count = image_count + 1 WHERE id = ?", series_id));
  } else {
    PACS_TRY(connection.run(
        "UPDATE series SET image_count = image_count + 1, number = ?, description = ?,"
        " modality = ?, body_part = ?, described_by = max(described_by, ?) WHERE id = ?",
        now.number, now.description, now.modality, now.body_part, static_cast<int64_t>(source()),
        series_id));
  }
  return SettledSeries{series_id, known.series_uid, false,
                       now.modality != known.attributes.modality};
}

Result<void> IngestTransaction::take_key() {
  Connection& connection = transaction_.connection();
  const int64_t hash = hash_of_key(ingest_.image.key);
  const auto taken = PACS_TRY(
      connection.find_int64("SELECT 1 FROM images WHERE key_hash = ? AND key = ? AND store = ?",
                            hash, ingest_.image.key.str(), ingest_.image.store));
  if (taken) return conflict("key_taken", "Another image is stored under this key already.");
  reuses_key_ = PACS_TRY(trash_.forget_removed(ingest_.image.key));
  return {};
}

Result<int64_t> IngestTransaction::insert_image(int64_t study_id, int64_t series_id) {
  Connection& connection = transaction_.connection();
  const auto id = PACS_TRY(choose_id(connection,
                                     "SELECT 1 FROM images WHERE id = ?1 UNION ALL"
                                     " SELECT 1 FROM trashed_images WHERE id = ?1",
                                     ingest_.wanted_ids.image, ingest_.reserved_ids.image));
  const ImageAttributes& image = ingest_.image;
  PACS_TRY(connection.run(
      "INSERT INTO images(id, study_id, series_id, image_uid, spelt_uid, filename, key, key_hash,"
      " store, sha256, size_bytes, mime_type, transfer_syntax, sop_class_uid, instance_number,"
      " instance_order, rows, columns, frames, blob_identity, owner, uploader_name, stored_at)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      id, study_id, series_id, ingest_.image_uid.to_dicom(), spelling(ingest_.image_uid),
      image.filename, image.key.str(), hash_of_key(image.key), image.store,
      Bytes(image.sha256.bytes), image.size_bytes, image.mime_type, image.transfer_syntax,
      image.sop_class_uid, image.instance_number, image.instance_number.value_or(kBehindAllNumbers),
      image.rows, image.columns, image.frames, image.blob_identity, image.owner,
      image.uploader_name, image.stored_at));
  return connection.last_insert_id();
}

Result<void> IngestTransaction::insert_attachments(int64_t series_id, int64_t image_id) {
  Connection& connection = transaction_.connection();
  if (!ingest_.frame_table.empty()) {
    PACS_TRY(connection.run("INSERT INTO frame_tables(image_id, bytes) VALUES (?, ?)", image_id,
                            Bytes(ingest_.frame_table)));
  }
  if (ingest_.metadata_json.empty()) return {};
  const ByteVector compressed = PACS_TRY(transaction_.codec().compress(ingest_.metadata_json));
  return connection.run(
      "INSERT INTO instance_metadata(series_id, image_id, dictionary_id, json)"
      " VALUES (?, ?, ?, ?)",
      series_id, image_id, transaction_.codec().dictionary_id(), Bytes(compressed));
}

Result<void> IngestTransaction::attach_upload(int64_t study_id, int64_t image_id, UnixMillis now) {
  if (!upload_) return {};
  UploadRows uploads(transaction_.connection());
  // Read again: a merge may have moved it to another study.
  const UploadRecord before = *PACS_TRY(uploads.find(upload_->key));
  UploadRecord after = before;
  after.image_id = image_id;
  after.study_id = study_id;
  if (after.status != UploadStatus::ack_received) after.status = UploadStatus::binary_uploaded;
  if (!after.binary_uploaded_at) after.binary_uploaded_at = now;
  after.failure_reason.clear();
  after.error_code.clear();
  PACS_TRY(uploads.update(before, after, now));
  upload_ = std::move(after);
  return {};
}

Result<ImageRecord> IngestTransaction::read_image_row(int64_t image_id) const {
  SqlQuery query("SELECT ");
  query.add(kImageColumns).add(kImageTables).add(" WHERE i.id = ?", image_id);
  Statement row = PACS_TRY(query.prepare(transaction_.connection()));
  if (!PACS_TRY(row.step())) return corrupt_row("images");
  return read_image(row);
}

}  // namespace pacs::index
