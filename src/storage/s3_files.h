// Files of a bucket by their names, with nothing of an image about them: what a backup keeps there
// beside its images.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes_at_rest.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"
#include "core/s3_settings.h"
#include "storage/aws_credential_source.h"
#include "storage/blob_reader.h"
#include "storage/s3_client.h"
#include "storage/s3_objects.h"
#include "storage/s3_writer.h"

namespace pacs::storage {

// Any thread; one at a time for one name. Errors: those of S3Objects.
class S3Files {
 public:
  // Success: the bucket is there and may be asked. What is passed by reference outlives it.
  [[nodiscard]] static Result<std::unique_ptr<S3Files>> open(const S3Settings& settings,
                                                             AwsCredentialSource& credentials,
                                                             const Clock& clock, Random& random);

  // Success: the store has confirmed all of them, in place of what had the name before. Failure:
  // the name has the old bytes or the new ones, whole.
  [[nodiscard]] Result<void> put(const std::string& name, const BytesAtRest& bytes);
  [[nodiscard]] Result<void> put_text(const std::string& name, std::string text);

  // `not_found` (reason "no_such_blob"). Must not outlive this.
  [[nodiscard]] Result<std::unique_ptr<BlobReader>> get(const std::string& name);
  // Of a small one; nothing when there is none.
  [[nodiscard]] Result<std::optional<std::string>> read_text(const std::string& name) const;

  // Success also when there was none.
  [[nodiscard]] Result<void> remove(const std::string& name) const;

  // Ends the uploads in parts that a crash has left a day ago or more; tells how many.
  [[nodiscard]] Result<uint64_t> abort_old_uploads(UnixMillis now) const;

  // In byte order, until `visit` says false.
  [[nodiscard]] Result<void> list(std::string_view prefix,
                                  const std::function<bool(const std::string& name)>& visit) const;

 private:
  S3Files(const S3Settings& settings, AwsCredentialSource& credentials, const Clock& clock,
          Random& random)
      : client_(settings, S3ClientOptions(), credentials, clock, random),
        objects_(client_),
        writer_(client_, objects_, settings.object_parameters, S3PartSizes(), random) {}

  S3Client client_;
  const S3Objects objects_;
  S3Writer writer_;
};

}  // namespace pacs::storage
