// The steps of one announcement inside a write transaction.
#pragma once

#include "core/result.h"
#include "index/audit_line.h"
#include "index/study_rows.h"
#include "index/upload_rows.h"
#include "index/uploads.h"

namespace pacs::index {

class WriteTransaction;

class AnnounceTransaction {
 public:
  // `reserved_study_id`: for the study, where it makes one; 0: SQLite gives the next.
  AnnounceTransaction(WriteTransaction& transaction, const AnnounceRequest& request,
                      int64_t reserved_study_id);

  // See Uploads::announce. After an error the caller rolls back.
  [[nodiscard]] Result<AnnounceOutcome> run(AuditLine line);

 private:
  [[nodiscard]] Result<void> check_session() const;
  // True when the client says the same as before.
  [[nodiscard]] bool is_same(const UploadRecord& known) const;
  [[nodiscard]] Result<AnnounceOutcome> create(UnixMillis now);
  [[nodiscard]] Result<AnnounceOutcome> repeat(const UploadRecord& known, UnixMillis now);
  [[nodiscard]] Result<void> take_over(UploadRecord& upload, UnixMillis now);
  [[nodiscard]] Result<dicom::StudyUid> provisional_uid() const;
  [[nodiscard]] Result<int64_t> settle_study(UnixMillis now);

  WriteTransaction& transaction_;
  const AnnounceRequest& request_;
  const int64_t reserved_study_id_;
  StudyRows studies_;
  UploadRows uploads_;
};

// The study that the announced image joins: the declared one, else the order's first, else the one
// of the derived UID.
[[nodiscard]] Result<std::optional<KnownStudy>> find_announced_study(
    Connection& connection, const AnnounceRequest& request);

// METADATA_UPLOADED again, once more.
void begin_retry(UploadRecord& upload);

// The UID of the upload's study into the line, unless it has one.
[[nodiscard]] Result<void> fill_study_uid(WriteTransaction& transaction, const UploadRecord& upload,
                                          AuditLine& line);

}  // namespace pacs::index
