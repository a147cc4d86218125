#include "storage/s3_client.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <thread>
#include <utility>

#include "core/log.h"
#include "core/md5.h"
#include "storage/aws_signature.h"

namespace pacs::storage {
namespace {

// What a store in trouble is spared: so many attempts more than it was asked requests, then one for
// every ten that succeed.
constexpr int kRetryBudgetMax = 100 * 10;
constexpr int kRetryCost = 10;
// A store refuses what is dated 15 minutes off; below this the clock is not to blame.
constexpr int64_t kSkewMillisMin = 5 * 60 * 1000;
// Large bodies wait until the store has read the head: a refusal then costs no upload.
constexpr uint64_t kExpectContinueBytesMin = uint64_t{1} << 20;
constexpr int kPauseGrowth = 4;
// What takes a while is given up when it comes to a near standstill.
constexpr uint64_t kSteadyBytesMin = uint64_t{1} << 20;
constexpr uint64_t kSteadyBytesPerSecond = 1000;

std::string md5_base64(std::string_view text) {
  Md5 md5;
  md5.update(as_bytes(text));
  return to_base64(md5.finish());
}

http::ClientOptions http_options(const S3Settings& settings, const S3ClientOptions& options) {
  http::ClientOptions http;
  http.ca_file = settings.ca_bundle_path;
  http.verify_tls = settings.verify_certificate ? http::ClientOptions::VerifyTls::yes
                                                : http::ClientOptions::VerifyTls::no;
  http.connect_timeout = options.connect_timeout;
  http.stall_timeout = options.stall_timeout;
  http.idle_time_max = options.idle_time_max;
  return http;
}

// "Sun, 22 Nov 2026 16:50:00 GMT" (RFC 9110 5.6.7).
std::optional<UnixMillis> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr size_t kLength = 29;
  if (text.size() != kLength || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  if (month == kMonths.end()) return std::nullopt;
  const auto number = std::to_string(month - kMonths.begin() + 1);
  return from_rfc3339(std::string(text.substr(12, 4)) + "-" +
                      (number.size() == 1 ? "0" + number : number) + "-" +
                      std::string(text.substr(5, 2)) + "T" + std::string(text.substr(17, 8)) + "Z");
}

}  // namespace

std::string S3Answer::entity_tag() const {
  std::string tag = header("ETag");
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') {
    tag = tag.substr(1, tag.size() - 2);
  }
  return tag;
}

// What one request has used up of the repairs that it has once each.
struct S3Client::Attempts {
  int made = 0;
  bool clock_mended = false;
  bool region_mended = false;
  bool credentials_mended = false;
};

S3Client::S3Client(const S3Settings& settings, const S3ClientOptions& options,
                   AwsCredentialSource& credentials, const Clock& clock, Random& random)
    : settings_(settings),
      options_(options),
      credentials_(credentials),
      clock_(clock),
      connections_(http_options(settings, options), options.connections_max),
      retry_budget_(kRetryBudgetMax),
      random_(random),
      region_(settings.region) {}

std::string S3Client::region() const {
  const std::lock_guard lock(mutex_);
  return region_;
}

std::string S3Client::copy_source_of(std::string_view key) const {
  return http::percent_encode_path("/" + settings_.bucket + "/" + std::string(key));
}

Result<S3Answer> S3Client::send(const S3Request& request) {
  const auto started = clock_.monotonic();
  Attempts attempts;
  bool may_have_acted = false;
  while (true) {
    const AwsCredentials credentials = PACS_TRY(credentials_.get());
    Result<http::ClientResponse> response = try_once(request, credentials);
    ++attempts.made;
    const bool may_try_again =
        attempts.made < options_.attempts_max && clock_.monotonic() - started < options_.deadline;
    if (!response) {
      const bool was_cut_off = response.error().code == ErrorCode::unavailable;
      if (!was_cut_off || !may_try_again || !take_from_budget()) return response.error();
      // Nobody was there to act on what never left.
      if (response.error().reason != "connect_failed") may_have_acted = true;
      pause(attempts.made);
      continue;
    }
    read_clock(*response);
    S3Answer answer{std::move(*response), {}, may_have_acted};
    if (answer.is_success()) {
      if (retry_budget_ < kRetryBudgetMax) ++retry_budget_;
      return answer;
    }
    answer.fault = parse_s3_fault(answer.response);
    if (!may_try_again) return answer;
    if (mend(answer, credentials, attempts)) continue;
    if (!answer.fault.is_passing() || !take_from_budget()) return answer;
    if (answer.status() >= 500) may_have_acted = true;
    pause(attempts.made);
  }
}

Result<http::ClientResponse> S3Client::try_once(const S3Request& request,
                                                const AwsCredentials& credentials) {
  const std::string region = this->region();
  const S3Address address = address_of_bucket(settings_, region);
  RequestToSign to_sign;
  to_sign.method = request.method;
  to_sign.path = address.path_of(request.key);
  to_sign.query = request.query;
  to_sign.headers = request.headers;
  to_sign.headers.set("Host", address.host);
  to_sign.payload_hash = request.body ? request.body->sha256 : sha256(as_bytes(request.text)).hex();
  to_sign.headers.set("X-Amz-Content-Sha256", to_sign.payload_hash);
  if (!request.text.empty()) to_sign.headers.set("Content-MD5", md5_base64(request.text));
  const SigningScope scope{region, "s3", clock_.now() + clock_offset_ms_.load()};
  SignedRequest signed_request = sign_in_headers(std::move(to_sign), credentials, scope);

  http::ClientRequest http;
  http.method = request.method;
  http.url = address.origin() + signed_request.target;
  http.headers = std::move(signed_request.headers);
  http.response_bytes_max = options_.answer_bytes_max;
  std::unique_ptr<ByteSource> source;
  if (request.body) {
    source = request.body->open();
    http.body_source = source.get();
    http.body_length = request.body->size_bytes;
    if (request.body->size_bytes >= kExpectContinueBytesMin) {
      http.headers.set("Expect", "100-continue");
    }
  } else {
    http.body = request.text;
  }
  set_deadline(request, http);
  S3Connections::Lease connection = PACS_TRY(connections_.lend(http.total_timeout));
  return (*connection).send(http);
}

// A store that answers a byte now and then must not hold a connection, and who waits for it, for
// ever.
void S3Client::set_deadline(const S3Request& request, http::ClientRequest& http) const {
  const uint64_t bytes = request.answer_bytes + (request.body ? request.body->size_bytes : 0);
  const std::chrono::milliseconds transfer(bytes * 1000 / options_.bytes_per_second_min);
  http.total_timeout = options_.attempt_time + transfer + request.working_time;
  // What waits for the store to do something may get a byte a second meanwhile.
  if (bytes >= kSteadyBytesMin) http.bytes_per_second_min = kSteadyBytesPerSecond;
}

// True when something was set right that the next attempt gains by.
bool S3Client::mend(const S3Answer& answer, const AwsCredentials& credentials, Attempts& attempts) {
  const S3Fault& fault = answer.fault;
  if (!attempts.clock_mended && fault.status == 403 && mend_clock()) {
    return attempts.clock_mended = true;
  }
  const bool is_elsewhere = fault.status == 301 || fault.status == 307 || fault.status == 308 ||
                            fault.is("AuthorizationHeaderMalformed");
  if (!attempts.region_mended && is_elsewhere && mend_region(fault)) {
    return attempts.region_mended = true;
  }
  const bool is_expired = fault.is("ExpiredToken") || fault.is("ExpiredTokenException") ||
                          fault.is("TokenRefreshRequired");
  if (!attempts.credentials_mended && is_expired) {
    credentials_.give_up(credentials);
    return attempts.credentials_mended = true;
  }
  return false;
}

void S3Client::read_clock(const http::ClientResponse& response) {
  const auto theirs = parse_http_date(response.headers.find("Date").value_or(""));
  if (theirs) clock_ahead_ms_ = *theirs - clock_.now();
}

std::optional<std::chrono::milliseconds> S3Client::clock_ahead() const {
  const int64_t ahead = clock_ahead_ms_.load();
  if (ahead == kClockUnknown) return std::nullopt;
  return std::chrono::milliseconds(ahead);
}

// HEAD says no code: its date tells as much.
bool S3Client::mend_clock() {
  const int64_t offset = clock_ahead_ms_.load();
  if (offset == kClockUnknown) return false;
  if (std::abs(offset - clock_offset_ms_.load()) < kSkewMillisMin) return false;
  clock_offset_ms_ = offset;
  log_warning("object_store_clock_differs", {{"ahead_ms", offset}});
  return true;
}

// The same bucket in the region that the store named; no other host is ever taken from an answer.
bool S3Client::mend_region(const S3Fault& fault) {
  const std::lock_guard lock(mutex_);
  const bool is_word = !fault.region.empty() && fault.region.size() <= 64 &&
                       std::all_of(fault.region.begin(), fault.region.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                       });
  if (!is_word || fault.region == region_) return false;
  log_warning("object_store_region_differs", {{"region", fault.region}});
  region_ = fault.region;
  return true;
}

// Full jitter: callers that failed together must not come back together.
void S3Client::pause(int attempt) {
  auto longest = options_.first_pause_max;
  for (int i = 1; i < attempt; ++i) longest *= kPauseGrowth;
  std::array<std::byte, 2> bytes{};
  random_.fill(bytes);
  const int64_t share =
      std::to_integer<int64_t>(bytes[0]) << 8 | std::to_integer<int64_t>(bytes[1]);
  std::this_thread::sleep_for(std::chrono::milliseconds(longest.count() * share / 65'536));
}

bool S3Client::take_from_budget() {
  int left = retry_budget_.load();
  while (left >= kRetryCost) {
    if (retry_budget_.compare_exchange_weak(left, left - kRetryCost)) return true;
  }
  return false;
}

}  // namespace pacs::storage
