// The offline upload: metadata first, then the bytes, then the acknowledgement with a receipt that
// lets the client delete its only copy.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "archive/store.h"
#include "index/uploads.h"

namespace pacs::archive {

// What a receipt says, in the order in which it is signed.
struct ReceiptFields {
  Uuid image_uuid;
  dicom::SopInstanceUid image_uid;
  Sha256Digest sha256;
  int64_t file_size = 0;
  ObjectKey file_key;
  UnixMillis stored_at = 0;
};

// Signs and writes a receipt as JSON. Any thread.
using ReceiptWriter = std::function<std::string(const ReceiptFields&)>;

struct Announcement {
  Uuid image_uuid;
  std::optional<index::OrderReference> order;
  std::string filename;
  int64_t file_size = 0;
  std::string mime_type;
  Sha256Digest checksum;
  DeclaredMetadata declared;
  std::optional<int64_t> session_id;
  std::optional<int64_t> sequence_number;
};

// What the client can mend by sending something else, and only so; the rest is ours, and worth a
// retry as it is.
[[nodiscard]] bool is_clients_fault(const Error& error);

struct ReceivedBinary {
  StoreOutcome::Kind kind = StoreOutcome::Kind::stored;
  index::UploadRecord upload;
  index::ImageRecord image;
};

// Any thread. An image_uuid belongs to the actor that announced it.
class OfflineUploadService {
 public:
  OfflineUploadService(StoreService& store, index::Database& database, Room& room,
                       index::Scope archive_scope, const Clock& clock, ReceiptWriter write_receipt,
                       index::PatientMismatch patient_mismatch);

  // See index::Uploads::announce for what becomes of a repeated one, and the errors;
  // resource_exhausted/no_space when there is no room for its bytes.
  [[nodiscard]] Result<index::AnnounceOutcome> announce(const Actor& actor,
                                                        const Announcement& announcement);

  // The bytes of what was announced: errors of StoreService::store, and
  // conflict/metadata_missing. What the client can mend makes the record FAILED with the reason.
  [[nodiscard]] Result<ReceivedBinary> receive(const Actor& actor, const Uuid& image_uuid,
                                               ByteSource& body);

  // The same of bytes that are staged already; see StoreService::store_staged for what a failure
  // leaves of them.
  [[nodiscard]] Result<ReceivedBinary> receive_staged(const Actor& actor, const Uuid& image_uuid,
                                                      std::unique_ptr<storage::StagedBlob> staged);

  // The record with its receipt, which stays the same word for word, whatever becomes of the image
  // later. conflict/bytes_missing, conflict/metadata_missing.
  [[nodiscard]] Result<index::UploadRecord> acknowledge(const Actor& actor, const Uuid& image_uuid);

  // A FAILED record waits for its bytes again. `not_found`.
  [[nodiscard]] Result<index::UploadRecord> retry(const Actor& actor, const Uuid& image_uuid);

 private:
  Result<index::UploadRecord> announced(const Actor& actor, const Uuid& image_uuid) const;
  Result<ReceivedBinary> settle(const Actor& actor, const index::UploadKey& key,
                                Result<StoreOutcome> outcome);

  StoreService& store_;
  Room& room_;
  index::Uploads uploads_;
  index::Images images_;
  const index::Scope archive_scope_;
  const Clock& clock_;
  const ReceiptWriter write_receipt_;
  const index::PatientMismatch patient_mismatch_;
};

}  // namespace pacs::archive
