#include "storage/aws_credential_places.h"

#include <algorithm>
#include <chrono>

#include <pugixml.hpp>

#include "core/file.h"
#include "core/json_value.h"
#include "core/text.h"
#include "http/client.h"
#include "http/uri.h"

namespace pacs::storage {
namespace {

constexpr uint64_t kCredentialFileBytesMax = 1 << 20;
constexpr uint64_t kAnswerBytesMax = 64 * 1024;
constexpr std::chrono::milliseconds kTimeout{5'000};
// Where there is no instance nobody answers: that must not hold up the start.
constexpr std::chrono::milliseconds kInstanceTimeout{1'000};
constexpr const char* kContainerHost = "http://169.254.170.2";
constexpr const char* kInstanceHost = "http://169.254.169.254";
constexpr const char* kInstanceRoles = "/latest/meta-data/iam/security-credentials/";
constexpr const char* kTokenLifeSeconds = "21600";

using Found = Result<std::optional<AwsCredentials>>;

Error no_credentials(std::string_view detail) { return unavailable("no_credentials", detail); }

Result<std::string> ask(http::ClientRequest request, std::chrono::milliseconds timeout) {
  http::ClientOptions options;
  options.connect_timeout = timeout;
  options.total_timeout = timeout;
  request.response_bytes_max = kAnswerBytesMax;
  const http::ClientResponse answer = PACS_TRY(http::Client(options).send(request));
  if (http::is_success(answer.status)) return answer.body;
  return no_credentials("asked for credentials, it answered " +
                        std::to_string(http::number_of(answer.status)));
}

std::string text_of(const JsonValue& json, std::string_view name) {
  const JsonValue* member = json.find(name);
  return member != nullptr && member->as_string() != nullptr ? *member->as_string() : "";
}

// The value of a key in a section of an INI file.
std::string ini_value(std::string_view text, std::string_view section, std::string_view key) {
  bool is_inside = false;
  for (std::string_view line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = trim(line);
    if (line.starts_with('[') && line.ends_with(']')) {
      is_inside = trim(line.substr(1, line.size() - 2)) == section;
    } else if (const size_t equals = line.find('='); is_inside &&
                                                     equals != std::string_view::npos &&
                                                     trim(line.substr(0, equals)) == key) {
      return std::string(trim(line.substr(equals + 1)));
    }
  }
  return {};
}

std::string without_line_ends(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace

Found parse_lent_credentials(const std::string& json_text) {
  const JsonValue json = PACS_TRY(JsonValue::parse(json_text));
  AwsCredentials credentials{text_of(json, "AccessKeyId"), text_of(json, "SecretAccessKey"),
                             text_of(json, "Token"),
                             from_rfc3339(text_of(json, "Expiration")).value_or(0)};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return no_credentials("an answer to the question for credentials has none");
  }
  return std::optional<AwsCredentials>(std::move(credentials));
}

Found parse_web_identity_answer(std::string_view xml) {
  pugi::xml_document document;
  document.load_buffer(xml.data(), xml.size(), pugi::parse_minimal | pugi::parse_escapes);
  const pugi::xml_node lent = document.child("AssumeRoleWithWebIdentityResponse")
                                  .child("AssumeRoleWithWebIdentityResult")
                                  .child("Credentials");
  AwsCredentials credentials{lent.child_value("AccessKeyId"), lent.child_value("SecretAccessKey"),
                             lent.child_value("SessionToken"),
                             from_rfc3339(lent.child_value("Expiration")).value_or(0)};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return no_credentials("the token service lent no credentials");
  }
  return std::optional<AwsCredentials>(std::move(credentials));
}

std::optional<AwsCredentials> parse_shared_profile(std::string_view text,
                                                   std::string_view profile) {
  AwsCredentials credentials{ini_value(text, profile, "aws_access_key_id"),
                             ini_value(text, profile, "aws_secret_access_key"),
                             ini_value(text, profile, "aws_session_token"), 0};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return std::nullopt;
  }
  return credentials;
}

Found find_shared_profile(const EnvironmentLookup& environment) {
  std::string path = environment("AWS_SHARED_CREDENTIALS_FILE");
  if (path.empty()) {
    const std::string home = environment("HOME");
    if (home.empty()) return std::optional<AwsCredentials>();
    path = home + "/.aws/credentials";
  }
  const Result<std::string> text = read_file(path, kCredentialFileBytesMax);
  if (!text && text.error().code == ErrorCode::not_found) return std::optional<AwsCredentials>();
  if (!text) return text.error();
  std::string profile = environment("AWS_PROFILE");
  if (profile.empty()) profile = "default";
  return parse_shared_profile(*text, profile);
}

Found find_web_identity(const EnvironmentLookup& environment, const std::string& region) {
  const std::string token_file = environment("AWS_WEB_IDENTITY_TOKEN_FILE");
  const std::string role = environment("AWS_ROLE_ARN");
  if (token_file.empty() || role.empty()) return std::optional<AwsCredentials>();
  const std::string token =
      without_line_ends(PACS_TRY(read_file(token_file, kCredentialFileBytesMax)));
  std::string session = environment("AWS_ROLE_SESSION_NAME");
  if (session.empty()) session = "pacs-lite";
  std::string endpoint = environment("AWS_ENDPOINT_URL_STS");
  if (endpoint.empty()) endpoint = "https://sts." + region + ".amazonaws.com";
  http::ClientRequest request;
  request.method = "POST";
  request.url = endpoint + "/";
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  request.body = http::encode_query({{"Action", "AssumeRoleWithWebIdentity"},
                                     {"Version", "2011-06-15"},
                                     {"RoleArn", role},
                                     {"RoleSessionName", session},
                                     {"WebIdentityToken", token}});
  return parse_web_identity_answer(PACS_TRY(ask(std::move(request), kTimeout)));
}

Found find_container_credentials(const EnvironmentLookup& environment) {
  http::ClientRequest request;
  const std::string relative = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  request.url = relative.empty() ? environment("AWS_CONTAINER_CREDENTIALS_FULL_URI")
                                 : kContainerHost + relative;
  if (request.url.empty()) return std::optional<AwsCredentials>();
  std::string token = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (const std::string file = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
      !file.empty()) {
    token = without_line_ends(PACS_TRY(read_file(file, kCredentialFileBytesMax)));
  }
  if (!token.empty()) request.headers.add("Authorization", token);
  return parse_lent_credentials(PACS_TRY(ask(std::move(request), kTimeout)));
}

Found find_instance_credentials(const EnvironmentLookup& environment) {
  if (equals_ignoring_case(environment("AWS_EC2_METADATA_DISABLED"), "true")) {
    return std::optional<AwsCredentials>();
  }
  std::string host = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (host.empty()) host = kInstanceHost;
  while (host.ends_with('/')) host.pop_back();
  http::ClientRequest for_token;
  for_token.method = "PUT";
  for_token.url = host + "/latest/api/token";
  for_token.headers.add("X-aws-ec2-metadata-token-ttl-seconds", kTokenLifeSeconds);
  const Result<std::string> token = ask(std::move(for_token), kInstanceTimeout);
  // Nobody there: this is no instance.
  if (!token) return std::optional<AwsCredentials>();
  const auto read = [&](const std::string& path) {
    http::ClientRequest request;
    request.url = host + path;
    request.headers.add("X-aws-ec2-metadata-token", *token);
    return ask(std::move(request), kInstanceTimeout);
  };
  const std::string roles = PACS_TRY(read(kInstanceRoles));
  const std::string role = roles.substr(0, roles.find('\n'));
  return parse_lent_credentials(PACS_TRY(read(kInstanceRoles + http::percent_encode(role))));
}

Result<AwsCredentials> find_credentials(const EnvironmentLookup& environment,
                                        const std::string& region) {
  if (auto found = PACS_TRY(find_shared_profile(environment))) return std::move(*found);
  if (auto found = PACS_TRY(find_web_identity(environment, region))) return std::move(*found);
  if (auto found = PACS_TRY(find_container_credentials(environment))) return std::move(*found);
  if (auto found = PACS_TRY(find_instance_credentials(environment))) return std::move(*found);
  return no_credentials(
      "no credentials for the object store: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (for "
      "minio: MINIO_ACCESS_KEY and MINIO_SECRET_KEY), or a shared profile, or a role");
}

}  // namespace pacs::storage
