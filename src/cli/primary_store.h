// The store of the settings, where new images go, opened without the archive that it belongs to:
// for what reads or fills it beside a server, or before there is one.
#pragma once

#include <memory>
#include <string_view>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"
#include "core/settings.h"
#include "storage/aws_credential_source.h"
#include "storage/blob_store.h"

namespace pacs::cli {

// What these settings name, as a store of that name. Fills in `credentials` for an object store.
// What is passed by reference outlives the store.
[[nodiscard]] Result<std::unique_ptr<storage::BlobStore>> open_store(
    const Settings& settings, std::string_view name,
    std::unique_ptr<storage::AwsCredentialSource>& credentials, const Clock& clock, Random& random);

// Members are built from the top and destroyed from the bottom.
struct PrimaryStore {
  [[nodiscard]] static Result<std::unique_ptr<PrimaryStore>> open(const Settings& settings);

  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<storage::AwsCredentialSource> credentials;  // none on the filesystem
  std::unique_ptr<storage::BlobStore> blobs;
};

}  // namespace pacs::cli
