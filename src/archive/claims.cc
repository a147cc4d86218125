#include "archive/claims.h"

namespace pacs::archive {

Result<Claims::Claim> Claims::claim(const dicom::SopInstanceUid& uid,
                                    std::chrono::milliseconds timeout) {
  std::string name = uid.to_dicom();
  std::unique_lock lock(mutex_);
  if (!released_.wait_for(lock, timeout, [&] { return !held_.contains(name); })) {
    return unavailable("busy", "the same image is being stored by another request; try again");
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
