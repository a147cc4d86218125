#include "archive/resumable_uploads.h"

#include <array>
#include <set>
#include <utility>

#include "core/log.h"

namespace pacs::archive {
namespace {

using index::ResumableState;
using index::ResumableUpload;
using Manner = UploadTurns::Manner;

constexpr size_t kIdBytes = 16;          // 128 random bits
constexpr int64_t kExpiredAtOnce = 100;  // so that one round is short
// What is in staging without a row is that of a request that still runs, or was refused by a busy
// index.
constexpr std::chrono::hours kStrayAge{24};

Error no_such_upload() {
  return not_found("no_such_resumable_upload", "there is no such upload, or its time is over");
}

Error offset_mismatch() {
  return conflict(
      "offset_mismatch",
      "Upload-Offset is not where this upload ends; ask for its offset and go on there");
}

// Stored in the index: keep the numbers.
enum FailureKind : int64_t {
  kConflict = 1,
  kInvalid = 2,
  kUnsupported = 3,
  kTooLarge = 4,
};

FailureKind kind_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::conflict:
      return kConflict;
    case ErrorCode::unsupported:
      return kUnsupported;
    case ErrorCode::resource_exhausted:
      return kTooLarge;
    default:
      return kInvalid;
  }
}

Error failure_of(const ResumableUpload& upload) {
  switch (upload.failure_kind) {
    case kConflict:
      return conflict(upload.error_code, upload.failure_reason);
    case kUnsupported:
      return unsupported(upload.error_code, upload.failure_reason);
    case kTooLarge:
      return resource_exhausted(upload.error_code, upload.failure_reason);
    default:
      return invalid_argument(upload.error_code, upload.failure_reason);
  }
}

Result<void> check_place(const ResumableUpload& upload, const Piece& piece) {
  if (piece.offset != static_cast<uint64_t>(upload.durable_bytes)) return offset_mismatch();
  const uint64_t room = static_cast<uint64_t>(upload.size_bytes) - piece.offset;
  if (piece.length.value_or(0) > room) {
    return resource_exhausted("piece_too_long", "the piece goes beyond the length of the upload");
  }
  return {};
}

Counter& counter_of(Metrics& metrics, std::string_view outcome) {
  return metrics.counter("pacs_lite_resumable_uploads_total",
                         "Resumable uploads, by what became of them.",
                         {{"outcome", std::string(outcome)}});
}

}  // namespace

ResumableUploadService::ResumableUploadService(StoreService& store,
                                               OfflineUploadService& offline_uploads,
                                               Stores& stores, index::Database& database,
                                               Room& room, index::Scope archive_scope,
                                               GuardedClock& clock, Random& random,
                                               Metrics& metrics, ResumableOptions options)
    : store_(store),
      offline_uploads_(offline_uploads),
      stores_(stores),
      room_(room),
      uploads_(database),
      announcements_(database),
      images_(database),
      archive_scope_(std::move(archive_scope)),
      clock_(clock),
      random_(random),
      options_(options),
      created_total_(counter_of(metrics, "created")),
      stored_total_(counter_of(metrics, "stored")),
      failed_total_(counter_of(metrics, "failed")),
      expired_total_(counter_of(metrics, "expired")) {}

Result<ResumableUpload> ResumableUploadService::create(const Actor& actor,
                                                       const NewUpload& wanted) {
  if (wanted.size_bytes == 0) return invalid_argument("empty_file", "an empty file is no image");
  if (wanted.size_bytes > options_.upload_bytes_max) {
    return resource_exhausted("too_large", "the file is larger than this archive accepts");
  }
  ResumableUpload upload;
  if (wanted.image_uuid) {
    const auto announced = PACS_TRY(
        announcements_.find(archive_scope_, {.owner = actor.id, .image_uuid = *wanted.image_uuid}));
    if (announced && static_cast<uint64_t>(announced->file_size) != wanted.size_bytes) {
      return invalid_argument("size_mismatch",
                              "Upload-Length is not the file_size that was announced");
    }
    if (announced) upload.announced_uuid = wanted.image_uuid;
  }
  PACS_TRY(room_.check(wanted.size_bytes));
  std::array<std::byte, kIdBytes> id{};
  random_.fill(id);
  upload.id = to_hex(id);
  upload.owner = actor.id;
  upload.metadata = wanted.metadata;
  upload.size_bytes = static_cast<int64_t>(wanted.size_bytes);
  upload.created_at = clock_.now();
  upload.expires_at = expiry();
  PACS_TRY(uploads_.create(upload, options_.open_uploads_max,
                           audit_line(actor, clock_, "upload.create")));
  created_total_.add();
  return upload;
}

Result<ResumableUpload> ResumableUploadService::get(const Actor& actor,
                                                    const std::string& id) const {
  auto upload = PACS_TRY(uploads_.find(archive_scope_, actor.id, id));
  if (!upload || upload->expires_at <= clock_.earliest()) return no_such_upload();
  return std::move(*upload);
}

Result<ResumableUpload> ResumableUploadService::find(const Actor& actor, const std::string& id) {
  PACS_TRY(get(actor, id));
  // One that is alive goes on undisturbed: then the last checkpoint is what can be told.
  const auto turn = turns_.take(id, Manner::polite, nullptr, options_.wait_max);
  return get(actor, id);
}

Result<std::optional<index::ImageRecord>> ResumableUploadService::image_of(
    const ResumableUpload& upload) const {
  if (!upload.image_id) return std::optional<index::ImageRecord>();
  return images_.find(archive_scope_, *upload.image_id);
}

Result<ResumableUpload> ResumableUploadService::append(const Actor& actor, Piece piece,
                                                       ByteSource& body) {
  PACS_TRY(get(actor, piece.upload_id));
  auto turn = PACS_TRY(
      turns_.take(piece.upload_id, Manner::polite, std::move(piece.break_off), options_.wait_max));
  ResumableUpload upload = PACS_TRY(get(actor, piece.upload_id));
  if (upload.state == ResumableState::failed) return failure_of(upload);
  PACS_TRY(check_place(upload, piece));
  if (upload.state == ResumableState::stored) return upload;

  auto staged = PACS_TRY(open_staged(upload));
  PACS_TRY(check_place(upload, piece));  // when its bytes were gone
  PieceWriter writer(uploads_, room_, clock_, options_.checkpoints, upload,
                     piece.digest ? &*piece.digest : nullptr, turn);
  PACS_TRY(writer.write(*staged, body));
  if (writer.is_whole(*staged)) {
    return finish(actor, std::move(upload), piece.store, std::move(staged), turn);
  }
  PACS_TRY(writer.checkpoint(*staged));
  return upload;
}

// The staged blob with exactly the durable bytes: what came after the last checkpoint may be torn.
Result<std::unique_ptr<storage::StagedBlob>> ResumableUploadService::open_staged(
    ResumableUpload& upload) {
  if (upload.staged_id.empty()) return stores_.primary().stage();
  const auto durable = static_cast<uint64_t>(upload.durable_bytes);
  auto staged = stores_.primary().reopen_staged(upload.staged_id);
  if (!staged && staged.error().code != ErrorCode::not_found) return staged;
  if (!staged || (*staged)->size_bytes() < durable) {
    PACS_TRY(begin_anew(upload));
    return stores_.primary().stage();
  }
  PACS_TRY((*staged)->truncate(durable));
  return staged;
}

Result<void> ResumableUploadService::begin_anew(ResumableUpload& upload) {
  log_warning("upload_begins_anew", {{"upload", upload.id}, {"lost_bytes", upload.durable_bytes}});
  const std::string staged_id = std::exchange(upload.staged_id, "");
  upload.durable_bytes = 0;
  PACS_TRY(uploads_.record(upload.id, {.expires_at = upload.expires_at}));
  return stores_.primary().discard_staged(staged_id);
}

Result<ResumableUpload> ResumableUploadService::finish(const Actor& actor, ResumableUpload upload,
                                                       const StoreRequest& request,
                                                       std::unique_ptr<storage::StagedBlob> staged,
                                                       UploadTurns::Turn& turn) {
  turn.begin_finishing();
  const std::string staged_id = staged->id();
  const Result<int64_t> image_id = store_whole(actor, upload, request, std::move(staged));
  if (image_id) {
    upload.expires_at = expiry();
    PACS_TRY(uploads_.finish(upload.id, *image_id, upload.expires_at));
    upload.state = ResumableState::stored;
    upload.durable_bytes = upload.size_bytes;
    upload.image_id = *image_id;
    stored_total_.add();
    // Nothing is there any more where it was published; where the image was known already, it is.
    if (const auto gone = stores_.primary().discard_staged(staged_id); !gone) {
      log_warning("staged_upload_left", {{"reason", gone.error().reason}});
    }
    return upload;
  }
  if (is_clients_fault(image_id.error())) {
    refuse(actor, upload, staged_id, image_id.error());
  } else {
    keep_for_retry(std::move(upload), turn);
  }
  return image_id.error();
}

Result<int64_t> ResumableUploadService::store_whole(const Actor& actor,
                                                    const ResumableUpload& upload,
                                                    const StoreRequest& request,
                                                    std::unique_ptr<storage::StagedBlob> staged) {
  if (upload.announced_uuid) {
    return PACS_TRY(
               offline_uploads_.receive_staged(actor, *upload.announced_uuid, std::move(staged)))
        .image.id;
  }
  return PACS_TRY(store_.store_staged(request, std::move(staged))).image.id;
}

void ResumableUploadService::refuse(const Actor& actor, const ResumableUpload& upload,
                                    const std::string& staged_id, const Error& error) {
  const Result<void> failed = uploads_.fail(upload.id,
                                            {.kind = kind_of(error),
                                             .error_code = error.reason,
                                             .reason = error.detail,
                                             .expires_at = expiry()},
                                            audit_line(actor, clock_, "upload.fail"));
  // Whoever sends the last piece again will be told the same.
  if (!failed) {
    log_warning("upload_not_failed", {{"reason", failed.error().reason}});
    return;
  }
  failed_total_.add();
  if (const auto gone = stores_.primary().discard_staged(staged_id); !gone) {
    log_warning("staged_upload_left", {{"reason", gone.error().reason}});
  }
}

// All but the last byte counts, so that the client has something to send when it tries again.
void ResumableUploadService::keep_for_retry(ResumableUpload upload, UploadTurns::Turn& turn) {
  if (upload.staged_id.empty()) return;
  auto staged = stores_.primary().reopen_staged(upload.staged_id);
  if (!staged) return;
  PieceWriter writer(uploads_, room_, clock_, options_.checkpoints, upload, nullptr, turn);
  if (const Result<void> kept = writer.checkpoint(**staged); !kept) {
    log_warning("upload_progress_lost", {{"upload", upload.id}, {"reason", kept.error().reason}});
  }
}

Result<void> ResumableUploadService::remove(const Actor& actor, const std::string& id) {
  PACS_TRY(get(actor, id));
  const auto turn = PACS_TRY(turns_.take(id, Manner::insisting, nullptr, options_.wait_max));
  const ResumableUpload upload = PACS_TRY(get(actor, id));
  PACS_TRY(uploads_.remove(id, audit_line(actor, clock_, "upload.terminate")));
  return stores_.primary().discard_staged(upload.staged_id);
}

Result<uint64_t> ResumableUploadService::settle_staging() {
  std::set<std::string, std::less<>> wanted;
  for (ResumableUpload& upload : PACS_TRY(uploads_.list_staged(archive_scope_))) {
    PACS_TRY(open_staged(upload));
    if (!upload.staged_id.empty()) wanted.insert(upload.staged_id);
  }
  return stores_.primary().clean_staging(std::chrono::seconds(0),
                                         [&](std::string_view id) { return wanted.contains(id); });
}

Result<uint64_t> ResumableUploadService::expire() {
  const Actor nobody{.id = "system", .name = "system", .request_id = ""};
  uint64_t count = 0;
  for (const ResumableUpload& expired :
       PACS_TRY(uploads_.list_expired(archive_scope_, clock_.earliest(), kExpiredAtOnce))) {
    const auto turn =
        turns_.take(expired.id, Manner::polite, nullptr, std::chrono::milliseconds(0));
    if (!turn) continue;
    const auto upload = PACS_TRY(uploads_.find(archive_scope_, expired.owner, expired.id));
    if (!upload || upload->expires_at > clock_.earliest()) continue;
    PACS_TRY(uploads_.remove(upload->id, audit_line(nobody, clock_, "upload.expire")));
    PACS_TRY(stores_.primary().discard_staged(upload->staged_id));
    if (upload->state == ResumableState::open) expired_total_.add();
    ++count;
  }
  PACS_TRY(clean_strays());
  return count;
}

Result<void> ResumableUploadService::clean_strays() {
  // The age of a file goes by the wall clock.
  if (clock_.is_in_doubt()) return {};
  std::set<std::string, std::less<>> wanted;
  for (const ResumableUpload& upload : PACS_TRY(uploads_.list_staged(archive_scope_))) {
    wanted.insert(upload.staged_id);
  }
  PACS_TRY(stores_.primary().clean_staging(
      kStrayAge, [&](std::string_view id) { return wanted.contains(id); }));
  return {};
}

UnixMillis ResumableUploadService::expiry() {
  return clock_.latest() +
         std::chrono::duration_cast<std::chrono::milliseconds>(options_.checkpoints.life).count();
}

}  // namespace pacs::archive
