#include "archive/claims.h"

namespace pacs::archive {

Result<Claims::Claim> Claims::claim(const dicom::SopInstanceUid& uid,
                                    std::chrono::milliseconds timeout) {
  return claim_name(uid.to_dicom(), timeout,
                    "the same image is being stored by another request; try again");
}

Result<Claims::Claim> Claims::claim_order(const index::OrderReference& order,
                                          std::chrono::milliseconds timeout) {
  return claim_name("order:" + to_string(order), timeout,
                    "the first image of this order is being stored by another request; try again");
}

Result<Claims::Claim> Claims::claim_tombstones(std::chrono::milliseconds timeout) {
  return claim_name("tombstones", timeout, "other images are being removed; try again");
}

Result<Claims::Claim> Claims::claim_name(std::string name, std::chrono::milliseconds timeout,
                                         const char* busy) {
  std::unique_lock lock(mutex_);
  if (!released_.wait_for(lock, timeout, [&] { return !held_.contains(name); })) {
    return unavailable("busy", busy);
  }
  held_.insert(name);
  return Claim(this, std::move(name));
}

void Claims::release(const std::string& uid) {
  {
    const std::lock_guard lock(mutex_);
    held_.erase(uid);
  }
  released_.notify_all();
}

}  // namespace pacs::archive
