// Uploads in pieces over links that break (tus 1.0): what is told to be here is on stable storage,
// and an upload that has become whole goes the way of every other image.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "archive/guarded_clock.h"
#include "archive/offline_uploads.h"
#include "archive/piece_digest.h"
#include "archive/piece_writer.h"
#include "archive/store.h"
#include "archive/stores.h"
#include "archive/upload_turns.h"
#include "core/crypto.h"
#include "index/resumable_uploads.h"
#include "index/uploads.h"

namespace pacs::archive {

struct ResumableOptions {
  uint64_t upload_bytes_max = uint64_t{4} << 30;
  CheckpointTerms checkpoints;
  // An exam of a thousand slices may wait for a link at once; each is a row and perhaps a file.
  int64_t open_uploads_max = 5000;  // of one owner
  // For a dead connection to let go, and for an image to be stored; then 423.
  std::chrono::milliseconds wait_max{15'000};
};

struct NewUpload {
  uint64_t size_bytes = 0;
  std::string metadata;            // as it was sent
  std::optional<Uuid> image_uuid;  // within it
};

struct Piece {
  std::string upload_id;
  uint64_t offset = 0;
  std::optional<uint64_t> length;  // where it was declared
  std::optional<PieceDigest> digest;
  StoreRequest store;  // for an upload that was not announced: what its metadata say
  std::function<void()> break_off = [] {};  // see UploadTurns::take
};

// Any thread. An upload belongs to the actor that began it: for anybody else not_found
// (reason "resumable_upload"), as for one that never was or whose time is over.
class ResumableUploadService {
 public:
  ResumableUploadService(StoreService& store, OfflineUploadService& offline_uploads, Stores& stores,
                         index::Database& database, Room& room, index::Scope archive_scope,
                         GuardedClock& clock, Random& random, Metrics& metrics,
                         ResumableOptions options);

  // Success: it waits for its bytes. Errors: invalid_argument/empty_file; size_mismatch against
  // what was announced; resource_exhausted/too_large, too_many_uploads, no_space.
  [[nodiscard]] Result<index::ResumableUpload> create(const Actor& actor, const NewUpload& wanted);

  // As it is now. Waits for one that is being stored, and makes a dead connection let go, so that
  // nothing more comes in behind the offset that is told here.
  [[nodiscard]] Result<index::ResumableUpload> find(const Actor& actor, const std::string& id);

  // As it is, without waiting for anybody.
  [[nodiscard]] Result<index::ResumableUpload> get(const Actor& actor, const std::string& id) const;

  // The image of a stored one; nothing when it was removed.
  [[nodiscard]] Result<std::optional<index::ImageRecord>> image_of(
      const index::ResumableUpload& upload) const;

  // Success: the bytes are on stable storage; the last ones: the image is stored, with all that an
  // acknowledgement means. At the end of a stored upload, with nothing to add: the same again.
  // Failure: as PieceWriter::write says. When the whole is refused, the upload has failed, with its
  // bytes gone; it tells the same error from then on. Where the reason lies with us, only a client
  // that sends the last piece again is needed. Errors: those of the writer and of
  // StoreService::store_staged; conflict/offset_mismatch, upload_in_use.
  [[nodiscard]] Result<index::ResumableUpload> append(const Actor& actor, Piece piece,
                                                      ByteSource& body);

  // Success: it is gone with its bytes. What was stored stays stored.
  [[nodiscard]] Result<void> remove(const Actor& actor, const std::string& id);

  // Before the first request: takes away what a crash left in staging, and begins uploads anew
  // whose bytes are not there any more. Tells how many files went.
  [[nodiscard]] Result<uint64_t> settle_staging();

  // Ends uploads whose time is over. Tells how many.
  [[nodiscard]] Result<uint64_t> expire();

 private:
  Result<std::unique_ptr<storage::StagedBlob>> open_staged(index::ResumableUpload& upload);
  Result<void> begin_anew(index::ResumableUpload& upload);
  Result<index::ResumableUpload> finish(const Actor& actor, index::ResumableUpload upload,
                                        const StoreRequest& request,
                                        std::unique_ptr<storage::StagedBlob> staged,
                                        UploadTurns::Turn& turn);
  Result<int64_t> store_whole(const Actor& actor, const index::ResumableUpload& upload,
                              const StoreRequest& request,
                              std::unique_ptr<storage::StagedBlob> staged);
  void refuse(const Actor& actor, const index::ResumableUpload& upload,
              const std::string& staged_id, const Error& error);
  void keep_for_retry(index::ResumableUpload upload, UploadTurns::Turn& turn);
  [[nodiscard]] UnixMillis expiry();
  [[nodiscard]] Result<void> clean_strays();

  StoreService& store_;
  OfflineUploadService& offline_uploads_;
  Stores& stores_;
  Room& room_;
  index::ResumableUploads uploads_;
  index::Uploads announcements_;
  index::Images images_;
  const index::Scope archive_scope_;
  GuardedClock& clock_;
  Random& random_;
  const ResumableOptions options_;
  UploadTurns turns_;
  Counter& created_total_;
  Counter& stored_total_;
  Counter& failed_total_;
  Counter& expired_total_;
};

}  // namespace pacs::archive
