// The instances of one request on their way into the archive. While one becomes durable, the next
// ones come in from the network and become durable too: what costs time is the waiting for disks,
// and those who wait together share a commit of the index.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "archive/store.h"
#include "archive/store_request.h"
#include "core/error.h"
#include "core/metrics.h"
#include "dicomweb/failure_reason.h"
#include "dicomweb/store_helpers.h"

namespace pacs::dicomweb {

// What became of one instance. The UIDs are as DICOM has them; those of a failed one are empty as
// far as they are not known.
struct InstanceOutcome {
  archive::ObjectName name;
  std::string study_uid;  // of a stored one, as the next
  std::string series_uid;
  std::optional<FailureReason> failure;
};

// One thread calls it.
class StoreLine {
 public:
  // More do not make a disk faster, and would take the helpers from other requests.
  static constexpr size_t kHelpedMax = 8;

  // All four outlive the line. What is refused is counted as the REST API counts it.
  StoreLine(archive::StoreService& store, const archive::StoreRequest& request,
            StoreHelpers& helpers, Metrics& metrics);
  // Waits for what has been given to it.
  ~StoreLine();
  StoreLine(const StoreLine&) = delete;
  StoreLine& operator=(const StoreLine&) = delete;

  // The next instance. Stores it here and now when no helper is free, so that the network is not
  // read faster than images become durable.
  void add(archive::ReceivedImage image);
  // One that could not even be received, with what is known of its UIDs.
  void add_failure(const Error& error, archive::ObjectName name = {});

  // The archive cannot store at present and nothing has been stored: there is no use in going on.
  [[nodiscard]] std::optional<Error> find_reason_to_stop() const;
  // How many were stored, in the end.
  [[nodiscard]] size_t finish();
  // In the order in which they came; after finish().
  [[nodiscard]] const std::deque<InstanceOutcome>& outcomes() const { return outcomes_; }

 private:
  struct Task {
    archive::ReceivedImage image;
    size_t place;  // among the outcomes
  };

  void run_next();
  void run(Task task);
  void note(size_t place, archive::ObjectName name, Result<archive::StoreOutcome> stored);

  archive::StoreService& store_;
  const archive::StoreRequest& request_;
  StoreHelpers& helpers_;
  Metrics& metrics_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::deque<Task> tasks_;  // each with somebody who is about to take one
  size_t helped_ = 0;       // handed to helpers and not done
  std::deque<InstanceOutcome> outcomes_;
  size_t stored_ = 0;
  size_t refused_ = 0;
  std::optional<Error> trouble_;  // the first
};

}  // namespace pacs::dicomweb
