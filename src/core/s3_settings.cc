#include "core/s3_settings.h"

#include <string_view>
#include <utility>
#include <vector>

#include "core/json_value.h"
#include "core/rsa_private_key.h"
#include "core/setting_grammar.h"
#include "core/text.h"

namespace pacs {
namespace {

constexpr std::string_view kMinioBucket = "radiology";  // of that application's own guide

std::string endpoint(SettingReader& reader, std::string_view name) {
  std::string text = reader.text(name);
  if (text.empty()) return text;
  while (text.ends_with('/')) text.pop_back();
  const std::optional<WebAddress> address = parse_web_address(text);
  if (!address || !address->path.empty()) {
    reader.refuse(name, "is not http://HOST[:PORT] or https://HOST[:PORT]");
  }
  return text;
}

// The endpoint's own scheme wins: a setting that is forgotten must not turn encryption off.
void check_scheme(SettingReader& reader, std::string_view name, const std::string& url) {
  if (url.empty() || !reader.is_set("AWS_S3_USE_SSL")) return;
  const bool use_ssl = reader.boolean("AWS_S3_USE_SSL");
  if (use_ssl != url.starts_with("https://")) {
    reader.warn("AWS_S3_USE_SSL", std::string("contradicts ").append(name) + ", whose scheme wins");
  }
}

// true, false, or the path of a CA bundle.
void read_verify(SettingReader& reader, S3Settings& settings) {
  const std::string text = reader.text("AWS_S3_VERIFY");
  if (const auto truth = parse_boolean_setting(text)) {
    settings.verify_certificate = *truth;
  } else if (text.find('/') != std::string::npos) {
    settings.ca_bundle_path = reader.find_path("AWS_S3_VERIFY").value_or(text);
  } else {
    reader.refuse("AWS_S3_VERIFY", "is neither true nor false nor the path of a CA bundle");
  }
}

std::string* member_of(S3ObjectParameters& parameters, std::string_view name) {
  if (name == "ServerSideEncryption") return &parameters.server_side_encryption;
  if (name == "SSEKMSKeyId") return &parameters.kms_key_id;
  if (name == "StorageClass") return &parameters.storage_class;
  if (name == "Tagging") return &parameters.tagging;
  return nullptr;
}

S3ObjectParameters read_object_parameters(SettingReader& reader) {
  constexpr std::string_view kName = "AWS_S3_OBJECT_PARAMETERS";
  S3ObjectParameters parameters;
  const std::optional<std::string> text = reader.find_text(kName);
  if (!text) return parameters;
  const Result<JsonValue> json = JsonValue::parse(*text);
  if (!json || !json->is_object()) {
    reader.refuse(kName, "is not a JSON object");
    return parameters;
  }
  for (const auto& [name, value] : *json->as_object()) {
    std::string* member = member_of(parameters, name);
    if (member == nullptr) {
      reader.refuse(kName, "names '" + name +
                               "'; known are ServerSideEncryption, SSEKMSKeyId, StorageClass and "
                               "Tagging");
    } else if (value.as_string() == nullptr) {
      reader.refuse(kName, "has a " + name + " that is no text");
    } else {
      *member = *value.as_string();
    }
  }
  const std::string& encryption = parameters.server_side_encryption;
  if (!encryption.empty() && encryption != "AES256" && encryption != "aws:kms") {
    reader.refuse(kName, "has a ServerSideEncryption that is neither AES256 nor aws:kms");
  }
  if (!parameters.kms_key_id.empty() && encryption != "aws:kms") {
    reader.refuse(kName, "has an SSEKMSKeyId without ServerSideEncryption aws:kms");
  }
  return parameters;
}

std::string read_custom_domain(SettingReader& reader) {
  constexpr std::string_view kName = "AWS_S3_CUSTOM_DOMAIN";
  std::string text = reader.text(kName);
  const bool is_host =
      text.find('/') == std::string::npos && parse_web_address("https://" + text).has_value();
  if (!text.empty() && !is_host) reader.refuse(kName, "is not a host such as images.example");
  return text;
}

void check_pair(SettingReader& reader, std::string_view one, std::string_view other) {
  if (reader.is_set(one) == reader.is_set(other)) return;
  const std::string_view set = reader.is_set(one) ? one : other;
  const std::string_view missing = reader.is_set(one) ? other : one;
  reader.refuse(set, std::string("is of no use without ").append(missing));
}

// An environment variable often has "\\n" where the file has an end of line.
std::string read_pem(SettingReader& reader, std::string_view name) {
  std::string pem = reader.text(name);
  for (size_t at = pem.find("\\n"); at != std::string::npos; at = pem.find("\\n", at)) {
    pem.replace(at, 2, "\n");
  }
  return pem;
}

void check_cloudfront(SettingReader& reader, const S3Settings& settings) {
  check_pair(reader, "AWS_CLOUDFRONT_KEY_ID", "AWS_CLOUDFRONT_KEY");
  if (settings.cloudfront_key_id.empty() || settings.cloudfront_key.empty()) return;
  if (settings.custom_domain.empty()) {
    reader.refuse("AWS_CLOUDFRONT_KEY_ID",
                  "is of no use without AWS_S3_CUSTOM_DOMAIN, the domain of the distribution");
  }
  if (const auto key = RsaPrivateKey::from_pem(settings.cloudfront_key); !key) {
    reader.problems().error("AWS_CLOUDFRONT_KEY", key.error().detail);
  }
}

void read_minio(SettingReader& reader, S3Settings& settings) {
  settings.endpoint_url = endpoint(reader, "MINIO_ENDPOINT_URL");
  settings.public_endpoint_url = endpoint(reader, "MINIO_PUBLIC_ENDPOINT_URL");
  if (reader.is_set("MINIO_ACCESS_KEY") || reader.is_set("MINIO_SECRET_KEY")) {
    settings.access_key_id = reader.text("MINIO_ACCESS_KEY");
    settings.secret_access_key = reader.text("MINIO_SECRET_KEY");
    settings.session_token.clear();  // AWS_SESSION_TOKEN belongs to the key of AWS alone
  }
  if (settings.bucket.empty()) settings.bucket = std::string(kMinioBucket);
  if (settings.addressing == S3Addressing::automatic) settings.addressing = S3Addressing::path;
  check_pair(reader, "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY");
  check_scheme(reader, "MINIO_ENDPOINT_URL", settings.endpoint_url);
}

void check_s3(SettingReader& reader, const S3Settings& settings) {
  if (settings.bucket.empty()) {
    reader.problems().error("AWS_STORAGE_BUCKET_NAME", "is required with RADIOLOGY_STORAGE s3");
  }
  check_pair(reader, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
  check_scheme(reader, "AWS_S3_ENDPOINT_URL", settings.endpoint_url);
}

}  // namespace

S3Settings read_s3_settings(SettingReader& reader, S3Flavour flavour) {
  S3Settings settings;
  settings.access_key_id = reader.text("AWS_ACCESS_KEY_ID");
  settings.secret_access_key = reader.text("AWS_SECRET_ACCESS_KEY");
  settings.session_token = reader.text("AWS_SESSION_TOKEN");
  settings.bucket = reader.text("AWS_STORAGE_BUCKET_NAME");
  settings.region = reader.text("AWS_S3_REGION_NAME");
  settings.endpoint_url = endpoint(reader, "AWS_S3_ENDPOINT_URL");
  settings.public_endpoint_url = endpoint(reader, "AWS_S3_PUBLIC_ENDPOINT_URL");
  settings.custom_domain = read_custom_domain(reader);
  settings.cloudfront_key_id = reader.text("AWS_CLOUDFRONT_KEY_ID");
  settings.cloudfront_key = read_pem(reader, "AWS_CLOUDFRONT_KEY");
  settings.addressing = reader.choice<S3Addressing>("AWS_S3_ADDRESSING_STYLE",
                                                    {{"auto", S3Addressing::automatic},
                                                     {"virtual", S3Addressing::virtual_host},
                                                     {"path", S3Addressing::path}});
  settings.object_parameters = read_object_parameters(reader);
  read_verify(reader, settings);
  if (reader.boolean("AWS_S3_FILE_OVERWRITE")) {
    reader.refuse("AWS_S3_FILE_OVERWRITE",
                  "is not accepted: stored images never change, so only false is");
  }
  const bool use_ssl = reader.boolean("AWS_S3_USE_SSL");
  if (flavour == S3Flavour::minio) read_minio(reader, settings);
  if (flavour == S3Flavour::s3) check_s3(reader, settings);
  if (flavour != S3Flavour::unused) check_cloudfront(reader, settings);
  if (settings.endpoint_url.empty() && !use_ssl && flavour == S3Flavour::s3) {
    reader.refuse("AWS_S3_USE_SSL", "would send images to AWS without encryption");
  }
  return settings;
}

}  // namespace pacs
