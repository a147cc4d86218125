#include "archive/piece_writer.h"

#include <algorithm>
#include <utility>

#include "core/log.h"

namespace pacs::archive {
namespace {
constexpr size_t kReceiveBufferBytes = 64 * 1024;  // stays in the processor's cache while hashed
}

Result<void> PieceWriter::write(storage::StagedBlob& staged, ByteSource& body) {
  ByteVector buffer(kReceiveBufferBytes);
  checkpoint_at_ = clock_.monotonic();
  while (true) {
    const uint64_t missing = static_cast<uint64_t>(upload_.size_bytes) - staged.size_bytes();
    // One byte more than is missing tells a piece that is too long.
    const size_t wanted = std::min<uint64_t>(buffer.size(), missing + 1);
    const Result<size_t> count = body.read_some(MutableBytes(buffer).first(wanted));
    if (!count) return cut_off(staged, count.error());
    if (*count == 0) break;
    turn_.heard();
    if (const Result<void> room = room_.check(); !room) return cut_off(staged, room.error());
    if (*count > missing) {
      return cut_off(staged, resource_exhausted("piece_too_long",
                                                "the piece goes beyond the length of the upload"));
    }
    PACS_TRY(take_in(staged, Bytes(buffer).first(*count)));
    if (turn_.is_asked_for()) {
      return cut_off(
          staged, unavailable("upload_taken_over", "another request has taken over this upload"));
    }
  }
  if (digest_ != nullptr && !digest_->matches()) {
    return cut_off(staged, invalid_argument("piece_checksum_mismatch",
                                            "the piece does not have its checksum; send it again"));
  }
  return {};
}

Result<void> PieceWriter::take_in(storage::StagedBlob& staged, Bytes bytes) {
  if (digest_ != nullptr) digest_->update(bytes);
  PACS_TRY(staged.append(bytes));
  if (digest_ == nullptr && !is_whole(staged) && is_checkpoint_due(staged)) {
    return checkpoint(staged);
  }
  return {};
}

bool PieceWriter::is_checkpoint_due(const storage::StagedBlob& staged) const {
  const uint64_t fresh = staged.size_bytes() - static_cast<uint64_t>(upload_.durable_bytes);
  return fresh >= terms_.step_bytes || clock_.monotonic() - checkpoint_at_ >= terms_.interval;
}

// Of a piece that nobody can check any more nothing may count.
Error PieceWriter::cut_off(storage::StagedBlob& staged, Error error) {
  const Result<void> saved = digest_ == nullptr
                                 ? checkpoint(staged)
                                 : staged.truncate(static_cast<uint64_t>(upload_.durable_bytes));
  if (!saved) {
    log_warning("upload_progress_lost", {{"upload", upload_.id}, {"reason", saved.error().reason}});
  }
  return error;
}

Result<void> PieceWriter::checkpoint(storage::StagedBlob& staged) {
  const int64_t durable =
      std::min(static_cast<int64_t>(staged.size_bytes()), upload_.size_bytes - 1);
  // A row without bytes needs nothing in staging.
  if (durable == 0 && upload_.staged_id.empty()) return {};
  PACS_TRY(staged.keep());
  const index::ResumableUploads::Progress progress{
      .staged_id = staged.id(),
      .durable_bytes = durable,
      .expires_at = clock_.latest() +
                    std::chrono::duration_cast<std::chrono::milliseconds>(terms_.life).count()};
  PACS_TRY(uploads_.record(upload_.id, progress));
  upload_.staged_id = progress.staged_id;
  upload_.durable_bytes = progress.durable_bytes;
  upload_.expires_at = progress.expires_at;
  checkpoint_at_ = clock_.monotonic();
  return {};
}

}  // namespace pacs::archive
