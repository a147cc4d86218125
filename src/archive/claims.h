// Who is storing which image right now. An ingest claims its image's UID before it publishes, so
// that two senders of one UID cannot overwrite each other even on a store that cannot create
// conditionally. One process owns the index, so the claims live in its memory. Who writes
// tombstones claims all of them, and waits for no image's UID meanwhile.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>

#include "core/result.h"
#include "dicom/uid.h"
#include "index/order.h"

namespace pacs::archive {

// Any thread.
class Claims {
 public:
  // Ends when it goes out of scope. Must not outlive its Claims.
  class Claim {
   public:
    Claim(Claims* claims, std::string uid) : claims_(claims), uid_(std::move(uid)) {}
    Claim(Claim&& other) noexcept
        : claims_(std::exchange(other.claims_, nullptr)), uid_(std::move(other.uid_)) {}
    Claim& operator=(Claim&&) = delete;
    ~Claim() {
      if (claims_ != nullptr) claims_->release(uid_);
    }

   private:
    Claims* claims_;
    std::string uid_;
  };

  // Waits for whoever holds the UID to end, at most `timeout`: `unavailable` (reason "busy") then.
  // A UUID and its 2.25 form are one UID.
  [[nodiscard]] Result<Claim> claim(const dicom::SopInstanceUid& uid,
                                    std::chrono::milliseconds timeout);

  // Who is about to make the first study of an order. Claimed before any image's UID.
  [[nodiscard]] Result<Claim> claim_order(const index::OrderReference& order,
                                          std::chrono::milliseconds timeout);

  [[nodiscard]] Result<Claim> claim_tombstones(std::chrono::milliseconds timeout);

 private:
  Result<Claim> claim_name(std::string name, std::chrono::milliseconds timeout, const char* busy);
  void release(const std::string& uid);

  std::mutex mutex_;
  std::condition_variable released_;
  std::unordered_set<std::string> held_;  // guarded by mutex_
};

}  // namespace pacs::archive
