// An index in a temporary folder, and the records that tests put into it.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "index/archive_state.h"
#include "index/audit_log.h"
#include "index/database.h"
#include "index/images.h"
#include "index/ingests.h"
#include "index/studies.h"
#include "index/tokens.h"
#include "index/trash.h"
#include "index/upload_sessions.h"
#include "index/uploads.h"
#include "tests/support/scopes.h"
#include "tests/support/temporary_folder.h"

namespace pacs::tests {

class TestIndex {
 public:
  explicit TestIndex(index::DatabaseOptions options = {}) : options_(std::move(options)) { open(); }

  void reopen() {
    database_.reset();
    open();
  }

  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "index.db"; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] index::Database& database() { return *database_; }
  [[nodiscard]] index::Studies studies() { return index::Studies(*database_); }
  [[nodiscard]] index::Images images() { return index::Images(*database_); }
  [[nodiscard]] index::Ingests ingests() { return index::Ingests(*database_); }
  [[nodiscard]] index::Uploads uploads() { return index::Uploads(*database_); }
  [[nodiscard]] index::UploadSessions sessions() { return index::UploadSessions(*database_); }
  [[nodiscard]] index::Tokens tokens() { return index::Tokens(*database_); }
  [[nodiscard]] index::AuditLog audit_log() { return index::AuditLog(*database_); }
  [[nodiscard]] index::Trash trash() { return index::Trash(*database_); }
  [[nodiscard]] index::ArchiveState state() { return index::ArchiveState(*database_); }

  // Into the trash, until `purge_at`; tells what went there.
  [[nodiscard]] Result<std::vector<index::RemovedImage>> hide(const index::Removal& removal,
                                                              const index::AuditLine& line,
                                                              UnixMillis purge_at = INT64_MAX) {
    const auto images = PACS_TRY(trash().visible(Scopes::everything(), removal, line.time));
    index::HideOrder order{.study_ids = removal.study_ids, .purge_at = purge_at};
    if (!images.empty()) {
      const std::string name = "t" + std::to_string(++tombstones_);
      const auto ids = PACS_TRY(trash().plan({{.name = name, .store = "main"}}));
      order.parts.push_back({.tombstone_id = ids[0]});
      for (const auto& image : images) order.parts[0].image_ids.push_back(image.image_id);
    }
    return trash().hide(order, line);
  }
  // Past the trash, for good.
  [[nodiscard]] Result<std::vector<index::RemovedImage>> remove(const index::Removal& removal,
                                                                const index::AuditLine& line) {
    auto hidden = PACS_TRY(hide(removal, line, line.time));
    static_cast<void>(PACS_TRY(trash().begin_purge(line.time, hidden.size())));
    PACS_TRY(trash().end_purge(hidden, line));
    return hidden;
  }

 private:
  void open() {
    auto opened = index::Database::open(path(), options_);
    ASSERT_TRUE(opened) << to_string(opened.error());
    database_ = std::move(*opened);
  }

  testing_support::TemporaryFolder folder_;
  index::DatabaseOptions options_;
  std::unique_ptr<index::Database> database_;
  int tombstones_ = 0;
};

inline index::AuditLine audit_line(std::string action = "test", UnixMillis time = 1'000) {
  index::AuditLine line;
  line.time = time;
  line.actor = "tester";
  line.action = std::move(action);
  line.request_id = "request-1";
  return line;
}

inline dicom::StudyUid study_uid(const std::string& text) { return *dicom::StudyUid::parse(text); }
inline dicom::SeriesUid series_uid(const std::string& text) {
  return *dicom::SeriesUid::parse(text);
}
inline dicom::SopInstanceUid image_uid(const std::string& text) {
  return *dicom::SopInstanceUid::parse(text);
}
inline Sha256Digest digest_of(const std::string& content) { return sha256(as_bytes(content)); }

// A CT image of `study`, told apart from others by its UIDs; its bytes are named by `content`.
inline index::Ingest ingest_of(const std::string& study, const std::string& series,
                               const std::string& image, const std::string& content = "bytes") {
  index::Ingest ingest{
      .study_uid = study_uid(study),
      .series_uid = series_uid(series),
      .image_uid = image_uid(image),
      .image = index::ImageAttributes{.filename = "image.dcm",
                                      .key = *ObjectKey::parse("radiology/" + study + "/" + series +
                                                               "/" + image + "/image.dcm")}};
  ingest.study.patient_id = "P1";
  ingest.study.patient_name = "Doe^John";
  ingest.study.study_date = "2026-01-31";
  ingest.study.description = "Thorax";
  ingest.series.number = 1;
  ingest.series.modality = "CT";
  ingest.image.store = "main";
  ingest.image.sha256 = digest_of(image + content);
  ingest.image.size_bytes = 1000;
  ingest.image.mime_type = "application/dicom";
  ingest.image.transfer_syntax = "1.2.840.10008.1.2.1";
  ingest.image.sop_class_uid = "1.2.840.10008.5.1.4.1.1.2";
  ingest.image.owner = "alice";
  ingest.image.stored_at = 5'000;
  ingest.metadata_json = R"({"00080018":{"vr":"UI","Value":[")" + image + "\"]}}";
  return ingest;
}

inline Uuid uuid_of(const std::string& name) {
  return Uuid::from_name(*Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), name);
}

// An announcement of `owner`; the same name is the same image_uuid.
inline index::AnnounceRequest announcement(const std::string& name, const std::string& study,
                                           const std::string& owner = "alice") {
  index::AnnounceRequest request{.key = {owner, uuid_of(name)},
                                 .study_uid = study_uid(study),
                                 .derived_study_uid = study_uid(uuid_of("study " + name).str())};
  request.owner_name = "Alice";
  request.filename = name + ".dcm";
  request.file_size = 1000;
  request.mime_type = "application/dicom";
  request.checksum = digest_of(name);
  request.image_metadata = R"({"modality":"CT","study_uid":")" + study + "\"}";
  return request;
}

// The value, or a failed test that names the error.
template <typename T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << to_string(result.error());
    // A test cannot go on without it.
    throw std::runtime_error(to_string(result.error()));
  }
  return std::move(*result);
}
inline void must(const Result<void>& result) {
  if (!result) ADD_FAILURE() << to_string(result.error());
}

template <typename T>
std::string reason_of(const Result<T>& result) {
  return result ? "success" : result.error().reason;
}

}  // namespace pacs::tests
