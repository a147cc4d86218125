#include "core/setting_catalogue.h"

#include <algorithm>
#include <array>

#include "core/assert.h"
#include "core/text.h"

namespace pacs {
namespace {

using Exposure = SettingDefinition::Exposure;

constexpr std::array kCatalogue = {
    // What the Django application has in its own settings and environment.
    SettingDefinition{"RADIOLOGY_STORAGE", "filesystem",
                      "where new images go: filesystem, s3, minio, or a Django storage class path"},
    SettingDefinition{"MEDIA_ROOT", "", "folder of the images; unset: `media` in the data folder"},
    SettingDefinition{"MEDIA_URL", "/media/", "URL prefix of stored files"},
    SettingDefinition{"STATIC_URL", "/static/",
                      "the Django site's; only checked against MEDIA_URL"},
    SettingDefinition{"FILE_UPLOAD_DIRECTORY_PERMISSIONS", "2750",
                      "octal mode of folders under MEDIA_ROOT"},
    SettingDefinition{"FILE_UPLOAD_PERMISSIONS", "0440", "octal mode of files under MEDIA_ROOT"},
    SettingDefinition{"AWS_QUERYSTRING_EXPIRE", "3600",
                      "life of a signed URL in seconds, 1 to 604800, on every backend"},
    SettingDefinition{"RADIOLOGY_SIGNED_URLS", "true",
                      "false: stored files only for a request with a token of its own"},
    SettingDefinition{"OHIF_VIEWER_URL", "", "root of another viewer; unset: the built-in one"},

    SettingDefinition{"AWS_ACCESS_KEY_ID", "", "credentials of the object store", Exposure::secret},
    SettingDefinition{"AWS_SECRET_ACCESS_KEY", "", "credentials of the object store",
                      Exposure::secret},
    SettingDefinition{"AWS_SESSION_TOKEN", "", "credentials of the object store", Exposure::secret},
    SettingDefinition{"AWS_STORAGE_BUCKET_NAME", "", "bucket; for minio `radiology` when unset"},
    SettingDefinition{"AWS_S3_REGION_NAME", "us-east-1", "region of the bucket"},
    SettingDefinition{"AWS_S3_CUSTOM_DOMAIN", "", "host that URLs of an object store carry"},
    SettingDefinition{"AWS_CLOUDFRONT_KEY_ID", "", "key id for CloudFront's signature"},
    SettingDefinition{"AWS_CLOUDFRONT_KEY", "", "private key for CloudFront's signature",
                      Exposure::secret},
    SettingDefinition{"AWS_S3_ENDPOINT_URL", "", "endpoint of an S3-compatible server"},
    SettingDefinition{"AWS_S3_PUBLIC_ENDPOINT_URL", "", "that endpoint as browsers see it"},
    SettingDefinition{"AWS_S3_USE_SSL", "true", "TLS to the object store"},
    SettingDefinition{"AWS_S3_VERIFY", "true",
                      "check the object store's certificate: true, false or a CA bundle"},
    SettingDefinition{"AWS_S3_ADDRESSING_STYLE", "auto", "auto, virtual or path"},
    SettingDefinition{"AWS_S3_FILE_OVERWRITE", "false",
                      "only false is accepted: stored images never change"},
    SettingDefinition{"AWS_S3_OBJECT_PARAMETERS", "",
                      "JSON object or table: ServerSideEncryption, SSEKMSKeyId, StorageClass, "
                      "Tagging"},
    SettingDefinition{"PACS_LITE_OTHER_BUCKETS", "",
                      "settings files of buckets that images move to or have moved from"},
    SettingDefinition{"MINIO_ENDPOINT_URL", "http://localhost:9000", "endpoint of MinIO"},
    SettingDefinition{"MINIO_PUBLIC_ENDPOINT_URL", "", "that endpoint as browsers see it"},
    SettingDefinition{"MINIO_ACCESS_KEY", "", "credentials of MinIO", Exposure::secret},
    SettingDefinition{"MINIO_SECRET_KEY", "", "credentials of MinIO", Exposure::secret},

    // Where this server lives and who reaches it.
    SettingDefinition{"PACS_LITE_DATA", "./data", "data folder: index, secrets, lock, socket"},
    SettingDefinition{"PACS_LITE_LISTEN", "127.0.0.1:8042",
                      "addresses to listen on, HOST:PORT, several separated by commas"},
    SettingDefinition{"PACS_LITE_PUBLIC_URL", "",
                      "base of the URLs handed out; unset: taken from each request"},
    SettingDefinition{"PACS_LITE_TLS_CERTIFICATE", "", "PEM file, the server's certificate first"},
    SettingDefinition{"PACS_LITE_TLS_KEY", "", "PEM file of the certificate's private key"},
    SettingDefinition{"PACS_LITE_TRUSTED_PROXIES", "",
                      "addresses and blocks (10.0.0.0/8) whose forwarded headers count"},
    SettingDefinition{"PACS_LITE_PROXY_USER_HEADER", "",
                      "header in which a trusted proxy names the user it has asked about"},
    SettingDefinition{"PACS_LITE_PROXY_ROLES_HEADER", "X-Remote-Roles",
                      "header in which that proxy names the user's roles"},
    SettingDefinition{"PACS_LITE_CORS_ALLOWED_ORIGINS", "",
                      "origins of web pages that may call this server"},
    SettingDefinition{"PACS_LITE_VIEWER", "",
                      "folder of the viewer that `make viewer` makes; unset: beside the program"},
    SettingDefinition{"PACS_LITE_FRAME_ANCESTORS", "'self'", "who may show the viewer in a frame"},
    SettingDefinition{"PACS_LITE_ALLOW_DEMONSTRATION_VIEWER", "",
                      "host name of a public demonstration viewer that may be used all the same"},
    SettingDefinition{"PACS_LITE_JWT_KEYS", "",
                      "keys of other issuers' tokens, a [[pacs_lite_jwt_keys]] table each",
                      Exposure::file_only},

    // Limits and policies.
    SettingDefinition{"PACS_LITE_MAX_IMAGE_BYTES", "4 GiB", "largest image, as 500 MB or 4 GiB"},
    SettingDefinition{"PACS_LITE_MIN_FREE_BYTES", "1 GiB",
                      "free space below which no more images are taken in; at most a tenth of the "
                      "disk; 0: until it is full"},
    SettingDefinition{"PACS_LITE_UPLOAD_LIFE_SECONDS", "604800",
                      "how long a resumable upload is kept that nobody goes on with"},
    SettingDefinition{"PACS_LITE_MAX_CONNECTIONS", "16384", "connections at once"},
    SettingDefinition{"PACS_LITE_MAX_CONNECTIONS_PER_CLIENT", "256",
                      "connections at once from one address; proxies and loopback not counted"},
    SettingDefinition{"PACS_LITE_STOP_GRACE_SECONDS", "30",
                      "how long requests in flight may take when the server stops"},
    SettingDefinition{"PACS_LITE_PATIENT_MISMATCH", "refuse",
                      "another PatientID within a study: refuse or accept"},
    SettingDefinition{"PACS_LITE_REFUSED_BYTES", "quarantine",
                      "other bytes under a known UID: quarantine or drop"},
    SettingDefinition{"PACS_LITE_VERIFY_PRESENCE_SECONDS", "86400",
                      "how often the server looks for every stored file; 0: never"},
    SettingDefinition{"PACS_LITE_VERIFY_HASHES_SECONDS", "604800",
                      "how often the server reads and hashes every stored file; 0: never"},
    SettingDefinition{"PACS_LITE_VERIFY_BYTES_PER_SECOND", "20 MB",
                      "how fast those two may read; slower while images are being read"},
    SettingDefinition{"PACS_LITE_DECODER_PROCESSES", "2",
                      "processes that decode compressed pixels, started when they are needed"},
    SettingDefinition{"PACS_LITE_DECODER_MEMORY_BYTES", "2 GiB",
                      "memory that each of them may take"},
    SettingDefinition{"PACS_LITE_DECODER_SECONDS", "30", "how long one frame may take to decode"},
    SettingDefinition{"PACS_LITE_TRANSCODE", "off",
                      "what frames of new images are also kept as: off, htj2k, jpeg-2000 or "
                      "jpeg-ls"},
    SettingDefinition{"PACS_LITE_TRANSCODE_FROM", "uncompressed",
                      "which images: uncompressed, or lossless ones too"},
    SettingDefinition{"PACS_LITE_TRANSCODE_BYTES", "20 GiB",
                      "room for all those copies, in the data folder"},
    SettingDefinition{"PACS_LITE_TRASH_DAYS", "30",
                      "how long what was removed can be restored; 0: deleted at once"},
    SettingDefinition{"PACS_LITE_LOG_LEVEL", "info", "debug, info, warning, error or off"},
    SettingDefinition{"PACS_LITE_LOG_FORMAT", "text", "text or json"},
};

constexpr std::string_view kOwnPrefix = "PACS_LITE_";

}  // namespace

std::span<const SettingDefinition> setting_catalogue() { return kCatalogue; }

const SettingDefinition& setting_definition(std::string_view name) {
  const auto* found = std::find_if(kCatalogue.begin(), kCatalogue.end(),
                                   [&](const auto& setting) { return setting.name == name; });
  PACS_ASSERT(found != kCatalogue.end());
  return *found;
}

const SettingDefinition* find_setting(std::string_view name) {
  const auto* found = std::find_if(kCatalogue.begin(), kCatalogue.end(), [&](const auto& setting) {
    return setting.name == name || to_lower(setting.name) == name;
  });
  return found == kCatalogue.end() ? nullptr : found;
}

std::optional<std::string> nearest_setting(std::string_view name) {
  std::vector<std::string> names;
  for (const SettingDefinition& setting : kCatalogue) names.push_back(to_lower(setting.name));
  const std::optional<std::string> found = nearest(to_lower(name), names);
  if (!found) return std::nullopt;
  return std::string(find_setting(*found)->name);
}

std::optional<std::string> flag_of(const SettingDefinition& setting) {
  if (setting.exposure != Exposure::shown) return std::nullopt;
  std::string_view name = setting.name;
  if (name.starts_with(kOwnPrefix)) name.remove_prefix(kOwnPrefix.size());
  std::string flag = "--" + to_lower(name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

}  // namespace pacs
