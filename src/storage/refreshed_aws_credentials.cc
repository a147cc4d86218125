#include "storage/refreshed_aws_credentials.h"

#include <algorithm>
#include <utility>

#include "core/log.h"

namespace pacs::storage {
namespace {

constexpr UnixMillis kBeforeTheEnd = 5 * 60 * 1000;
// Between two attempts while the old ones still hold.
constexpr UnixMillis kRetryAfter = 10 * 1000;
constexpr UnixMillis kNever = INT64_MAX;

}  // namespace

bool RefreshedAwsCredentials::is_usable(UnixMillis now) const {
  return current_ && (current_->expires_at == 0 || now < current_->expires_at);
}

// At nine tenths of their life, or five minutes before its end, whichever comes first.
void RefreshedAwsCredentials::keep(AwsCredentials found, UnixMillis now) {
  const UnixMillis life = found.expires_at - now;
  refresh_at_ = found.expires_at == 0
                    ? kNever
                    : std::min(now + life / 10 * 9,
                               std::max(now + life / 2, found.expires_at - kBeforeTheEnd));
  current_ = std::move(found);
}

Result<AwsCredentials> RefreshedAwsCredentials::get() {
  std::unique_lock lock(mutex_);
  while (true) {
    const UnixMillis now = clock_.now();
    if (is_usable(now) && (now < refresh_at_ || is_fetching_)) return *current_;
    if (!is_fetching_) break;
    fetched_.wait(lock);
  }
  is_fetching_ = true;
  lock.unlock();
  Result<AwsCredentials> found = find_();
  lock.lock();
  is_fetching_ = false;
  fetched_.notify_all();
  const UnixMillis now = clock_.now();
  if (found) {
    keep(std::move(*found), now);
    return *current_;
  }
  if (!is_usable(now)) return found.error();
  log_warning("credentials_not_refreshed", {{"reason", found.error().reason}});
  refresh_at_ = now + kRetryAfter;
  return *current_;
}

void RefreshedAwsCredentials::give_up(const AwsCredentials& refused) {
  const std::lock_guard lock(mutex_);
  if (current_ && current_->session_token == refused.session_token &&
      current_->access_key_id == refused.access_key_id) {
    current_.reset();
  }
}

}  // namespace pacs::storage
