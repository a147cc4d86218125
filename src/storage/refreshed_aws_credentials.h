// Credentials that are lent for a while: fetched anew before they end, by one caller at a time,
// while the others go on with the old ones.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

#include "core/clock.h"
#include "storage/aws_credential_source.h"

namespace pacs::storage {

class RefreshedAwsCredentials final : public AwsCredentialSource {
 public:
  using Find = std::function<Result<AwsCredentials>()>;

  // `clock` outlives the object. `find` may take seconds; it is never called by two at once.
  RefreshedAwsCredentials(Find find, const Clock& clock) : find_(std::move(find)), clock_(clock) {}

  [[nodiscard]] Result<AwsCredentials> get() override;
  void give_up(const AwsCredentials& refused) override;

 private:
  [[nodiscard]] bool is_usable(UnixMillis now) const;
  void keep(AwsCredentials found, UnixMillis now);

  const Find find_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable fetched_;
  std::optional<AwsCredentials> current_;  // guarded by mutex_, as all below
  UnixMillis refresh_at_ = 0;
  bool is_fetching_ = false;
};

}  // namespace pacs::storage
