// One piece of a resumable upload on its way into staging: from time to time what has arrived is
// made durable and recorded, so that a cut costs little. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "archive/guarded_clock.h"
#include "archive/piece_digest.h"
#include "archive/room.h"
#include "archive/upload_turns.h"
#include "core/stream.h"
#include "index/resumable_uploads.h"
#include "storage/staged_blob.h"

namespace pacs::archive {

struct CheckpointTerms {
  // What a crash of the server costs a client at most: a second on a fast link, five on a slow one.
  uint64_t step_bytes = 8 * 1024 * 1024;
  std::chrono::milliseconds interval{5000};
  std::chrono::seconds life{7 * 24 * 3600};  // of an upload that nobody goes on with
};

class PieceWriter {
 public:
  // `upload` is kept up to date with what is recorded; all outlive the writer. `digest` may be
  // null; with one, nothing counts before the piece has ended and matched.
  PieceWriter(index::ResumableUploads& uploads, Room& room, GuardedClock& clock,
              const CheckpointTerms& terms, index::ResumableUpload& upload, PieceDigest* digest,
              UploadTurns::Turn& turn)
      : uploads_(uploads),
        room_(room),
        clock_(clock),
        terms_(terms),
        upload_(upload),
        digest_(digest),
        turn_(turn) {}

  // Appends the whole body to `staged`, which has exactly the durable bytes.
  // Success: the bytes are in `staged`; is_whole() tells whether any are missing. Failure: what had
  // arrived is durable and recorded as far as possible, but nothing of a piece with a digest.
  // Errors: those of the body and the disk, of Room::check(), resource_exhausted/too_large,
  // invalid_argument/piece_checksum_mismatch, unavailable/upload_taken_over.
  [[nodiscard]] Result<void> write(storage::StagedBlob& staged, ByteSource& body);

  // Makes what is staged durable and records it; the last byte is never recorded (see
  // index::ResumableUpload::durable_bytes).
  [[nodiscard]] Result<void> checkpoint(storage::StagedBlob& staged);

  [[nodiscard]] bool is_whole(const storage::StagedBlob& staged) const {
    return staged.size_bytes() == static_cast<uint64_t>(upload_.size_bytes);
  }

 private:
  Result<void> take_in(storage::StagedBlob& staged, Bytes bytes);
  Error cut_off(storage::StagedBlob& staged, Error error);
  [[nodiscard]] bool is_checkpoint_due(const storage::StagedBlob& staged) const;

  index::ResumableUploads& uploads_;
  Room& room_;
  GuardedClock& clock_;
  const CheckpointTerms& terms_;
  index::ResumableUpload& upload_;
  PieceDigest* digest_;
  UploadTurns::Turn& turn_;
  std::chrono::steady_clock::time_point checkpoint_at_{};
};

}  // namespace pacs::archive
