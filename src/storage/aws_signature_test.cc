// The signer against what AWS publishes: its own suites in two forms (outside the repository) and
// the worked examples of the S3 API reference, a few of which stand here in our own form.
#include "storage/aws_signature.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "core/crypto.h"
#include "core/file.h"
#include "core/json_value.h"
#include "core/text.h"

namespace pacs::storage {
namespace {

namespace fs = std::filesystem;

constexpr size_t kVectorBytesMax = 1 << 20;

// --- the examples of the S3 API reference -------------------------------------------------------

const AwsCredentials kExampleCredentials{"AKIAIOSFODNN7EXAMPLE",
                                         "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", 0};
const std::string kEmptyHash = sha256({}).hex();

SigningScope example_scope() {
  return {"us-east-1", "s3", from_rfc3339("2013-05-24T00:00:00Z").value()};
}

RequestToSign example_request(std::string path, std::string payload_hash) {
  RequestToSign request;
  request.path = std::move(path);
  request.payload_hash = std::move(payload_hash);
  request.headers.add("Host", "examplebucket.s3.amazonaws.com");
  return request;
}

std::string signature_in(const http::Headers& headers) {
  const std::string authorization(headers.find("Authorization").value_or(""));
  return authorization.substr(authorization.rfind('=') + 1);
}

TEST(AwsSignature, SignsAGetWithARange) {
  RequestToSign request = example_request("/test.txt", kEmptyHash);
  request.headers.add("Range", "bytes=0-9");
  request.headers.add("X-Amz-Content-Sha256", kEmptyHash);
  const SignedRequest signed_request =
      sign_in_headers(request, kExampleCredentials, example_scope());
  EXPECT_EQ(signed_request.target, "/test.txt");
  EXPECT_EQ(signature_in(signed_request.headers),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(AwsSignature, SignsAPutWhosePathMustBeEscaped) {
  const std::string hash = sha256(as_bytes("Welcome to Amazon S3.")).hex();
  RequestToSign request = example_request("/test$file.text", hash);
  request.method = "PUT";
  request.headers.add("Date", "Fri, 24 May 2013 00:00:00 GMT");
  request.headers.add("x-amz-storage-class", "REDUCED_REDUNDANCY");
  request.headers.add("x-amz-content-sha256", hash);
  const SignedRequest signed_request =
      sign_in_headers(request, kExampleCredentials, example_scope());
  EXPECT_EQ(signed_request.target, "/test%24file.text");
  EXPECT_EQ(signature_in(signed_request.headers),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(AwsSignature, SignsAListWhoseQueryMustBeSorted) {
  RequestToSign request = example_request("/", kEmptyHash);
  request.query = {{"prefix", "J"}, {"max-keys", "2"}};
  request.headers.add("x-amz-content-sha256", kEmptyHash);
  const SignedRequest signed_request =
      sign_in_headers(request, kExampleCredentials, example_scope());
  EXPECT_EQ(signed_request.target, "/?max-keys=2&prefix=J");
  EXPECT_EQ(signature_in(signed_request.headers),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(AwsSignature, SignsAUrlAheadOfTime) {
  const std::string target =
      sign_in_query(example_request("/test.txt", kUnsignedPayload), kExampleCredentials,
                    example_scope(), std::chrono::seconds(86'400));
  EXPECT_EQ(target,
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE"
            "%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
            "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(AwsSignature, ASessionTokenIsSignedEitherWay) {
  AwsCredentials lent = kExampleCredentials;
  lent.session_token = "lent/for+an=hour";
  const SignedRequest in_headers =
      sign_in_headers(example_request("/test.txt", kEmptyHash), lent, example_scope());
  EXPECT_EQ(in_headers.headers.find("X-Amz-Security-Token"), lent.session_token);
  EXPECT_NE(std::string(in_headers.headers.find("Authorization").value())
                .find("SignedHeaders=host;x-amz-date;x-amz-security-token,"),
            std::string::npos);
  const std::string target = sign_in_query(example_request("/test.txt", kUnsignedPayload), lent,
                                           example_scope(), std::chrono::seconds(1));
  EXPECT_NE(target.find("&X-Amz-Security-Token=lent%2Ffor%2Ban%3Dhour&X-Amz-SignedHeaders=host"),
            std::string::npos);
}

TEST(AwsSignature, NothingInAKeyIsFoldedOrEscapedTwice) {
  EXPECT_EQ(canonicalise(example_request("/a//b/./c/../d ä+%41=~/", kEmptyHash)).path,
            "/a//b/./c/../d%20%C3%A4%2B%2541%3D~/");
}

// --- AWS's own suites ---------------------------------------------------------------------------

fs::path vectors() {
  const char* folder = std::getenv("PACS_LITE_SIGV4_VECTORS");
  return folder != nullptr ? fs::path(folder)
                           : fs::path(PACS_LITE_SOURCE_DIR) / "../shared/vectors/sigv4";
}

#define SKIP_WITHOUT_VECTORS()                                                     \
  if (!fs::is_directory(vectors())) {                                              \
    GTEST_SKIP() << "no vectors in " << vectors() << " (PACS_LITE_SIGV4_VECTORS)"; \
  }

std::string read_text(const fs::path& file) { return read_file(file, kVectorBytesMax).value(); }

// The suites sign for a service that, unlike S3, folds "." and ".." and "//" in a path first.
std::string fold_path(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      kept.push_back(part);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string folded;
  for (const std::string_view part : kept) folded.append("/").append(part);
  return folded.empty() || path.ends_with('/') ? folded + "/" : folded;
}

struct RawRequest {
  std::string method;
  std::string path;
  std::string query;
  http::Headers headers;
  std::string body;
};

// A request as the suites write it down: a head whose lines may go on in the next, a body.
RawRequest parse_raw(const std::string& text) {
  RawRequest raw;
  const size_t blank = text.find("\n\n");
  const std::string head = text.substr(0, blank);
  if (blank != std::string::npos) raw.body = text.substr(blank + 2);
  std::vector<std::pair<std::string, std::string>> fields;
  for (const std::string_view line : split(head, '\n')) {
    if (raw.method.empty()) {
      const size_t first = line.find(' ');
      const size_t last = line.rfind(' ');
      raw.method = line.substr(0, first);
      const std::string target(line.substr(first + 1, last - first - 1));
      raw.path = target.substr(0, target.find('?'));
      if (target.size() > raw.path.size()) raw.query = target.substr(raw.path.size() + 1);
    } else if (line.starts_with(' ') && !fields.empty()) {
      fields.back().second.append("\n").append(line);
    } else if (const size_t colon = line.find(':'); colon != std::string_view::npos) {
      fields.emplace_back(line.substr(0, colon), line.substr(colon + 1));
    }
  }
  for (const auto& [name, value] : fields) raw.headers.add(name, value);
  return raw;
}

http::QueryParameters decode_query(const std::string& query) {
  http::QueryParameters parameters;
  if (query.empty()) return parameters;
  for (const std::string_view pair : split(query, '&')) {
    const size_t equals = std::min(pair.find('='), pair.size());
    parameters.emplace_back(
        http::percent_decode(pair.substr(0, equals)).value(),
        http::percent_decode(pair.substr(std::min(equals + 1, pair.size()))).value());
  }
  return parameters;
}

RequestToSign to_sign(const RawRequest& raw, bool fold) {
  const std::string path = http::percent_decode(raw.path).value();
  return {raw.method, fold ? fold_path(path) : path, decode_query(raw.query), raw.headers,
          sha256(as_bytes(raw.body)).hex()};
}

std::string text_of(const JsonValue& json, std::string_view name) {
  const JsonValue* member = json.find(name);
  return member != nullptr && member->as_string() != nullptr ? *member->as_string() : "";
}

bool truth_of(const JsonValue& json, std::string_view name) {
  const JsonValue* member = json.find(name);
  return member != nullptr && member->as_bool() != nullptr && *member->as_bool();
}

AwsCredentials credentials_of(const JsonValue& context) {
  const JsonValue& credentials = *context.find("credentials");
  return {text_of(credentials, "access_key_id"), text_of(credentials, "secret_access_key"),
          text_of(credentials, "token"), 0};
}

TEST(AwsSignature, SignsTheSuiteOfAwsCAuth) {
  SKIP_WITHOUT_VECTORS();
  int cases = 0;
  for (const auto& entry : fs::directory_iterator(vectors() / "aws-c-auth-v4")) {
    if (!entry.is_directory()) continue;
    SCOPED_TRACE(entry.path().filename().string());
    const JsonValue context = JsonValue::parse(read_text(entry.path() / "context.json")).value();
    const SigningScope scope{text_of(context, "region"), text_of(context, "service"),
                             from_rfc3339(text_of(context, "timestamp")).value()};
    AwsCredentials credentials = credentials_of(context);
    // Sent all the same, but not signed: the caller adds it behind us.
    if (truth_of(context, "omit_session_token")) credentials.session_token.clear();
    const RawRequest raw = parse_raw(read_text(entry.path() / "request.txt"));

    RequestToSign request = to_sign(raw, truth_of(context, "normalize"));
    if (truth_of(context, "sign_body")) {
      request.headers.set("x-amz-content-sha256", request.payload_hash);
    }
    RequestToSign dated = request;
    dated.headers.set("X-Amz-Date", scope.timestamp());
    if (!credentials.session_token.empty()) {
      dated.headers.set("X-Amz-Security-Token", credentials.session_token);
    }
    const CanonicalRequest canonical = canonicalise(dated);
    EXPECT_EQ(canonical.text, read_text(entry.path() / "header-canonical-request.txt"));
    EXPECT_EQ(string_to_sign(canonical, scope),
              read_text(entry.path() / "header-string-to-sign.txt"));
    EXPECT_EQ(signature_in(sign_in_headers(request, credentials, scope).headers),
              read_text(entry.path() / "header-signature.txt"));

    const RequestToSign ahead = to_sign(raw, truth_of(context, "normalize"));
    const auto life = std::chrono::seconds(*context.find("expiration_in_seconds")->as_int64());
    const std::string target = sign_in_query(ahead, credentials, scope, life);
    EXPECT_EQ(target.substr(target.rfind('=') + 1),
              read_text(entry.path() / "query-signature.txt"));
    ++cases;
  }
  EXPECT_EQ(cases, 38);
}

TEST(AwsSignature, SignsTheOlderFormOfTheSuite) {
  SKIP_WITHOUT_VECTORS();
  const SigningScope scope{"us-east-1", "service", from_rfc3339("2015-08-30T12:36:00Z").value()};
  const AwsCredentials credentials{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "",
                                   0};
  int cases = 0;
  for (const auto& entry : fs::recursive_directory_iterator(vectors() / "botocore-aws4")) {
    if (entry.path().extension() != ".req") continue;
    SCOPED_TRACE(entry.path().filename().string());
    fs::path file = entry.path();
    RequestToSign request = to_sign(parse_raw(read_text(file)), true);
    // The one case whose request leaves out the token that its signature covers.
    if (file.stem() == "get-vanilla-with-session-token") {
      const http::Headers sent = parse_raw(read_text(file.replace_extension(".sreq"))).headers;
      request.headers.add("X-Amz-Security-Token", sent.find("X-Amz-Security-Token").value());
    }
    const CanonicalRequest canonical = canonicalise(request);
    EXPECT_EQ(canonical.text, read_text(file.replace_extension(".creq")));
    EXPECT_EQ(string_to_sign(canonical, scope), read_text(file.replace_extension(".sts")));
    EXPECT_EQ(sign_in_headers(request, credentials, scope).headers.find("Authorization"),
              read_text(file.replace_extension(".authz")));
    ++cases;
  }
  EXPECT_EQ(cases, 34);
}

TEST(AwsSignature, SignsTheExamplesOfTheS3Reference) {
  SKIP_WITHOUT_VECTORS();
  const JsonValue json = JsonValue::parse(read_text(vectors() / "s3-docs/examples.json")).value();
  int cases = 0;
  for (const JsonValue& example : *json.find("examples")->as_array()) {
    SCOPED_TRACE(text_of(example, "name"));
    const std::string url = text_of(example, "url");
    const http::Url parsed = http::parse_url(url).value();
    RawRequest raw;
    raw.method = text_of(example, "method");
    raw.path = parsed.target.substr(0, parsed.target.find('?'));
    if (parsed.target.size() > raw.path.size()) {
      raw.query = parsed.target.substr(raw.path.size() + 1);
    }
    raw.headers.add("Host", parsed.host);
    for (const auto& [name, value] : *example.find("headers")->as_object()) {
      raw.headers.add(name, *value.as_string());
    }
    raw.body = text_of(example, "payload");
    RequestToSign request = to_sign(raw, false);
    if (const std::string hash = text_of(example, "payload_hash"); !hash.empty()) {
      request.payload_hash = hash;
    }
    std::string signature;
    if (truth_of(example, "presign")) {
      request.payload_hash = kUnsignedPayload;
      const auto life = std::chrono::seconds(*example.find("expires")->as_int64());
      const std::string target = sign_in_query(request, kExampleCredentials, example_scope(), life);
      signature = target.substr(target.rfind('=') + 1);
    } else {
      request.headers.set("x-amz-content-sha256", request.payload_hash);
      signature =
          signature_in(sign_in_headers(request, kExampleCredentials, example_scope()).headers);
    }
    EXPECT_EQ(signature, text_of(example, "signature"));
    ++cases;
  }
  EXPECT_GE(cases, 6);
}

}  // namespace
}  // namespace pacs::storage
