#include "dicomweb/store_line.h"

#include <exception>
#include <new>
#include <utility>

#include "core/log.h"

namespace pacs::dicomweb {
namespace {

// Of one request: the answer names them all, and nobody shall fill the log.
constexpr size_t kRefusalsLoggedMax = 20;

}  // namespace

StoreLine::StoreLine(archive::StoreService& store, const archive::StoreRequest& request,
                     StoreHelpers& helpers, Metrics& metrics)
    : store_(store), request_(request), helpers_(helpers), metrics_(metrics) {}

StoreLine::~StoreLine() { static_cast<void>(finish()); }

void StoreLine::add(archive::ReceivedImage image) {
  bool may_be_helped = false;
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back({std::move(image), outcomes_.size()});
    outcomes_.emplace_back();
    may_be_helped = helped_ < kHelpedMax;
    if (may_be_helped) ++helped_;
  }
  if (may_be_helped && helpers_.try_run([this] {
        run_next();
        const std::lock_guard lock(mutex_);
        --helped_;
        changed_.notify_all();
      })) {
    return;
  }
  if (may_be_helped) {
    const std::lock_guard lock(mutex_);
    --helped_;
  }
  run_next();
}

void StoreLine::add_failure(const Error& error, archive::ObjectName name) {
  size_t place = 0;
  {
    const std::lock_guard lock(mutex_);
    place = outcomes_.size();
    outcomes_.emplace_back();
  }
  note(place, std::move(name), error);
}

void StoreLine::run_next() {
  std::unique_lock lock(mutex_);
  Task task = std::move(tasks_.front());
  tasks_.pop_front();
  lock.unlock();
  run(std::move(task));
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
    metrics_
        .counter("pacs_lite_uploads_refused_total", "Uploads that were not stored, by reason.",
                 {{"reason", stored.error().reason}})
        .add();
  }
  const std::lock_guard lock(mutex_);
  outcomes_[place] = std::move(outcome);
  if (stored) {
    ++stored_;
    return;
  }
  if (++refused_ <= kRefusalsLoggedMax) {
    log_info("stow_instance_refused",
             {{"request_id", request_.actor.request_id}, {"error", to_string(stored.error())}});
  }
  if (!trouble_ && is_trouble_of_archive(stored.error())) trouble_ = stored.error();
}

std::optional<Error> StoreLine::find_reason_to_stop() const {
  const std::lock_guard lock(mutex_);
  return stored_ == 0 ? trouble_ : std::nullopt;
}

size_t StoreLine::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return helped_ == 0; });
  return stored_;
}

}  // namespace pacs::dicomweb
