// Every setting of the program as a typed value. The names, defaults and rules are those of
// docs/operations.md; what reads them stands in setting_sources.h and setting_reader.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/jwt_key_setting.h"
#include "core/log.h"
#include "core/s3_settings.h"
#include "core/setting_grammar.h"
#include "core/setting_problems.h"
#include "core/setting_sources.h"

namespace pacs {

enum class StorageBackend { filesystem, s3, minio };
[[nodiscard]] std::string_view to_string(StorageBackend backend);

// Who may fetch a stored file: whoever holds a link, or only who shows a token as well.
enum class SignedUrls { given_out, token_required };
// What to do with another PatientID within a study.
enum class PatientMismatch { refuse, accept };
// What to do with other bytes under a UID that is taken.
enum class RefusedBytes { quarantine, drop };

struct MediaSettings {
  std::string root;          // MEDIA_ROOT, absolute
  std::string url;           // MEDIA_URL with a slash at its end, "/media/" or "https://…/"
  std::string static_url;    // STATIC_URL in the same form
  unsigned file_mode = 0;    // FILE_UPLOAD_PERMISSIONS
  unsigned folder_mode = 0;  // FILE_UPLOAD_DIRECTORY_PERMISSIONS
  std::chrono::seconds url_life{0};  // AWS_QUERYSTRING_EXPIRE
  SignedUrls signed_urls = SignedUrls::given_out;
};

struct TlsSetting {
  std::string certificate_path;
  std::string key_path;
};

struct NetworkSettings {
  std::vector<HostAndPort> listen;
  std::string public_url;  // without a slash at its end; empty: taken from each request
  std::optional<TlsSetting> tls;
  std::vector<std::string> trusted_proxies;  // as written; http::AddressBlock has the grammar
  std::string proxy_user_header;             // empty: proxies name no users
  std::string proxy_roles_header;
  std::vector<std::string> cors_allowed_origins;
  uint64_t connections_max = 0;
  uint64_t connections_per_client_max = 0;
  std::chrono::seconds stop_grace{0};
};

struct ViewerSettings {
  std::string ohif_url;  // empty: the built-in viewer
  std::string folder;    // PACS_LITE_VIEWER, absolute; empty: beside the program
  std::vector<std::string> frame_ancestors;
};

// What the server verifies by itself; an interval of 0 is never.
struct VerifySettings {
  std::chrono::seconds presence_interval{0};
  std::chrono::seconds hashes_interval{0};
  uint64_t bytes_per_second_max = 0;
};

// Of the processes that decode compressed pixels.
struct DecoderSettings {
  uint64_t processes_max = 0;
  uint64_t memory_bytes = 0;  // of each
  std::chrono::seconds frame_time{0};
};

enum class TranscodeTo { off, htj2k, jpeg_2000, jpeg_ls };
enum class TranscodeWhat { uncompressed, lossless };

// Copies of new images' frames in another transfer syntax.
struct TranscodeSettings {
  TranscodeTo to = TranscodeTo::off;
  TranscodeWhat what = TranscodeWhat::uncompressed;
  uint64_t size_bytes_max = 0;  // of all copies
};

struct Settings {
  std::string data_folder;  // absolute
  StorageBackend storage = StorageBackend::filesystem;
  MediaSettings media;
  S3Settings s3;
  std::vector<std::string> other_buckets;  // absolute paths of settings files, one bucket each
  NetworkSettings network;
  ViewerSettings viewer;
  VerifySettings verify;
  DecoderSettings decoder;
  TranscodeSettings transcode;
  std::vector<JwtKeySetting> jwt_keys;
  uint64_t image_bytes_max = 0;
  uint64_t free_bytes_min = 0;          // below it nothing new is taken in; 0: as long as it goes
  std::chrono::seconds upload_life{0};  // of a resumable upload that nobody goes on with
  PatientMismatch patient_mismatch = PatientMismatch::refuse;
  std::chrono::days trash_retention{0};  // 0: removed is gone at once
  RefusedBytes refused_bytes = RefusedBytes::quarantine;
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::text;

  std::string file_path;  // of pacs-lite.toml; empty when none was read
  std::vector<SettingInForce> in_force;
};

// Reads and checks everything; `problems` gathers what is wrong, one line each. With an error among
// them the values must not be used for anything but showing them.
[[nodiscard]] Settings read_settings(const SettingSources& sources, SettingProblems& problems);

}  // namespace pacs
