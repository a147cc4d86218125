// The objects of a bucket one by one and in lists: everything but writing large ones.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"
#include "storage/s3_answers.h"
#include "storage/s3_client.h"

namespace pacs::storage {

// Nobody uploads parts of one object for a day: what is older was left by a crash.
inline constexpr std::chrono::hours kUploadAgeMin{24};

// Any thread. Errors besides those it names: those of S3Client::send and S3Fault::to_error.
class S3Objects {
 public:
  explicit S3Objects(S3Client& client) : client_(client) {}

  // Success when the bucket is there and may be asked. `unavailable` ("no_such_bucket").
  [[nodiscard]] Result<void> find_bucket() const;
  // Success also when it was ours before.
  [[nodiscard]] Result<void> create_bucket() const;

  // What HEAD answers; nothing when there is no such object.
  [[nodiscard]] Result<std::optional<S3Answer>> find(std::string_view key) const;

  // A small object; nothing when there is none. `resource_exhausted` ("too_large").
  [[nodiscard]] Result<std::optional<std::string>> read_text(std::string_view key) const;

  // Copies within the store, and tells its answer of success; `headers` say with what metadata and
  // on what condition. Up to 5 GiB (`unsupported`, reason "too_large_to_copy").
  [[nodiscard]] Result<S3Answer> copy(std::string_view from, std::string_view to,
                                      http::Headers headers) const;

  // Success also when there was none.
  [[nodiscard]] Result<void> remove(std::string_view key) const;

  // In the byte order of the keys, page by page, until `visit` says false.
  [[nodiscard]] Result<void> list(std::string_view prefix, std::string_view after,
                                  const std::function<bool(S3Listed)>& visit) const;

  // Multipart uploads below a prefix that were begun before that moment and never ended; tells how
  // many.
  [[nodiscard]] Result<uint64_t> abort_uploads(std::string_view prefix, UnixMillis before) const;
  [[nodiscard]] Result<void> abort_upload(std::string_view key, std::string_view upload_id) const;

 private:
  struct AbortedPage {
    uint64_t aborted = 0;
    bool is_truncated = false;
  };
  [[nodiscard]] Result<S3Answer> ask_by_get(const S3Request& head) const;
  [[nodiscard]] Result<AbortedPage> abort_first_uploads(std::string_view prefix,
                                                        UnixMillis before) const;

  S3Client& client_;
};

// The answer, or its fault as an error.
[[nodiscard]] Result<S3Answer> expect_success(Result<S3Answer> answer);

}  // namespace pacs::storage
