// The way in of every image, whatever protocol brought it: bytes flow into a staged blob, are
// hashed and described, claimed, published, indexed, and only then acknowledged.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "archive/claims.h"
#include "archive/room.h"
#include "archive/store_request.h"
#include "archive/stores.h"
#include "archive/tombstones.h"
#include "core/clock.h"
#include "core/gate.h"
#include "core/metrics.h"
#include "core/stream.h"
#include "index/audit_log.h"
#include "index/images.h"
#include "index/ingests.h"
#include "index/scope.h"
#include "index/studies.h"
#include "index/trash.h"

namespace pacs::archive {

struct StoreOptions {
  uint64_t image_bytes_max = uint64_t{4} << 30;
  // More fsyncs at once than a disk's queue is deep gain nothing and starve the readers.
  size_t publishes_at_once_max = 32;
  // Who came behind more would wait longer than three times what a publish takes in a busy hour,
  // and is better off being told to come back.
  size_t publishes_waiting_max = 64;
  std::chrono::milliseconds wait_max{30'000};  // for a claim or a gate; then 503
  index::PatientMismatch patient_mismatch = index::PatientMismatch::refuse;
  enum class RefusedBytes { drop, quarantine };
  RefusedBytes refused_bytes = RefusedBytes::drop;  // of a conflict
};

// Bytes on their way in: all there, hashed, in staging, and nothing yet.
struct ReceivedImage {
  std::unique_ptr<storage::StagedBlob> staged;
  Sha256Digest sha256;
};

// Any thread.
class StoreService {
 public:
  // `archive_scope` covers everything: the archive's own look-ups, of which no answer leaves it.
  StoreService(Stores& stores, index::Database& database, Claims& claims, Room& room,
               index::Scope archive_scope, const Clock& clock, Metrics& metrics,
               StoreOptions options);

  // Success: the six things that an acknowledgement means (docs/design/durability.md) hold of the
  // image. The same bytes under the same UID again are success with the first record; an image in
  // the trash is out of it then.
  // Failure: nothing of it is visible, and nothing is left but perhaps an unreferenced blob, where
  // it is not known whether the index committed. Errors:
  //   unsupported/unsupported_media, and those of describe_file()
  //   invalid_argument/size_mismatch, checksum_mismatch
  //   resource_exhausted/too_large, no_space
  //   conflict/uid_conflict, study_mismatch, patient_mismatch, order_mismatch, key_occupied,
  //     id_taken
  //   unavailable/busy (perhaps before a byte was read), and those of the source
  [[nodiscard]] Result<StoreOutcome> store(const StoreRequest& request, ByteSource& body);

  // The two halves of store(), for who takes the next image from the network while this one becomes
  // durable. The first waits for `body` alone; what it gives leaves nothing when it is dropped.
  // `name`, which outlives the call, learns what a DICOM file calls itself, also of one that is
  // refused.
  [[nodiscard]] Result<ReceivedImage> receive(const StoreRequest& request, ByteSource& body);
  [[nodiscard]] Result<StoreOutcome> store_received(const StoreRequest& request,
                                                    ReceivedImage received,
                                                    ObjectName* name = nullptr);

  // As receive(), of a file that is made here: `write` writes exactly that many bytes.
  [[nodiscard]] Result<ReceivedImage> receive_made(
      uint64_t size_bytes, const std::function<Result<void>(ByteSink&)>& write);

  // A place for pieces of which images are to be made, and whether there is room for more of them
  // (unavailable/busy, resource_exhausted/no_space). Leaves nothing when it is dropped.
  [[nodiscard]] Result<std::unique_ptr<storage::StagedBlob>> stage_piece();
  [[nodiscard]] Result<void> check_room() { return room_.check(); }

  // The same of bytes that are in staging already: a resumable upload that has become whole, in a
  // blob of the primary store. They are read once more, not copied. Failure: a blob that was kept
  // can be reopened, unless its bytes went to quarantine; any other is gone.
  [[nodiscard]] Result<StoreOutcome> store_staged(const StoreRequest& request,
                                                  std::unique_ptr<storage::StagedBlob> staged);

  // Takes over a file that lies in the primary store under its key already (an adopted tree),
  // without copying it. The same promises; `not_found` when there is none, conflict/in_trash when
  // it was removed: who takes over a folder did not ask for what is in the trash.
  [[nodiscard]] Result<StoreOutcome> adopt(const StoreRequest& request, const ObjectKey& key);

 private:
  Result<StoreOutcome> publish_and_commit(index::Ingest ingest, ReceivedImage received,
                                          const StoreRequest& request);
  Result<storage::BlobInfo> publish(ReceivedImage received, const index::Ingest& ingest,
                                    const storage::BlobAttributes& attributes);
  Result<void> free_untrusted_key(const index::Ingest& ingest);
  Result<StoreOutcome> commit(const index::Ingest& ingest, const StoreRequest& request);
  Result<StoreOutcome> finish(index::IngestOutcome committed, const index::Ingest& ingest,
                              const StoreRequest& request);
  Result<void> correct_ids(const index::ImageRecord& image, index::Ingest ingest,
                           const StoreRequest& request);
  Result<void> correct_ids_again(storage::BlobStore& store, const storage::BlobReader& blob,
                                 const index::ImageRecord& existing);
  Result<StoreOutcome> store_again(const index::ImageRecord& existing, index::Ingest ingest,
                                   ReceivedImage received, const StoreRequest& request);
  Result<bool> holds_good_bytes(const index::ImageRecord& existing);
  Result<std::optional<dicom::StudyUid>> study_of_order(const StoreRequest& request,
                                                        std::optional<Claims::Claim>& claim);
  Result<std::optional<dicom::StudyUid>> first_study_of(const index::OrderReference& order) const;
  void discard_published(const index::Ingest& ingest, const Error& reason);
  void note_refusal(const index::Ingest& ingest, const StoreRequest& request, const Error& reason);
  Error refuse_conflict(ReceivedImage received, const index::Ingest& ingest,
                        const StoreRequest& request, const char* detail);

  Stores& stores_;
  index::Ingests ingests_;
  index::Images images_;
  index::Studies studies_;
  index::Trash trash_;
  index::AuditLog audit_;
  Tombstones tombstones_;
  Claims& claims_;
  Room& room_;
  const index::Scope archive_scope_;
  const Clock& clock_;
  const StoreOptions options_;
  Gate publish_gate_;
  Counter& stored_total_;
  Counter& stored_bytes_total_;
  Histogram& publish_seconds_;
};

}  // namespace pacs::archive
