#include "index/commit_writer.h"

#include <chrono>
#include <exception>
#include <iterator>
#include <utility>

#include "core/assert.h"
#include "core/log.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

// After a group of several, its senders are about to come back with their next works. Without this
// pause the first one back is committed alone and all others wait for it. A single writer never
// meets it. It is a fraction of what the fsync of a commit takes.
constexpr std::chrono::microseconds kGatherTime{150};

Error restart_required() {
  return unavailable("restart_required",
                     "Writing to disk has failed; the server must be started anew.");
}

Result<void> rollback(Connection& connection) {
  if (connection.is_autocommit()) return {};
  return connection.run("ROLLBACK");
}

}  // namespace

CommitWriter::CommitWriter(std::unique_ptr<Connection> connection,
                           std::unique_ptr<Connection> checkpoint_connection, MetadataCodec& codec,
                           AuditChain chain, const Options& options)
    : options_(options),
      codec_(codec),
      connection_(std::move(connection)),
      chain_(std::move(chain)),
      checkpoint_connection_(std::move(checkpoint_connection)),
      checkpoint_thread_([this] { run_checkpoints(); }),
      writer_thread_([this] { run(); }) {}

CommitWriter::~CommitWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  came_.notify_all();
  writer_thread_.join();
  {
    const std::lock_guard lock(checkpoint_mutex_);
    checkpoint_ = Checkpoint::stop;
  }
  checkpoint_wanted_.notify_all();
  checkpoint_thread_.join();
  if (must_restart()) return;
  const auto moved = connection_->checkpoint(Connection::CheckpointMode::truncate);
  if (!moved) log_warning("index_checkpoint_at_close", {{"error", to_string(moved.error())}});
}

Result<void> CommitWriter::write(const Work& work) {
  PACS_ASSERT(std::this_thread::get_id() != writer_thread_.get_id());
  std::future<Result<void>> answer;
  {
    const std::lock_guard lock(mutex_);
    if (must_restart()) return restart_required();
    if (waiting_.size() >= options_.waiting_max) {
      return unavailable("busy", "Too many changes wait for the index; try again.");
    }
    waiting_.push_back(Waiting{&work, {}, {}});
    answer = waiting_.back().answer.get_future();
  }
  came_.notify_one();
  return answer.get();
}

void CommitWriter::run() {
  size_t last_group_size = 0;
  while (true) {
    Group group = take_group(last_group_size);
    if (group.empty()) return;
    last_group_size = group.size();
    commit(group);
    for (Waiting& waiting : group) waiting.answer.set_value(std::move(waiting.result));
    checkpoint_if_grown();
  }
}

CommitWriter::Group CommitWriter::take_group(size_t last_group_size) {
  std::unique_lock lock(mutex_);
  came_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  if (last_group_size > 1 && waiting_.size() < last_group_size) {
    came_.wait_for(lock, kGatherTime,
                   [&] { return stopping_ || waiting_.size() >= last_group_size; });
  }
  Group group;
  if (waiting_.size() <= options_.group_size_max) {
    group.swap(waiting_);
  } else {
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(options_.group_size_max);
    group.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
  }
  return group;
}

void CommitWriter::commit(Group& group) {
  AuditChain chain = chain_;
  Result<void> committed =
      must_restart() ? Result<void>(restart_required()) : connection_->run("BEGIN IMMEDIATE");
  if (committed) committed = run_works(group, chain);
  if (committed) committed = connection_->run("COMMIT");
  if (committed) {
    chain_ = std::move(chain);
    return;
  }
  note_failed_sync(*connection_);
  if (const Result<void> undone = rollback(*connection_); !undone) {
    log_error("index_rollback", {{"error", to_string(undone.error())}});
    must_restart_ = true;
  }
  log_error("index_commit", {{"error", to_string(committed.error())},
                             {"works", static_cast<uint64_t>(group.size())}});
  // A work that had failed by itself keeps its own error.
  for (Waiting& waiting : group) {
    if (waiting.result) waiting.result = committed;
  }
}

Result<void> CommitWriter::run_works(Group& group, AuditChain& chain) {
  for (Waiting& waiting : group) PACS_TRY(run_in_savepoint(waiting, chain));
  return {};
}

// Fails only when the transaction as a whole is lost.
Result<void> CommitWriter::run_in_savepoint(Waiting& waiting, AuditChain& chain) {
  PACS_TRY(connection_->run("SAVEPOINT work"));
  AuditChain chain_before = chain;
  try {
    WriteTransaction transaction(*connection_, chain, codec_);
    waiting.result = (*waiting.work)(transaction);
  } catch (const std::exception& exception) {
    // Out of memory, in effect: nothing of ours throws.
    waiting.result = internal_error("exception", exception.what());
  }
  if (connection_->is_autocommit()) {
    // SQLite itself has rolled everything back (disk full, I/O error): all of the group is lost.
    PACS_ASSERT(!waiting.result);
    return waiting.result;
  }
  if (!waiting.result) {
    chain = std::move(chain_before);
    PACS_TRY(connection_->run("ROLLBACK TO work"));
  }
  return connection_->run("RELEASE work");
}

void CommitWriter::note_failed_sync(const Connection& connection) {
  if (!connection.saw_failed_sync() || must_restart_.exchange(true)) return;
  log_error("index_fsync_failed", {{"action", "nothing is written until the next start"}});
}

// The bulk of the log is moved by the checkpoint thread, beside the writer. What the writer has
// added meanwhile is little; it moves that between two groups, so that the next commit finds
// everything moved and starts the log from its beginning. Otherwise, under a steady load, it
// would grow for ever.
void CommitWriter::checkpoint_if_grown() {
  const auto log_size_bytes =
      static_cast<uint64_t>(connection_->log_frames()) * options_.page_size_bytes;
  if (log_size_bytes < options_.checkpoint_size_bytes) return;
  {
    const std::lock_guard lock(checkpoint_mutex_);
    if (checkpoint_ == Checkpoint::idle) {
      checkpoint_ = Checkpoint::wanted;
      checkpoint_wanted_.notify_one();
      return;
    }
    if (checkpoint_ != Checkpoint::finish_by_writer) return;
    checkpoint_ = Checkpoint::idle;
  }
  const auto moved = connection_->checkpoint(Connection::CheckpointMode::passive);
  note_failed_sync(*connection_);
  if (!moved) log_warning("index_checkpoint", {{"error", to_string(moved.error())}});
}

void CommitWriter::run_checkpoints() {
  std::unique_lock lock(checkpoint_mutex_);
  while (true) {
    checkpoint_wanted_.wait(lock, [this] {
      return checkpoint_ == Checkpoint::wanted || checkpoint_ == Checkpoint::stop;
    });
    if (checkpoint_ == Checkpoint::stop) return;
    lock.unlock();
    const auto moved = checkpoint_connection_->checkpoint(Connection::CheckpointMode::passive);
    note_failed_sync(*checkpoint_connection_);
    if (!moved) log_warning("index_checkpoint", {{"error", to_string(moved.error())}});
    lock.lock();
    if (checkpoint_ == Checkpoint::wanted) checkpoint_ = Checkpoint::finish_by_writer;
  }
}

}  // namespace pacs::index
