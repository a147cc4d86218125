// The one thread that writes. It takes all works that wait, runs each in a savepoint of one
// transaction, commits, and then answers all of them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/result.h"
#include "index/audit_chain.h"
#include "index/metadata_codec.h"
#include "index/sqlite_connection.h"

namespace pacs::index {

class WriteTransaction;

class CommitWriter {
 public:
  using Work = std::function<Result<void>(WriteTransaction&)>;

  struct Options {
    size_t waiting_max = 0;
    size_t group_size_max = 0;
    size_t checkpoint_size_bytes = 0;
    size_t page_size_bytes = 0;
  };

  // `connection` writes, `checkpoint_connection` moves the log while the writer goes on; the codec
  // outlives this object.
  CommitWriter(std::unique_ptr<Connection> connection,
               std::unique_ptr<Connection> checkpoint_connection, MetadataCodec& codec,
               AuditChain chain, const Options& options);
  // Does what still waits, then moves the log.
  ~CommitWriter();
  CommitWriter(const CommitWriter&) = delete;
  CommitWriter& operator=(const CommitWriter&) = delete;

  // See Database::write. Any thread but the writer's own.
  [[nodiscard]] Result<void> write(const Work& work);
  [[nodiscard]] bool must_restart() const { return must_restart_.load(); }

 private:
  struct Waiting {
    const Work* work;  // on the stack of the caller, who waits
    std::promise<Result<void>> answer;
    Result<void> result;
  };
  using Group = std::deque<Waiting>;

  void run();
  // Waits for works; an empty group means that it is time to stop.
  [[nodiscard]] Group take_group(size_t last_group_size);
  void commit(Group& group);
  [[nodiscard]] Result<void> run_works(Group& group, AuditChain& chain);
  [[nodiscard]] Result<void> run_in_savepoint(Waiting& waiting, AuditChain& chain);
  void note_failed_sync(const Connection& connection);

  void checkpoint_if_grown();
  void run_checkpoints();

  const Options options_;
  MetadataCodec& codec_;
  std::atomic<bool> must_restart_{false};

  // The writer thread's alone.
  std::unique_ptr<Connection> connection_;
  AuditChain chain_;

  std::mutex mutex_;
  std::condition_variable came_;
  Group waiting_;          // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_

  // The checkpoint thread's alone.
  std::unique_ptr<Connection> checkpoint_connection_;
  std::mutex checkpoint_mutex_;
  std::condition_variable checkpoint_wanted_;
  enum class Checkpoint { idle, wanted, finish_by_writer, stop };
  Checkpoint checkpoint_ = Checkpoint::idle;  // guarded by checkpoint_mutex_

  std::thread checkpoint_thread_;
  std::thread writer_thread_;
};

}  // namespace pacs::index
