// The tables of the trash; docs/design/index-schema.md says what each is for. Released: never edit,
// write a migration.
//
// A row in the trash is moved out of the table that readers see, so that they neither meet it nor
// test for it (docs/adr/0007). The columns are those of schema.h under the same names; whoever adds
// one there adds it here.
#pragma once

#include <string_view>

namespace pacs::index {

inline constexpr std::string_view kTrashSchema = R"sql(
CREATE TABLE tombstones(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  store TEXT NOT NULL,
  is_settled INTEGER NOT NULL
);
CREATE INDEX tombstones_unsettled ON tombstones(id) WHERE is_settled = 0;

ALTER TABLE removed_images ADD COLUMN tombstone_id INTEGER;
CREATE INDEX removed_images_by_tombstone ON removed_images(tombstone_id)
  WHERE tombstone_id IS NOT NULL;

CREATE TABLE trashed_studies(
  id INTEGER PRIMARY KEY,
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
  described_by INTEGER NOT NULL,
  name_key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);

CREATE TABLE trashed_study_names(
  study_id INTEGER NOT NULL,
  alias_uid TEXT,
  former_id INTEGER
);
CREATE INDEX trashed_study_names_by_study ON trashed_study_names(study_id);

CREATE TABLE trashed_series(
  id INTEGER PRIMARY KEY,
  study_id INTEGER NOT NULL,
  series_uid TEXT NOT NULL,
  spelt_uid TEXT,
  number INTEGER,
  description TEXT NOT NULL,
  modality TEXT NOT NULL,
  body_part TEXT NOT NULL,
  described_by INTEGER NOT NULL,
  UNIQUE(series_uid, study_id)
);
CREATE INDEX trashed_series_by_study ON trashed_series(study_id);

CREATE TABLE trashed_series_names(
  series_id INTEGER NOT NULL,
  alias_uid TEXT NOT NULL
);
CREATE INDEX trashed_series_names_by_series ON trashed_series_names(series_id);

CREATE TABLE trashed_images(
  id INTEGER PRIMARY KEY,
  study_id INTEGER NOT NULL,
  series_id INTEGER NOT NULL,
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
  stored_at INTEGER NOT NULL,
  removed_at INTEGER NOT NULL,
  removed_by TEXT NOT NULL,
  purge_at INTEGER NOT NULL,
  is_going INTEGER NOT NULL DEFAULT 0,
  dictionary_id INTEGER,
  metadata BLOB
);
CREATE INDEX trashed_images_by_study
  ON trashed_images(study_id, series_id, size_bytes, removed_at, purge_at);
CREATE INDEX trashed_images_by_series ON trashed_images(series_id);
CREATE INDEX trashed_images_by_purge ON trashed_images(purge_at, study_id);

CREATE TABLE trashed_uploads(
  upload_id INTEGER PRIMARY KEY,
  image_id INTEGER,
  study_id INTEGER
);
CREATE INDEX trashed_uploads_by_image ON trashed_uploads(image_id) WHERE image_id IS NOT NULL;
CREATE INDEX trashed_uploads_by_study ON trashed_uploads(study_id);

CREATE TABLE study_holds(
  study_id INTEGER PRIMARY KEY,
  is_held INTEGER NOT NULL,
  reason TEXT NOT NULL,
  retain_until TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at INTEGER NOT NULL
);
)sql";

}  // namespace pacs::index
