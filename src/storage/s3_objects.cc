#include "storage/s3_objects.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "http/uri.h"

namespace pacs::storage {
namespace {

// Of this size one request copies no more (S3's own limit).
constexpr uint64_t kCopyBytesMax = uint64_t{5} << 30;
constexpr size_t kRegionBytesMax = 64;
// As many bytes within a store.
constexpr std::chrono::minutes kCopyTimeMax{10};

Error list_stands_still() {
  return unavailable("store_unavailable", "the object store lists the same page again and again");
}

std::string create_bucket_xml(const std::string& region) {
  if (region == "us-east-1" || region.size() > kRegionBytesMax) return {};
  return "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
         "<LocationConstraint>" +
         region + "</LocationConstraint></CreateBucketConfiguration>";
}

}  // namespace

Result<S3Answer> expect_success(Result<S3Answer> answer) {
  if (!answer || answer->is_success()) return answer;
  return answer->fault.to_error();
}

Result<void> S3Objects::find_bucket() const {
  S3Request request;
  request.method = "HEAD";
  S3Answer answer = PACS_TRY(client_.send(request));
  if (answer.status() == 301 || answer.status() == 400 || answer.status() == 403) {
    // HEAD gives no reason; of the one that GET gives the client may mend its region.
    request.method = "GET";
    request.query = {{"list-type", "2"}, {"max-keys", "1"}};
    answer = PACS_TRY(client_.send(request));
  }
  if (answer.is_success()) return {};
  if (answer.status() == 404) {
    return unavailable("no_such_bucket", "the bucket does not exist at this endpoint");
  }
  return answer.fault.to_error();
}

Result<void> S3Objects::create_bucket() const {
  S3Request request;
  request.method = "PUT";
  request.text = create_bucket_xml(client_.region());
  const S3Answer answer = PACS_TRY(client_.send(request));
  if (answer.is_success() || answer.fault.is("BucketAlreadyOwnedByYou")) return {};
  return answer.fault.to_error();
}

// HEAD gives no reason for a refusal, and without one the client can mend neither region nor
// credentials: a GET of one byte has both.
Result<S3Answer> S3Objects::ask_by_get(const S3Request& head) const {
  S3Request get = head;
  get.method = "GET";
  get.headers.set("Range", "bytes=0-0");
  const S3Answer answer = PACS_TRY(client_.send(get));
  // Of an empty object there is no range.
  if (answer.is_success() || answer.status() == 416) return client_.send(head);
  return answer;
}

// HEAD says 404 for a key and for a bucket that is missing: only the first is an answer.
Result<std::optional<S3Answer>> S3Objects::find(std::string_view key) const {
  S3Request request;
  request.method = "HEAD";
  request.key = key;
  S3Answer answer = PACS_TRY(client_.send(request));
  if (answer.status() == 301 || answer.status() == 400 || answer.status() == 403) {
    answer = PACS_TRY(ask_by_get(request));
  }
  if (answer.is_success()) return std::optional<S3Answer>(std::move(answer));
  if (answer.status() != 404) return answer.fault.to_error();
  PACS_TRY(find_bucket());
  return std::optional<S3Answer>();
}

Result<std::optional<std::string>> S3Objects::read_text(std::string_view key) const {
  S3Request request;
  request.key = key;
  S3Answer answer = PACS_TRY(client_.send(request));
  if (answer.is_success()) return std::optional<std::string>(std::move(answer.response.body));
  const Error error = answer.fault.to_error();
  if (error.code == ErrorCode::not_found) return std::optional<std::string>();
  return error;
}

Result<S3Answer> S3Objects::copy(std::string_view from, std::string_view to,
                                 http::Headers headers) const {
  S3Request request;
  request.method = "PUT";
  request.key = to;
  request.headers = std::move(headers);
  request.working_time = kCopyTimeMax;
  // With the bucket, in either style of addressing; escaped as a path is.
  request.headers.set("x-amz-copy-source", client_.copy_source_of(from));
  S3Answer answer = PACS_TRY(client_.send(request));
  if (!answer.is_success()) {
    if (answer.fault.is("EntityTooLarge") || answer.fault.is("InvalidRequest")) {
      const auto there = PACS_TRY(find(from));
      const uint64_t size = there ? parse_unsigned(there->header("Content-Length")).value_or(0) : 0;
      if (size > kCopyBytesMax) {
        return unsupported("too_large_to_copy", "an object store copies at most 5 GiB at once");
      }
    }
    return answer.fault.to_error();
  }
  // The status may have been sent before the work was done: only the body tells.
  PACS_TRY(parse_s3_copy(answer.response.body));
  return answer;
}

Result<void> S3Objects::remove(std::string_view key) const {
  S3Request request;
  request.method = "DELETE";
  request.key = key;
  const S3Answer answer = PACS_TRY(client_.send(request));
  if (answer.is_success()) return {};
  const Error error = answer.fault.to_error();
  if (error.code == ErrorCode::not_found) return {};
  return error;
}

Result<void> S3Objects::list(std::string_view prefix, std::string_view after,
                             const std::function<bool(S3Listed)>& visit) const {
  std::string continuation;
  while (true) {
    S3Request request;
    request.query = {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", std::string(prefix)}};
    if (!continuation.empty()) {
      request.query.emplace_back("continuation-token", continuation);
    } else if (!after.empty()) {
      request.query.emplace_back("start-after", after);
    }
    const S3Answer answer = PACS_TRY(expect_success(client_.send(request)));
    S3ListPage page = PACS_TRY(parse_s3_list(answer.response.body));
    for (S3Listed& listed : page.objects) {
      if (!visit(std::move(listed))) return {};
    }
    if (page.next.empty()) return {};
    // A list that does not get on would go round for ever.
    if (page.next == continuation) return list_stands_still();
    continuation = std::move(page.next);
  }
}

// Those that are aborted are in no list any more: the first page is asked for until it has none.
Result<uint64_t> S3Objects::abort_uploads(std::string_view prefix, UnixMillis before) const {
  uint64_t aborted = 0;
  while (true) {
    const AbortedPage page = PACS_TRY(abort_first_uploads(prefix, before));
    aborted += page.aborted;
    if (!page.is_truncated || page.aborted == 0) return aborted;
  }
}

Result<S3Objects::AbortedPage> S3Objects::abort_first_uploads(std::string_view prefix,
                                                              UnixMillis before) const {
  S3Request request;
  request.query = {{"uploads", ""}, {"encoding-type", "url"}, {"prefix", std::string(prefix)}};
  const S3Answer answer = PACS_TRY(expect_success(client_.send(request)));
  const S3UploadPage listed = PACS_TRY(parse_s3_uploads(answer.response.body));
  AbortedPage page;
  page.is_truncated = listed.is_truncated;
  for (const S3OpenUpload& upload : listed.uploads) {
    if (upload.begun_at >= before) continue;
    PACS_TRY(abort_upload(upload.key, upload.id));
    ++page.aborted;
  }
  return page;
}

Result<void> S3Objects::abort_upload(std::string_view key, std::string_view upload_id) const {
  S3Request request;
  request.method = "DELETE";
  request.key = key;
  request.query = {{"uploadId", std::string(upload_id)}};
  const S3Answer answer = PACS_TRY(client_.send(request));
  if (answer.is_success() || answer.fault.is("NoSuchUpload")) return {};
  return answer.fault.to_error();
}

}  // namespace pacs::storage
