// AWS Signature Version 4, in header fields and in the query of a URL. There is one canonicaliser:
// what is signed and what is sent are the same strings.
//   https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
#pragma once

#include <chrono>
#include <string>

#include "core/clock.h"
#include "http/headers.h"
#include "http/uri.h"
#include "storage/aws_credentials.h"

namespace pacs::storage {

// For requests whose body is not hashed; over TLS, or a URL that is signed ahead.
inline constexpr const char* kUnsignedPayload = "UNSIGNED-PAYLOAD";

struct RequestToSign {
  std::string method = "GET";
  // Before any escaping: "/bucket/radiology/…/ä b.dcm". Escaped once, folded nowhere, as S3 has it.
  std::string path = "/";
  http::QueryParameters query;  // before any escaping, in any order
  http::Headers headers;        // all of them are signed; Host must be among them
  std::string payload_hash;     // hexadecimal SHA-256, or kUnsignedPayload
};

// A request in the form in which both sides hash it.
struct CanonicalRequest {
  std::string path;   // escaped: what a URL has to carry
  std::string query;  // escaped and in order: what a URL has to carry
  std::string signed_headers;
  std::string text;
};

[[nodiscard]] CanonicalRequest canonicalise(const RequestToSign& request);

// Which keys of the day sign: region, service and the moment.
struct SigningScope {
  std::string region;
  std::string service = "s3";
  UnixMillis now = 0;

  [[nodiscard]] std::string timestamp() const;  // 20130524T000000Z
  [[nodiscard]] std::string text() const;       // 20130524/us-east-1/s3/aws4_request
};

[[nodiscard]] std::string string_to_sign(const CanonicalRequest& request,
                                         const SigningScope& scope);
// Of that text, hexadecimal.
[[nodiscard]] std::string signature_of(std::string_view string_to_sign,
                                       const AwsCredentials& credentials,
                                       const SigningScope& scope);

struct SignedRequest {
  std::string target;     // path and query of the URL, escaped
  http::Headers headers;  // with Authorization and what else it covers
};

// Adds X-Amz-Date, X-Amz-Security-Token where there is a token, and Authorization.
[[nodiscard]] SignedRequest sign_in_headers(RequestToSign request,
                                            const AwsCredentials& credentials,
                                            const SigningScope& scope);

// The target of a URL that needs no header but Host until `life` is over. The session token is
// signed with it, as S3 has it.
[[nodiscard]] std::string sign_in_query(RequestToSign request, const AwsCredentials& credentials,
                                        const SigningScope& scope, std::chrono::seconds life);

}  // namespace pacs::storage
