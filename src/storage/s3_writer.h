// Writes objects whole: in one request, or from 16 MB on in parts that go up side by side. What it
// reports as written is there; what it cannot be sure of it looks up.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "core/bytes_at_rest.h"
#include "core/crypto.h"
#include "core/s3_settings.h"
#include "storage/s3_client.h"
#include "storage/s3_metadata.h"
#include "storage/s3_objects.h"

namespace pacs::storage {

struct S3PartSizes {
  // One request costs less than three; a part that fails is sent again alone.
  uint64_t multipart_from = uint64_t{16} << 20;
  uint64_t part_bytes = uint64_t{16} << 20;  // grows, so that parts_max of them suffice
  uint64_t parts_max = 10'000;               // S3's own limit
  unsigned parts_at_once = 4;
};

// Any thread. What is passed by reference outlives it.
class S3Writer {
 public:
  enum class Condition {
    none,    // replaces what there is
    absent,  // never replaces: `already_exists` (reason "key_occupied")
  };

  S3Writer(S3Client& client, const S3Objects& objects, S3ObjectParameters parameters,
           S3PartSizes sizes, Random& random)
      : client_(client),
        objects_(objects),
        parameters_(std::move(parameters)),
        sizes_(sizes),
        random_(random) {}

  // Asks the store what it can: does If-None-Match hold, is what should be encrypted encrypted.
  // `unsupported` (reason "not_encrypted") when it says yes and does not; success where nothing may
  // be written (a read-only account can still read).
  [[nodiscard]] Result<void> probe();
  // False: two that create one key at once from two processes may both succeed.
  [[nodiscard]] bool creates_conditionally() const { return creates_conditionally_; }

  // Tells the ETag. One caller a key at a time for Condition::absent. Errors: those of S3Objects,
  // "key_occupied", `unsupported` ("not_encrypted": the object is gone again). After `unavailable`
  // the object may be there, or appear yet.
  [[nodiscard]] Result<std::string> put(const BytesAtRest& bytes, std::string_view key,
                                        const S3Metadata& metadata, std::string_view content_type,
                                        Condition condition);
  [[nodiscard]] Result<std::string> put_text(std::string_view key, std::string text,
                                             std::string_view content_type, Condition condition);

  // S3Objects::copy with what AWS_S3_OBJECT_PARAMETERS adds to every object. `unsupported`
  // ("not_encrypted": the copy is gone again, unless it took the place of its source).
  [[nodiscard]] Result<void> copy(std::string_view from, std::string_view to,
                                  http::Headers headers) const;

  [[nodiscard]] std::string new_id() const;

 private:
  struct Upload;
  void add_parameters(http::Headers& headers) const;
  [[nodiscard]] Result<std::string> put_once(S3Request request, const std::string& write_id,
                                             const std::string& md5, Condition condition);
  [[nodiscard]] Result<S3Answer> send_put(S3Request& request, Condition condition);
  [[nodiscard]] Result<std::string> put_in_parts(const BytesAtRest& bytes, S3Request begin,
                                                 const S3Metadata& metadata, Condition condition);
  [[nodiscard]] Result<void> send_parts(Upload& upload);
  [[nodiscard]] Result<std::string> send_part(const Upload& upload, size_t index);
  [[nodiscard]] Result<void> complete(const Upload& upload, Condition condition);
  [[nodiscard]] Result<std::string> confirm(std::string_view key, const std::string& write_id,
                                            uint64_t size_bytes, Condition condition);
  [[nodiscard]] Result<void> refuse_if_occupied(std::string_view key) const;
  [[nodiscard]] Result<void> check_encryption(const S3Answer& answer) const;

  S3Client& client_;
  const S3Objects& objects_;
  const S3ObjectParameters parameters_;
  const S3PartSizes sizes_;
  Random& random_;
  std::atomic<bool> creates_conditionally_{true};
};

}  // namespace pacs::storage
