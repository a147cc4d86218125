// Stores beside that of the settings: images moved there, or have not yet moved from there.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/program_settings.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"
#include "storage/aws_credential_source.h"
#include "storage/blob_store.h"

namespace pacs::cli {

// One thread at a time. Outlives the stores that it opens.
class OtherStores {
 public:
  // `clock` and `random` outlive it.
  OtherStores(ProgramSettings program, const Clock& clock, Random& random)
      : program_(std::move(program)), clock_(clock), random_(random) {}

  // "filesystem", "s3" or "minio" with the settings that there are for it, whoever it belongs to.
  // Errors: invalid_argument/store_settings, those of the store.
  [[nodiscard]] Result<std::unique_ptr<storage::BlobStore>> open(std::string_view name);

  // The same, but `unavailable` (reason "store_of_another") unless it belongs to the archive: an
  // unmounted disk has lost no image.
  using ArchiveId = std::function<Result<std::optional<std::string>>()>;
  [[nodiscard]] Result<std::unique_ptr<storage::BlobStore>> open(std::string_view name,
                                                                 const ArchiveId& archive_id);

 private:
  const ProgramSettings program_;
  const Clock& clock_;
  Random& random_;
  std::vector<std::unique_ptr<storage::AwsCredentialSource>> credentials_;
};

}  // namespace pacs::cli
