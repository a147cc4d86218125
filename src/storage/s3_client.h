// Requests to one bucket: signed anew for each attempt, retried while that can help, and mended
// once where the clock, the region or the session token was wrong.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/s3_settings.h"
#include "core/stream.h"
#include "http/uri.h"
#include "storage/aws_credential_source.h"
#include "storage/s3_address.h"
#include "storage/s3_connections.h"
#include "storage/s3_fault.h"

namespace pacs::storage {

// Bytes to send that can be read again from their beginning, for another attempt.
struct S3Body {
  uint64_t size_bytes = 0;
  std::string sha256;  // hexadecimal
  std::function<std::unique_ptr<ByteSource>()> open;
};

struct S3Request {
  std::string method = "GET";
  std::string key;              // empty: the bucket
  http::QueryParameters query;  // before any escaping
  http::Headers headers;        // besides those of the signature
  std::string text;             // a small body; sent with Content-MD5
  std::optional<S3Body> body;   // a large one
  uint64_t answer_bytes = 0;    // that are asked for, where they are many
  // For what the store does before it answers: it copies, or puts parts together.
  std::chrono::milliseconds working_time{0};
};

struct S3Answer {
  http::ClientResponse response;
  S3Fault fault;  // where the status is none of success
  // An attempt before this one was cut off, and may have been carried out all the same.
  bool may_have_acted_before = false;

  [[nodiscard]] bool is_success() const { return http::is_success(response.status); }
  [[nodiscard]] int status() const { return static_cast<int>(response.status); }
  [[nodiscard]] std::string header(std::string_view name) const {
    return std::string(response.headers.find(name).value_or(""));
  }
  // Without its quotes.
  [[nodiscard]] std::string entity_tag() const;
};

struct S3ClientOptions {
  // A store restarts for longer than this: its callers answer 503 meanwhile, and are asked again.
  int attempts_max = 3;
  std::chrono::milliseconds first_pause_max{400};
  std::chrono::milliseconds deadline{30'000};  // no attempt begins later than that
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds stall_timeout{30'000};
  // An attempt may take so long, and what its bytes take at the slowest line that several share; it
  // waits as long for a connection.
  std::chrono::milliseconds attempt_time{60'000};
  uint64_t bytes_per_second_min = 16'000;
  std::chrono::seconds idle_time_max{5};  // AWS closes at about ten
  size_t connections_max = 32;
  uint64_t answer_bytes_max = uint64_t{16} << 20;  // a list of 1,000 keys of 1 kB has 2 MB
};

// Any thread. What is passed by reference outlives it.
class S3Client {
 public:
  S3Client(const S3Settings& settings, const S3ClientOptions& options,
           AwsCredentialSource& credentials, const Clock& clock, Random& random);

  // The answer of the last attempt, whatever its status. Errors: `unavailable` when every attempt
  // was cut off, `resource_exhausted` ("too_large") for an answer beyond its limit, and what the
  // body or the credentials say. An `unavailable` request may have been carried out.
  [[nodiscard]] Result<S3Answer> send(const S3Request& request);

  [[nodiscard]] std::string region() const;
  // What x-amz-copy-source wants: bucket and key, escaped.
  [[nodiscard]] std::string copy_source_of(std::string_view key) const;
  // How far the store's clock is ahead of ours, by its last answer; nothing before that.
  [[nodiscard]] std::optional<std::chrono::milliseconds> clock_ahead() const;

 private:
  static constexpr int64_t kClockUnknown = INT64_MIN;
  struct Attempts;
  [[nodiscard]] Result<http::ClientResponse> try_once(const S3Request& request,
                                                      const AwsCredentials& credentials);
  void set_deadline(const S3Request& request, http::ClientRequest& http) const;
  [[nodiscard]] bool mend(const S3Answer& answer, const AwsCredentials& credentials,
                          Attempts& attempts);
  [[nodiscard]] bool mend_clock();
  void read_clock(const http::ClientResponse& response);
  [[nodiscard]] bool mend_region(const S3Fault& fault);
  void pause(int attempt);
  [[nodiscard]] bool take_from_budget();

  const S3Settings settings_;
  const S3ClientOptions options_;
  AwsCredentialSource& credentials_;
  const Clock& clock_;
  S3Connections connections_;
  std::atomic<int64_t> clock_offset_ms_{0};             // that requests are dated with
  std::atomic<int64_t> clock_ahead_ms_{kClockUnknown};  // that answers tell
  std::atomic<int> retry_budget_;

  Random& random_;
  mutable std::mutex mutex_;
  std::string region_;  // guarded by mutex_
};

}  // namespace pacs::storage
