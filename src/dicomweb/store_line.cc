#include "dicomweb/store_line.h"

#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "core/log.h"

namespace pacs::dicomweb {

StoreLine::StoreLine(archive::StoreService& store, const archive::StoreRequest& request,
                     StoreHelpers& helpers)
    : store_(store), request_(request), helpers_(helpers) {}

StoreLine::~StoreLine() { static_cast<void>(finish()); }

void StoreLine::add(archive::ReceivedImage image) {
  Task task{std::move(image), 0};
  {
    const std::lock_guard lock(mutex_);
    task.place = outcomes_.size();
    outcomes_.emplace_back();
  }
  if (!hand_to_helper(task)) run(std::move(task));
}

void StoreLine::add_failure(const Error& error) {
  size_t place = 0;
  {
    const std::lock_guard lock(mutex_);
    place = outcomes_.size();
    outcomes_.emplace_back();
  }
  note(place, {}, error);
}

// False, and nothing done, when every helper is busy and there can be no other.
bool StoreLine::hand_to_helper(Task& task) {
  {
    const std::lock_guard lock(mutex_);
    if (idle_ > 0) {
      --idle_;
      tasks_.push_back(std::move(task));
      changed_.notify_one();
      return true;
    }
  }
  if (threads_.size() == kHelpersMax || !helpers_.try_acquire()) return false;
  try {
    threads_.emplace_back([this] { help(); });
  } catch (const std::system_error&) {  // no more threads on this machine
    helpers_.release();
    return false;
  }
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  changed_.notify_one();
  return true;
}

void StoreLine::help() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !tasks_.empty() || is_ending_; });
    if (tasks_.empty()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    run(std::move(task));
    lock.lock();
    ++idle_;
  }
}

void StoreLine::run(Task task) {
  archive::ObjectName name;
  Result<archive::StoreOutcome> stored = internal_error("exception", "");
  // What a library throws must not leave a thread of ours.
  try {
    stored = store_.store_received(request_, std::move(task.image), &name);
  } catch (const std::bad_alloc&) {
    stored = resource_exhausted("no_memory", "the server is short of memory, try again later");
  } catch (const std::exception& thrown) {
    stored = internal_error("exception", thrown.what());
  }
  note(task.place, std::move(name), std::move(stored));
}

void StoreLine::note(size_t place, archive::ObjectName name, Result<archive::StoreOutcome> stored) {
  InstanceOutcome outcome;
  outcome.name = std::move(name);
  if (stored) {
    const index::ImageRecord& image = stored->image;
    outcome.name = {image.attributes.sop_class_uid, image.image_uid.to_dicom()};
    outcome.study_uid = image.study_uid.to_dicom();
    outcome.series_uid = image.series_uid.to_dicom();
  } else {
    outcome.failure = failure_reason_of(stored.error());
    log_info("stow_instance_refused",
             {{"request_id", request_.actor.request_id}, {"error", to_string(stored.error())}});
  }
  const std::lock_guard lock(mutex_);
  outcomes_[place] = std::move(outcome);
  if (stored) {
    ++stored_;
  } else if (!trouble_ && is_trouble_of_archive(stored.error())) {
    trouble_ = stored.error();
  }
}

std::optional<Error> StoreLine::find_reason_to_stop() const {
  const std::lock_guard lock(mutex_);
  return stored_ == 0 ? trouble_ : std::nullopt;
}

size_t StoreLine::finish() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    changed_.notify_all();
  }
  for (std::jthread& thread : threads_) {
    thread.join();
    helpers_.release();
  }
  threads_.clear();
  const std::lock_guard lock(mutex_);
  return stored_;
}

}  // namespace pacs::dicomweb
