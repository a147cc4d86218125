#include "core/settings.h"

#include <utility>

#include "core/setting_reader.h"
#include "core/web_settings.h"

namespace pacs {
namespace {

constexpr uint64_t kUrlLifeSecondsMax = 604'800;  // seven days, the limit of SigV4
constexpr uint64_t kImageBytesLeast = 1'000'000;  // below it no ordinary image would pass
constexpr uint64_t kImageBytesMost = uint64_t{1} << 40;
constexpr uint64_t kFreeBytesMost = uint64_t{1} << 50;
constexpr uint64_t kConnectionsMost = 1'000'000;  // beyond what descriptors a system gives
constexpr uint64_t kStopGraceSecondsMost = 3600;
constexpr uint64_t kTrashDaysMost = 36'500;  // a century

constexpr uint64_t kVerifyIntervalSecondsMost = 366 * 86'400;  // beyond it nobody means it
constexpr uint64_t kVerifyRateLeast = 64 * 1024;               // below it an archive is never done
constexpr uint64_t kVerifyRateMost = uint64_t{1} << 40;
constexpr uint64_t kDecoderProcessesMost = 64;                 // beyond it they wait for each other
constexpr uint64_t kDecoderMemoryLeast = uint64_t{512} << 20;  // the program alone maps half of it
constexpr uint64_t kDecoderMemoryMost = uint64_t{1} << 40;
constexpr uint64_t kDecoderSecondsMost = 600;
constexpr uint64_t kTranscodeBytesLeast = uint64_t{1} << 20;
constexpr uint64_t kTranscodeBytesMost = uint64_t{1} << 50;
constexpr uint64_t kUploadLifeSecondsMost = 366 * 24 * 3600;  // beyond it nobody comes back

constexpr std::string_view kStorage = "RADIOLOGY_STORAGE";

StorageBackend read_storage(SettingReader& reader) {
  // Django's own spelling of the S3 backend means MinIO where only MinIO's credentials are given.
  const bool has_minio = reader.is_set("MINIO_ACCESS_KEY") || reader.is_set("MINIO_SECRET_KEY");
  const bool has_aws = reader.is_set("AWS_ACCESS_KEY_ID") || reader.is_set("AWS_SECRET_ACCESS_KEY");
  const StorageBackend s3_class =
      has_minio && !has_aws ? StorageBackend::minio : StorageBackend::s3;
  return reader.choice<StorageBackend>(
      kStorage, {{"filesystem", StorageBackend::filesystem},
                 {"s3", StorageBackend::s3},
                 {"minio", StorageBackend::minio},
                 {"django.core.files.storage.FileSystemStorage", StorageBackend::filesystem},
                 {"storages.backends.s3boto3.S3Boto3Storage", s3_class},
                 {"storages.backends.s3.S3Storage", s3_class}});
}

S3Flavour flavour_of(StorageBackend storage) {
  switch (storage) {
    case StorageBackend::filesystem:
      return S3Flavour::unused;
    case StorageBackend::s3:
      return S3Flavour::s3;
    case StorageBackend::minio:
      return S3Flavour::minio;
  }
  return S3Flavour::unused;
}

// Nobody may have a right that those before him lack: 0420 is what 0o640 … 0o644 look like when
// Python's number was exported in decimal.
bool is_monotone(unsigned mode) {
  const unsigned owner = (mode >> 6) & 7;
  const unsigned group = (mode >> 3) & 7;
  const unsigned others = mode & 7;
  return (group & ~owner) == 0 && (others & ~group) == 0;
}

unsigned read_mode(SettingReader& reader, std::string_view name, unsigned owner_needs) {
  const unsigned mode = reader.mode(name);
  if (!is_monotone(mode)) {
    reader.refuse(name,
                  "gives others more than the owner or the group; if it is Python's decimal "
                  "number, write it as 0o640");
  } else if ((mode & owner_needs) != owner_needs) {
    reader.refuse(name, "keeps this server itself out");
  } else if ((mode & 0002) != 0) {
    reader.refuse(name, "lets everybody on this machine change stored images");
  } else if ((mode & 0004) != 0) {
    reader.warn(name, "lets everybody on this machine read the images");
  }
  return mode;
}

MediaSettings read_media(SettingReader& reader, const std::string& data_folder) {
  MediaSettings media;
  media.root = reader.find_path("MEDIA_ROOT").value_or(data_folder + "/media");
  reader.show_as("MEDIA_ROOT", media.root);
  if (media.root.ends_with("/radiology")) {
    reader.warn("MEDIA_ROOT",
                "ends in /radiology, and every key begins with it: images will lie under "
                "radiology/radiology");
  }
  media.file_mode = read_mode(reader, "FILE_UPLOAD_PERMISSIONS", 0400);
  media.folder_mode = read_mode(reader, "FILE_UPLOAD_DIRECTORY_PERMISSIONS", 0700);
  read_url_prefixes(reader, media);
  media.url_life =
      std::chrono::seconds(reader.number("AWS_QUERYSTRING_EXPIRE", 1, kUrlLifeSecondsMax));
  media.signed_urls =
      reader.boolean("RADIOLOGY_SIGNED_URLS") ? SignedUrls::given_out : SignedUrls::token_required;
  return media;
}

std::optional<TlsSetting> read_tls(SettingReader& reader) {
  const std::optional<std::string> certificate = reader.find_path("PACS_LITE_TLS_CERTIFICATE");
  const std::optional<std::string> key = reader.find_path("PACS_LITE_TLS_KEY");
  if (certificate && key) return TlsSetting{*certificate, *key};
  if (certificate)
    reader.refuse("PACS_LITE_TLS_CERTIFICATE", "is of no use without PACS_LITE_TLS_KEY");
  if (key) reader.refuse("PACS_LITE_TLS_KEY", "is of no use without PACS_LITE_TLS_CERTIFICATE");
  return std::nullopt;
}

NetworkSettings read_network(SettingReader& reader) {
  NetworkSettings network;
  network.listen = read_listen(reader);
  network.public_url = read_public_url(reader);
  network.tls = read_tls(reader);
  network.trusted_proxies = reader.list("PACS_LITE_TRUSTED_PROXIES");
  network.proxy_user_header = read_header_name(reader, "PACS_LITE_PROXY_USER_HEADER");
  network.proxy_roles_header = read_header_name(reader, "PACS_LITE_PROXY_ROLES_HEADER");
  if (!network.proxy_user_header.empty() && network.trusted_proxies.empty()) {
    reader.refuse("PACS_LITE_PROXY_USER_HEADER",
                  "is of no use without PACS_LITE_TRUSTED_PROXIES: anybody could send that header");
  }
  network.cors_allowed_origins = read_cors_origins(reader);
  network.connections_max = reader.number("PACS_LITE_MAX_CONNECTIONS", 1, kConnectionsMost);
  network.connections_per_client_max =
      reader.number("PACS_LITE_MAX_CONNECTIONS_PER_CLIENT", 1, kConnectionsMost);
  network.stop_grace =
      std::chrono::seconds(reader.number("PACS_LITE_STOP_GRACE_SECONDS", 0, kStopGraceSecondsMost));
  return network;
}

VerifySettings read_verify(SettingReader& reader) {
  VerifySettings verify;
  verify.presence_interval = std::chrono::seconds(
      reader.number("PACS_LITE_VERIFY_PRESENCE_SECONDS", 0, kVerifyIntervalSecondsMost));
  verify.hashes_interval = std::chrono::seconds(
      reader.number("PACS_LITE_VERIFY_HASHES_SECONDS", 0, kVerifyIntervalSecondsMost));
  verify.bytes_per_second_max =
      reader.byte_size("PACS_LITE_VERIFY_BYTES_PER_SECOND", kVerifyRateLeast, kVerifyRateMost);
  return verify;
}

DecoderSettings read_decoder(SettingReader& reader) {
  DecoderSettings decoder;
  decoder.processes_max = reader.number("PACS_LITE_DECODER_PROCESSES", 1, kDecoderProcessesMost);
  decoder.memory_bytes =
      reader.byte_size("PACS_LITE_DECODER_MEMORY_BYTES", kDecoderMemoryLeast, kDecoderMemoryMost);
  decoder.frame_time =
      std::chrono::seconds(reader.number("PACS_LITE_DECODER_SECONDS", 1, kDecoderSecondsMost));
  return decoder;
}

TranscodeSettings read_transcode(SettingReader& reader) {
  TranscodeSettings transcode;
  transcode.to =
      reader.choice<TranscodeTo>("PACS_LITE_TRANSCODE", {{"off", TranscodeTo::off},
                                                         {"htj2k", TranscodeTo::htj2k},
                                                         {"jpeg-2000", TranscodeTo::jpeg_2000},
                                                         {"jpeg-ls", TranscodeTo::jpeg_ls}});
  transcode.what = reader.choice<TranscodeWhat>(
      "PACS_LITE_TRANSCODE_FROM",
      {{"uncompressed", TranscodeWhat::uncompressed}, {"lossless", TranscodeWhat::lossless}});
  transcode.size_bytes_max =
      reader.byte_size("PACS_LITE_TRANSCODE_BYTES", kTranscodeBytesLeast, kTranscodeBytesMost);
  return transcode;
}

void read_policies(SettingReader& reader, Settings& settings) {
  settings.image_bytes_max =
      reader.byte_size("PACS_LITE_MAX_IMAGE_BYTES", kImageBytesLeast, kImageBytesMost);
  settings.free_bytes_min = reader.byte_size("PACS_LITE_MIN_FREE_BYTES", 0, kFreeBytesMost);
  settings.upload_life = std::chrono::seconds(
      reader.number("PACS_LITE_UPLOAD_LIFE_SECONDS", 1, kUploadLifeSecondsMost));
  settings.patient_mismatch = reader.choice<PatientMismatch>(
      "PACS_LITE_PATIENT_MISMATCH",
      {{"refuse", PatientMismatch::refuse}, {"accept", PatientMismatch::accept}});
  settings.refused_bytes = reader.choice<RefusedBytes>(
      "PACS_LITE_REFUSED_BYTES",
      {{"quarantine", RefusedBytes::quarantine}, {"drop", RefusedBytes::drop}});
  settings.trash_retention =
      std::chrono::days(reader.number("PACS_LITE_TRASH_DAYS", 0, kTrashDaysMost));
  settings.log_level =
      reader.choice<LogLevel>("PACS_LITE_LOG_LEVEL", {{"info", LogLevel::info},
                                                      {"debug", LogLevel::debug},
                                                      {"warning", LogLevel::warning},
                                                      {"error", LogLevel::error},
                                                      {"off", LogLevel::off}});
  settings.log_format = reader.choice<LogFormat>(
      "PACS_LITE_LOG_FORMAT", {{"text", LogFormat::text}, {"json", LogFormat::json}});
}

}  // namespace

std::string_view to_string(StorageBackend backend) {
  switch (backend) {
    case StorageBackend::filesystem:
      return "filesystem";
    case StorageBackend::s3:
      return "s3";
    case StorageBackend::minio:
      return "minio";
  }
  return "filesystem";
}

Settings read_settings(const SettingSources& sources, SettingProblems& problems) {
  SettingReader reader(sources, problems);
  Settings settings;
  settings.data_folder = reader.find_path("PACS_LITE_DATA").value_or(std::string());
  settings.storage = read_storage(reader);
  settings.media = read_media(reader, settings.data_folder);
  settings.s3 = read_s3_settings(reader, flavour_of(settings.storage));
  settings.other_buckets = reader.paths("PACS_LITE_OTHER_BUCKETS");
  settings.network = read_network(reader);
  settings.viewer = read_viewer_settings(reader);
  settings.jwt_keys = read_jwt_keys(reader);
  settings.verify = read_verify(reader);
  settings.decoder = read_decoder(reader);
  settings.transcode = read_transcode(reader);
  read_policies(reader, settings);
  settings.file_path = sources.file().path;
  settings.in_force = reader.in_force();
  return settings;
}

}  // namespace pacs
