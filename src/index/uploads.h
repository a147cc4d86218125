// The offline uploads: metadata first, then the bytes (Ingests::commit), then the acknowledgement.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "dicom/uid.h"
#include "index/audit_line.h"
#include "index/ingest.h"
#include "index/scope.h"
#include "index/study_record.h"
#include "index/upload_record.h"

namespace pacs::index {

class Database;

struct AnnounceRequest {
  UploadKey key;
  std::string owner_name{};
  std::optional<OrderReference> order{};
  std::string filename{};
  int64_t file_size = 0;
  std::string mime_type{};
  Sha256Digest checksum{};
  std::string image_metadata{};  // JSON text; compared without regard to the order of members
  std::optional<int64_t> session_id{};
  std::optional<int64_t> sequence_number{};

  // The study it joins: the declared one, else the order's first, else `derived_study_uid`.
  std::optional<dicom::StudyUid> study_uid{};
  dicom::StudyUid derived_study_uid;
  StudyAttributes study{};
  PatientMismatch patient_mismatch = PatientMismatch::refuse;
};

struct AnnounceOutcome {
  enum class Kind {
    created,
    existed,  // the same again
    updated,  // changed before the bytes, or the same again after a failure
  };
  Kind kind = Kind::created;
  UploadRecord record;
};

struct UploadQuery {
  static constexpr size_t kPageMax = 1000;

  std::vector<UploadStatus> statuses{};  // any of them; empty: all
  std::optional<OrderReference> order{};
  std::optional<int64_t> session_id{};
  std::optional<int64_t> study_id{};
  std::optional<Uuid> image_uuid{};
  enum class Ordering { oldest_first, newest_first };
  Ordering ordering = Ordering::newest_first;
  std::optional<int64_t> after_id{};  // the last record of the page before
  size_t limit = kPageMax;
};

// Any thread. The mutations act on the record of exactly this owner and UUID:
// not_found/upload when there is none, also when another owner has one.
class Uploads {
 public:
  explicit Uploads(Database& database) : database_(database) {}

  // Success: the record is there as METADATA_UPLOADED (or further, when it existed), and its study
  // is visible and counts it as pending. Changed before the bytes: the record is as announced last
  // and its retry_count went up. Failure: nothing has changed. Errors:
  //   conflict/metadata_changed   it differs from what the stored bytes were announced with
  //   conflict/patient_mismatch, conflict/order_mismatch
  //   not_found/session           there is no such session of this owner
  [[nodiscard]] Result<AnnounceOutcome> announce(const AnnounceRequest& request,
                                                 const AuditLine& line);

  // The record is FAILED with this reason; one whose bytes are stored stays as it is.
  [[nodiscard]] Result<UploadRecord> fail(const UploadKey& key, const std::string& failure_reason,
                                          const std::string& error_code, const AuditLine& line);

  // A FAILED record is METADATA_UPLOADED again and its retry_count went up; others stay.
  [[nodiscard]] Result<UploadRecord> retry(const UploadKey& key, const AuditLine& line);

  // The record is ACK_RECEIVED with this receipt, or with its first one when it has one already.
  // conflict/bytes_missing before the bytes.
  [[nodiscard]] Result<UploadRecord> acknowledge(const UploadKey& key, const std::string& receipt,
                                                 const AuditLine& line);

  // Records of an earlier index, whose images are there again; those that are known stay as they
  // are. The ids are new. One audit line for all of them.
  [[nodiscard]] Result<void> restore(const std::vector<UploadRecord>& uploads,
                                     const AuditLine& line);

  [[nodiscard]] Result<std::optional<UploadRecord>> find(const Scope& scope,
                                                         const UploadKey& key) const;
  [[nodiscard]] Result<std::optional<UploadRecord>> find(const Scope& scope, int64_t id) const;
  // invalid_argument/page_size when the limit is out of bounds.
  [[nodiscard]] Result<std::vector<UploadRecord>> list(const Scope& scope,
                                                       const UploadQuery& query) const;

 private:
  Database& database_;
};

}  // namespace pacs::index
