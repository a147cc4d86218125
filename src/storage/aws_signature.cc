#include "storage/aws_signature.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "core/crypto.h"
#include "core/text.h"

namespace pacs::storage {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Without space at either end, and one space where there were several.
std::string fold_spaces(std::string_view value) {
  std::string folded;
  for (const char c : value) {
    if (!is_space(c)) {
      folded.push_back(c);
    } else if (!folded.empty() && folded.back() != ' ') {
      folded.push_back(' ');
    }
  }
  if (!folded.empty() && folded.back() == ' ') folded.pop_back();
  return folded;
}

// Sorted after the escaping: "%E1" comes before "A".
std::string canonical_query(const http::QueryParameters& query) {
  std::vector<std::pair<std::string, std::string>> escaped;
  escaped.reserve(query.size());
  for (const auto& [name, value] : query) {
    escaped.emplace_back(http::percent_encode(name), http::percent_encode(value));
  }
  std::sort(escaped.begin(), escaped.end());
  std::string text;
  for (const auto& [name, value] : escaped) {
    if (!text.empty()) text.push_back('&');
    text.append(name).append("=").append(value);
  }
  return text;
}

// By lower-case name; the values of one name in their order, joined by commas.
std::map<std::string, std::string> canonical_headers(const http::Headers& headers) {
  std::map<std::string, std::string> folded;
  for (const auto& [name, value] : headers) {
    const auto [position, is_new] = folded.try_emplace(to_lower(name), fold_spaces(value));
    if (!is_new) position->second.append(",").append(fold_spaces(value));
  }
  return folded;
}

std::string_view text_of(const Sha256Digest& digest) { return as_text(digest.bytes); }

std::string credential_of(const AwsCredentials& credentials, const SigningScope& scope) {
  return credentials.access_key_id + "/" + scope.text();
}

std::string target_of(const CanonicalRequest& canonical) {
  return canonical.query.empty() ? canonical.path : canonical.path + "?" + canonical.query;
}

}  // namespace

// "2013-05-24T00:00:00.000Z" without what separates.
std::string SigningScope::timestamp() const {
  std::string text = to_rfc3339(now).substr(0, std::string_view("2013-05-24T00:00:00").size());
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + "Z";
}

std::string SigningScope::text() const {
  return timestamp().substr(0, std::string_view("20130524").size()) + "/" + region + "/" + service +
         "/aws4_request";
}

CanonicalRequest canonicalise(const RequestToSign& request) {
  CanonicalRequest canonical;
  canonical.path = http::percent_encode_path(request.path);
  canonical.query = canonical_query(request.query);
  std::string headers;
  for (const auto& [name, value] : canonical_headers(request.headers)) {
    if (!canonical.signed_headers.empty()) canonical.signed_headers.push_back(';');
    canonical.signed_headers.append(name);
    headers.append(name).append(":").append(value).append("\n");
  }
  canonical.text = request.method + "\n" + canonical.path + "\n" + canonical.query + "\n" +
                   headers + "\n" + canonical.signed_headers + "\n" + request.payload_hash;
  return canonical;
}

std::string string_to_sign(const CanonicalRequest& request, const SigningScope& scope) {
  return std::string(kAlgorithm) + "\n" + scope.timestamp() + "\n" + scope.text() + "\n" +
         sha256(as_bytes(request.text)).hex();
}

std::string signature_of(std::string_view string_to_sign, const AwsCredentials& credentials,
                         const SigningScope& scope) {
  const std::string secret = "AWS4" + credentials.secret_access_key;
  const std::string scope_text = scope.text();
  Sha256Digest key;
  std::string_view key_text = secret;
  for (const std::string_view part : split(scope_text, '/')) {
    key = hmac_sha256(as_bytes(key_text), as_bytes(part));
    key_text = text_of(key);
  }
  return hmac_sha256(as_bytes(key_text), as_bytes(string_to_sign)).hex();
}

SignedRequest sign_in_headers(RequestToSign request, const AwsCredentials& credentials,
                              const SigningScope& scope) {
  request.headers.set("X-Amz-Date", scope.timestamp());
  if (!credentials.session_token.empty()) {
    request.headers.set("X-Amz-Security-Token", credentials.session_token);
  }
  const CanonicalRequest canonical = canonicalise(request);
  const std::string signature = signature_of(string_to_sign(canonical, scope), credentials, scope);
  SignedRequest signed_request{target_of(canonical), std::move(request.headers)};
  signed_request.headers.set(
      "Authorization",
      std::string(kAlgorithm) + " Credential=" + credential_of(credentials, scope) +
          ", SignedHeaders=" + canonical.signed_headers + ", Signature=" + signature);
  return signed_request;
}

std::string sign_in_query(RequestToSign request, const AwsCredentials& credentials,
                          const SigningScope& scope, std::chrono::seconds life) {
  http::QueryParameters& query = request.query;
  query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  query.emplace_back("X-Amz-Credential", credential_of(credentials, scope));
  query.emplace_back("X-Amz-Date", scope.timestamp());
  query.emplace_back("X-Amz-Expires", std::to_string(life.count()));
  if (!credentials.session_token.empty()) {
    query.emplace_back("X-Amz-Security-Token", credentials.session_token);
  }
  // Of the names alone: they do not depend on the query.
  query.emplace_back("X-Amz-SignedHeaders", canonicalise(request).signed_headers);
  const CanonicalRequest canonical = canonicalise(request);
  const std::string signature = signature_of(string_to_sign(canonical, scope), credentials, scope);
  return target_of(canonical) + "&X-Amz-Signature=" + signature;
}

}  // namespace pacs::storage
