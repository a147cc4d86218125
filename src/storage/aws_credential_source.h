// Where the credentials of an object store come from, and how they stay fresh.
#pragma once

#include <string>
#include <utility>

#include "core/result.h"
#include "storage/aws_credentials.h"

namespace pacs::storage {

// Any thread.
class AwsCredentialSource {
 public:
  virtual ~AwsCredentialSource() = default;

  // Those to sign with now. `unavailable` (reason "no_credentials") when there are none to be had.
  [[nodiscard]] virtual Result<AwsCredentials> get() = 0;

  // The store called these expired: the next get() must not answer the same again, if there are
  // others to be had.
  virtual void give_up(const AwsCredentials& refused) = 0;
};

// Those of the settings, for ever.
class FixedAwsCredentials final : public AwsCredentialSource {
 public:
  explicit FixedAwsCredentials(AwsCredentials credentials) : credentials_(std::move(credentials)) {}
  [[nodiscard]] Result<AwsCredentials> get() override { return credentials_; }
  void give_up(const AwsCredentials& /*refused*/) override {}

 private:
  const AwsCredentials credentials_;
};

}  // namespace pacs::storage
