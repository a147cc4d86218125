// The tables of schema 1; docs/design/index-schema.md says what each is for. Released: never edit,
// write a migration.
//
// UIDs are kept in the form that DICOM gives them (dicom::ObjectUid::to_dicom), by which they are
// looked up; `spelt_uid` keeps the spelling of one that came as a UUID. Texts are never NULL.
#pragma once

#include <string_view>

namespace pacs::index {

inline constexpr std::string_view kSchemaVersion1 = R"sql(
CREATE TABLE archive_state(
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE totals(
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE studies(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  study_uid TEXT NOT NULL UNIQUE,
  spelt_uid TEXT,
  order_kind INTEGER,
  order_value INTEGER,
  patient_id TEXT NOT NULL,
  patient_name TEXT NOT NULL,
  patient_birth_date TEXT NOT NULL,
  patient_sex TEXT NOT NULL,
  study_date TEXT NOT NULL,
  study_time TEXT NOT NULL,
  description TEXT NOT NULL,
  accession_number TEXT NOT NULL,
  referring_physician TEXT NOT NULL,
  modality TEXT NOT NULL DEFAULT '',
  series_count INTEGER NOT NULL DEFAULT 0,
  image_count INTEGER NOT NULL DEFAULT 0,
  pending_count INTEGER NOT NULL DEFAULT 0,
  size_bytes INTEGER NOT NULL DEFAULT 0,
  described_by INTEGER NOT NULL,
  name_key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX studies_by_created_at ON studies(created_at, id, study_date, modality);
CREATE INDEX studies_by_study_date ON studies(study_date, id, created_at, modality);
CREATE INDEX studies_by_name ON studies(name_key, id, study_date, modality);
CREATE INDEX studies_by_patient_id ON studies(patient_id) WHERE patient_id <> '';
CREATE INDEX studies_by_order ON studies(order_kind, order_value) WHERE order_kind IS NOT NULL;

CREATE TABLE study_modalities(
  modality TEXT NOT NULL,
  study_id INTEGER NOT NULL,
  PRIMARY KEY(modality, study_id)
) WITHOUT ROWID;

CREATE TABLE study_texts(
  study_id INTEGER PRIMARY KEY,
  patient_name TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  description TEXT NOT NULL,
  accession_number TEXT NOT NULL
);
CREATE VIRTUAL TABLE study_search USING fts5(
  patient_name, patient_id, description, accession_number,
  content='study_texts', content_rowid='study_id', tokenize='trigram case_sensitive 1'
);

CREATE TABLE study_aliases(
  alias_uid TEXT PRIMARY KEY,
  study_id INTEGER NOT NULL REFERENCES studies(id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX study_aliases_by_study ON study_aliases(study_id);

CREATE TABLE study_former_ids(
  former_id INTEGER PRIMARY KEY,
  study_id INTEGER NOT NULL REFERENCES studies(id) ON DELETE CASCADE
);
CREATE INDEX study_former_ids_by_study ON study_former_ids(study_id);

CREATE TABLE series(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  study_id INTEGER NOT NULL REFERENCES studies(id),
  series_uid TEXT NOT NULL,
  spelt_uid TEXT,
  number INTEGER,
  description TEXT NOT NULL,
  modality TEXT NOT NULL,
  body_part TEXT NOT NULL,
  described_by INTEGER NOT NULL,
  image_count INTEGER NOT NULL DEFAULT 0,
  UNIQUE(series_uid, study_id)
);
CREATE INDEX series_by_study ON series(study_id);

CREATE TABLE series_aliases(
  alias_uid TEXT NOT NULL,
  series_id INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
  PRIMARY KEY(alias_uid, series_id)
) WITHOUT ROWID;
CREATE INDEX series_aliases_by_series ON series_aliases(series_id);

CREATE TABLE images(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  study_id INTEGER NOT NULL,
  series_id INTEGER NOT NULL REFERENCES series(id),
  image_uid TEXT NOT NULL UNIQUE,
  spelt_uid TEXT,
  filename TEXT NOT NULL,
  key TEXT NOT NULL,
  key_hash INTEGER NOT NULL,
  store TEXT NOT NULL,
  sha256 BLOB NOT NULL,
  size_bytes INTEGER NOT NULL,
  mime_type TEXT NOT NULL,
  transfer_syntax TEXT NOT NULL,
  sop_class_uid TEXT NOT NULL,
  instance_number INTEGER,
  instance_order INTEGER NOT NULL,
  rows INTEGER,
  columns INTEGER,
  frames INTEGER NOT NULL,
  blob_identity TEXT NOT NULL,
  owner TEXT NOT NULL,
  uploader_name TEXT NOT NULL,
  stored_at INTEGER NOT NULL
);
CREATE INDEX images_by_series ON images(series_id, instance_order, id);
CREATE INDEX images_by_key ON images(key_hash);

CREATE TABLE frame_tables(
  image_id INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
);

CREATE TABLE metadata_dictionaries(
  id INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
);

CREATE TABLE instance_metadata(
  series_id INTEGER NOT NULL,
  image_id INTEGER NOT NULL,
  dictionary_id INTEGER NOT NULL,
  json BLOB NOT NULL,
  PRIMARY KEY(series_id, image_id)
) WITHOUT ROWID;

CREATE TABLE removed_images(
  key_hash INTEGER NOT NULL,
  key TEXT NOT NULL,
  image_id INTEGER NOT NULL,
  image_uid TEXT NOT NULL,
  study_id INTEGER NOT NULL,
  owner TEXT NOT NULL,
  sha256 BLOB NOT NULL,
  removed_at INTEGER NOT NULL,
  PRIMARY KEY(key_hash, key)
) WITHOUT ROWID;

CREATE TABLE upload_sessions(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner TEXT NOT NULL,
  session_uuid TEXT NOT NULL,
  created_by_name TEXT NOT NULL,
  order_kind INTEGER,
  order_value INTEGER,
  device_id TEXT NOT NULL,
  device_info TEXT NOT NULL,
  total_images INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE(session_uuid, owner)
);
CREATE INDEX upload_sessions_by_order ON upload_sessions(order_kind, order_value)
  WHERE order_kind IS NOT NULL;

CREATE TABLE uploads(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner TEXT NOT NULL,
  image_uuid TEXT NOT NULL,
  owner_name TEXT NOT NULL,
  order_kind INTEGER,
  order_value INTEGER,
  filename TEXT NOT NULL,
  file_size INTEGER NOT NULL,
  mime_type TEXT NOT NULL,
  checksum BLOB NOT NULL,
  image_metadata TEXT NOT NULL,
  status INTEGER NOT NULL,
  retry_count INTEGER NOT NULL DEFAULT 0,
  failure_reason TEXT NOT NULL DEFAULT '',
  error_code TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  metadata_uploaded_at INTEGER NOT NULL,
  binary_uploaded_at INTEGER,
  ack_received_at INTEGER,
  image_id INTEGER REFERENCES images(id) ON DELETE SET NULL,
  study_id INTEGER REFERENCES studies(id) ON DELETE SET NULL,
  session_id INTEGER REFERENCES upload_sessions(id),
  sequence_number INTEGER,
  receipt TEXT NOT NULL DEFAULT '',
  UNIQUE(image_uuid, owner)
);
CREATE INDEX uploads_by_image ON uploads(image_id) WHERE image_id IS NOT NULL;
CREATE INDEX uploads_by_study ON uploads(study_id);
CREATE INDEX uploads_by_session ON uploads(session_id) WHERE session_id IS NOT NULL;
CREATE INDEX uploads_by_order ON uploads(order_kind, order_value) WHERE order_kind IS NOT NULL;
CREATE INDEX uploads_by_owner ON uploads(owner);
CREATE INDEX uploads_unfinished ON uploads(status) WHERE status <> 3;

CREATE TABLE tokens(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  roles TEXT NOT NULL,
  secret_sha256 BLOB NOT NULL UNIQUE,
  study_id INTEGER REFERENCES studies(id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER
);
CREATE INDEX tokens_by_study ON tokens(study_id) WHERE study_id IS NOT NULL;

CREATE TABLE audit_chains(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  node TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  previous_hash BLOB NOT NULL,
  head_hash BLOB NOT NULL
);

CREATE TABLE audit_lines(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  chain_id INTEGER NOT NULL REFERENCES audit_chains(id),
  sequence INTEGER NOT NULL,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  study_uid TEXT NOT NULL,
  image_uid TEXT NOT NULL,
  request_id TEXT NOT NULL,
  outcome INTEGER NOT NULL,
  detail TEXT NOT NULL,
  hash BLOB NOT NULL,
  UNIQUE(chain_id, sequence)
);
CREATE INDEX audit_lines_by_study ON audit_lines(study_uid) WHERE study_uid <> '';
)sql";

}  // namespace pacs::index
