#include "http/worker_pool.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <pthread.h>

#include "core/assert.h"
#include "core/log.h"

namespace pacs::http {
namespace {
struct StartArgument {
  WorkerPool* pool;
  Connection* first_job;
};
}  // namespace

WorkerPool::WorkerPool(const WorkerPoolOptions& options, std::function<void(Connection&)> work)
    : options_(options), work_(std::move(work)) {}

WorkerPool::~WorkerPool() { PACS_ASSERT(workers_ == 0); }

bool WorkerPool::submit(Connection& connection) {
  const std::lock_guard lock(mutex_);
  PACS_ASSERT(!finishing_);
  if (!idle_.empty()) {
    Worker* worker = idle_.back();
    idle_.pop_back();
    worker->job = &connection;
    worker->wake.notify_one();
    return true;
  }
  if (workers_ < options_.workers_max && start_worker(connection)) return true;
  // Without any worker nobody would ever look into the queue.
  if (workers_ == 0 || queue_.size() >= options_.queue_length_max) return false;
  queue_.push_back(&connection);
  return true;
}

bool WorkerPool::has_room() const {
  const std::lock_guard lock(mutex_);
  return queue_.empty();
}

bool WorkerPool::wait_until_idle(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout,
                           [&] { return queue_.empty() && idle_.size() == workers_; });
}

void WorkerPool::finish() {
  std::unique_lock lock(mutex_);
  finishing_ = true;
  for (Worker* worker : idle_) worker->wake.notify_one();
  idle_.clear();
  changed_.wait(lock, [&] { return workers_ == 0; });
}

// Called with the lock held.
bool WorkerPool::start_worker(Connection& first_job) {
  auto argument = std::make_unique<StartArgument>(StartArgument{this, &first_job});
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, options_.stack_bytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread{};
  const int failure = pthread_create(&thread, &attributes, start_routine, argument.get());
  pthread_attr_destroy(&attributes);
  if (failure != 0) {
    log_warning("http_worker_not_started", {{"error_number", failure}});
    return false;
  }
  static_cast<void>(argument.release());  // the thread owns it now
  ++workers_;
  return true;
}

void* WorkerPool::start_routine(void* argument) {
  const std::unique_ptr<StartArgument> owned(static_cast<StartArgument*>(argument));
  owned->pool->run(owned->first_job);
  return nullptr;
}

void WorkerPool::run(Connection* job) {
  while (job != nullptr) {
    work_(*job);
    std::unique_lock lock(mutex_);
    job = next_job(lock);
    if (job == nullptr) {
      --workers_;
      changed_.notify_all();  // under the lock: the pool may be gone once it is released
    }
  }
}

Connection* WorkerPool::next_job(std::unique_lock<std::mutex>& lock) {
  if (!queue_.empty()) {
    Connection* job = queue_.front();
    queue_.pop_front();
    return job;
  }
  if (finishing_) return nullptr;
  Worker self;
  idle_.push_back(&self);
  if (idle_.size() == workers_) changed_.notify_all();
  while (self.job == nullptr && !finishing_) {
    const auto woken = self.wake.wait_for(lock, options_.idle_max);
    if (self.job != nullptr || finishing_) break;
    if (woken == std::cv_status::timeout && idle_.size() > options_.workers_idle_min) {
      std::erase(idle_, &self);
      break;
    }
  }
  return self.job;
}

}  // namespace pacs::http
