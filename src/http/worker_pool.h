// Threads with small stacks that run the requests: made on demand, ended when idle.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

namespace pacs::http {

class Connection;

struct WorkerPoolOptions {
  size_t workers_max = 1024;
  size_t workers_idle_min = 2;
  size_t stack_bytes = 256 * 1024;
  size_t queue_length_max = 1024;
  std::chrono::milliseconds idle_max{10'000};
};

class WorkerPool {
 public:
  // `work` runs on the workers, several at once.
  WorkerPool(const WorkerPoolOptions& options, std::function<void(Connection&)> work);
  ~WorkerPool();  // after finish()
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Hands a connection to a worker, or queues it. False, and nothing done, when all workers are
  // busy and the queue is full. Any thread.
  [[nodiscard]] bool submit(Connection& connection);
  // Does nobody wait for a worker? Any thread.
  [[nodiscard]] bool has_room() const;
  // Waits until no worker is busy and the queue is empty; false at the deadline.
  [[nodiscard]] bool wait_until_idle(std::chrono::milliseconds timeout);
  // Ends all workers and waits for them. Nothing may be submitted any more.
  void finish();

 private:
  struct Worker {
    std::condition_variable wake;
    Connection* job = nullptr;
  };

  static void* start_routine(void* argument);
  [[nodiscard]] bool start_worker(Connection& first_job);
  void run(Connection* job);
  // The next job of a worker that has none; nullptr when it should end.
  Connection* next_job(std::unique_lock<std::mutex>& lock);

  const WorkerPoolOptions options_;
  const std::function<void(Connection&)> work_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::deque<Connection*> queue_;
  std::vector<Worker*> idle_;  // the last one to become idle is the first to work again
  size_t workers_ = 0;
  bool finishing_ = false;
};

}  // namespace pacs::http
