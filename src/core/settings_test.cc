// Every rule of the settings, as an operator meets it: what is set, what comes out, what is said.
#include "core/settings.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/setting_catalogue.h"

namespace pacs {
namespace {

struct Outcome {
  Settings settings;
  std::vector<SettingProblem> problems;

  [[nodiscard]] std::string line(SettingProblem::Severity severity, const std::string& name) const {
    for (const SettingProblem& problem : problems) {
      if (problem.severity == severity && problem.name == name) return problem.text;
    }
    return {};
  }
  [[nodiscard]] std::string error(const std::string& name) const {
    return line(SettingProblem::Severity::error, name);
  }
  [[nodiscard]] std::string warning(const std::string& name) const {
    return line(SettingProblem::Severity::warning, name);
  }
  [[nodiscard]] size_t errors() const {
    return static_cast<size_t>(
        std::count_if(problems.begin(), problems.end(), [](const SettingProblem& problem) {
          return problem.severity == SettingProblem::Severity::error;
        }));
  }
};

Outcome read(const SettingSources::Texts& environment, const std::string& toml = {},
             const SettingSources::Texts& flags = {}) {
  SettingProblems problems;
  SettingsFile file;
  if (!toml.empty()) file = parse_settings_file(toml, "/etc/pacs/pacs-lite.toml", problems);
  const SettingSources sources(flags, environment, file);
  Settings settings = read_settings(sources, problems);
  return {std::move(settings), problems.all()};
}

const SettingInForce& in_force(const Settings& settings, const std::string& name) {
  const auto found = std::find_if(settings.in_force.begin(), settings.in_force.end(),
                                  [&](const SettingInForce& entry) { return entry.name == name; });
  EXPECT_NE(found, settings.in_force.end()) << name;
  return *found;
}

struct Refusal {
  const char* name;
  const char* text;
  const char* says;  // a part of the line
};

TEST(Settings, NothingSetIsAWorkingSetOfDefaults) {
  const Outcome outcome = read({});
  EXPECT_TRUE(outcome.problems.empty());
  const Settings& settings = outcome.settings;
  EXPECT_EQ(settings.storage, StorageBackend::filesystem);
  EXPECT_TRUE(settings.data_folder.ends_with("/data"));
  EXPECT_EQ(settings.data_folder.front(), '/');
  EXPECT_EQ(settings.media.root, settings.data_folder + "/media");
  EXPECT_EQ(settings.media.url, "/media/");
  EXPECT_EQ(settings.media.static_url, "/static/");
  EXPECT_EQ(settings.media.file_mode, 0440U);
  EXPECT_EQ(settings.media.folder_mode, 02750U);
  EXPECT_EQ(settings.media.url_life, std::chrono::hours(1));
  EXPECT_EQ(settings.media.signed_urls, SignedUrls::given_out);
  EXPECT_EQ(settings.image_bytes_max, uint64_t{4} << 30);
  ASSERT_EQ(settings.network.listen.size(), 1U);
  EXPECT_EQ(settings.network.listen[0].host, "127.0.0.1");
  EXPECT_EQ(settings.network.listen[0].port, 8042);
  EXPECT_FALSE(settings.network.tls);
  EXPECT_TRUE(settings.network.trusted_proxies.empty());
  EXPECT_EQ(settings.viewer.frame_ancestors, std::vector<std::string>{"'self'"});
  EXPECT_EQ(settings.patient_mismatch, PatientMismatch::refuse);
}

TEST(Settings, EmptyAndNoneMeanUnset) {
  const Outcome outcome =
      read({{"MEDIA_URL", ""}, {"AWS_QUERYSTRING_EXPIRE", "None"}}, "media_url = \"/files/\"\n");
  EXPECT_TRUE(outcome.problems.empty());
  EXPECT_EQ(outcome.settings.media.url, "/files/");
  EXPECT_EQ(outcome.settings.media.url_life, std::chrono::hours(1));
  EXPECT_EQ(in_force(outcome.settings, "AWS_QUERYSTRING_EXPIRE").origin, SettingOrigin::built_in);
}

TEST(Settings, FlagsBeatTheEnvironmentWhichBeatsTheFile) {
  const char* toml = "MEDIA_URL = '/c/'\nstatic_url = '/sc/'\naws_querystring_expire = 60\n";
  const Outcome outcome =
      read({{"MEDIA_URL", "/b/"}, {"STATIC_URL", "/sb/"}}, toml, {{"MEDIA_URL", "/a/"}});
  EXPECT_TRUE(outcome.problems.empty());
  EXPECT_EQ(outcome.settings.media.url, "/a/");
  EXPECT_EQ(outcome.settings.media.static_url, "/sb/");
  EXPECT_EQ(outcome.settings.media.url_life, std::chrono::minutes(1));
  EXPECT_EQ(in_force(outcome.settings, "MEDIA_URL").place, "--media-url");
  EXPECT_EQ(in_force(outcome.settings, "STATIC_URL").place, "the environment");
  EXPECT_EQ(in_force(outcome.settings, "AWS_QUERYSTRING_EXPIRE").place,
            "/etc/pacs/pacs-lite.toml line 3");
}

TEST(Settings, DjangosNamesOfABackendAreTaken) {
  struct Case {
    const char* value;
    StorageBackend backend;
    bool minio_credentials;
    bool aws_credentials;
  };
  const char* boto3 = "storages.backends.s3boto3.S3Boto3Storage";
  const char* s3 = "storages.backends.s3.S3Storage";
  const std::vector<Case> cases = {
      {"filesystem", StorageBackend::filesystem, false, false},
      {"django.core.files.storage.FileSystemStorage", StorageBackend::filesystem, true, true},
      {"s3", StorageBackend::s3, true, false},
      {"minio", StorageBackend::minio, false, true},
      {boto3, StorageBackend::s3, false, false},
      {boto3, StorageBackend::s3, true, true},
      {boto3, StorageBackend::minio, true, false},
      {s3, StorageBackend::minio, true, false},
      {s3, StorageBackend::s3, false, true},
  };
  for (const Case& one : cases) {
    SettingSources::Texts environment = {{"RADIOLOGY_STORAGE", one.value}};
    if (one.minio_credentials) {
      environment["MINIO_ACCESS_KEY"] = "a";
      environment["MINIO_SECRET_KEY"] = "b";
    }
    if (one.aws_credentials) {
      environment["AWS_ACCESS_KEY_ID"] = "a";
      environment["AWS_SECRET_ACCESS_KEY"] = "b";
    }
    const Outcome outcome = read(environment);
    EXPECT_EQ(outcome.settings.storage, one.backend) << one.value;
    EXPECT_EQ(outcome.error("RADIOLOGY_STORAGE"), "") << one.value;
  }
}

TEST(Settings, AWrongBackendIsNamedWithAllThatAreAccepted) {
  const std::string error = read({{"RADIOLOGY_STORAGE", "filesytem"}}).error("RADIOLOGY_STORAGE");
  EXPECT_NE(error.find("'filesytem'"), std::string::npos) << error;
  EXPECT_NE(error.find("storages.backends.s3.S3Storage"), std::string::npos) << error;
  EXPECT_NE(error.find("did you mean filesystem?"), std::string::npos) << error;
}

TEST(Settings, ModesAreOctalInEverySpelling) {
  for (const char* spelling : {"640", "0640", "0o640", "0O640"}) {
    const Outcome outcome = read({{"FILE_UPLOAD_PERMISSIONS", spelling}});
    EXPECT_TRUE(outcome.problems.empty()) << spelling;
    EXPECT_EQ(outcome.settings.media.file_mode, 0640U) << spelling;
  }
  const Outcome toml = read({},
                            "file_upload_permissions = 0o640\n"
                            "FILE_UPLOAD_DIRECTORY_PERMISSIONS = 2770\n");
  EXPECT_TRUE(toml.problems.empty());
  EXPECT_EQ(toml.settings.media.file_mode, 0640U);
  EXPECT_EQ(toml.settings.media.folder_mode, 02770U);
  EXPECT_EQ(in_force(toml.settings, "FILE_UPLOAD_PERMISSIONS").text, "0640");
}

TEST(Settings, UrlsGetTheirSlashesWithAWarning) {
  for (const char* spelling : {"files", "/files", "files/"}) {
    const Outcome outcome = read({{"MEDIA_URL", spelling}});
    EXPECT_EQ(outcome.errors(), 0U) << spelling;
    EXPECT_EQ(outcome.settings.media.url, "/files/") << spelling;
    EXPECT_NE(outcome.warning("MEDIA_URL").find("taken as /files/"), std::string::npos);
  }
  const Outcome absolute = read({{"MEDIA_URL", "https://cdn.example/files"}});
  EXPECT_EQ(absolute.settings.media.url, "https://cdn.example/files/");
  // Django's own default of today; nobody is warned of it.
  const Outcome django = read({{"STATIC_URL", "static/"}});
  EXPECT_TRUE(django.problems.empty());
  EXPECT_EQ(django.settings.media.static_url, "/static/");
}

TEST(Settings, AMediaRootThatEndsInRadiologyIsWarnedOf) {
  for (const char* root : {"/srv/media/radiology", "/srv/media/radiology/"}) {
    const Outcome outcome = read({{"MEDIA_ROOT", root}});
    EXPECT_EQ(outcome.errors(), 0U);
    EXPECT_NE(outcome.warning("MEDIA_ROOT").find("radiology/radiology"), std::string::npos);
  }
  EXPECT_EQ(read({{"MEDIA_ROOT", "/srv/media"}}).warning("MEDIA_ROOT"), "");
}

TEST(Settings, RelativePathsBeginAtTheFileThatNamesThem) {
  const Outcome outcome = read({}, "MEDIA_ROOT = '../media'\nPACS_LITE_DATA = '/var/lib/pacs/'\n");
  EXPECT_EQ(outcome.settings.media.root, "/etc/media");
  EXPECT_EQ(outcome.settings.data_folder, "/var/lib/pacs");
}

TEST(Settings, BooleansAsDjangoPeopleWriteThem) {
  for (const char* yes : {"True", "true", "1", "yes", "ON", "t"}) {
    EXPECT_EQ(read({{"RADIOLOGY_SIGNED_URLS", yes}}).settings.media.signed_urls,
              SignedUrls::given_out);
  }
  for (const char* no : {"False", "false", "0", "no", "Off"}) {
    EXPECT_EQ(read({{"RADIOLOGY_SIGNED_URLS", no}}).settings.media.signed_urls,
              SignedUrls::token_required);
  }
}

TEST(Settings, SizesHaveUnits) {
  struct Case {
    const char* text;
    uint64_t bytes;
  };
  for (const Case& one :
       {Case{"1000000", 1'000'000}, Case{"500 MB", 500'000'000}, Case{"500mb", 500'000'000},
        Case{"2GiB", uint64_t{2} << 30}, Case{"1 TiB", uint64_t{1} << 40}}) {
    const Outcome outcome = read({{"PACS_LITE_MAX_IMAGE_BYTES", one.text}});
    EXPECT_TRUE(outcome.problems.empty()) << one.text;
    EXPECT_EQ(outcome.settings.image_bytes_max, one.bytes) << one.text;
  }
}

TEST(Settings, ListsAreTakenWithCommasSpacesAndFromTheFile) {
  const std::vector<std::string> expected = {"10.0.0.0/8", "::1"};
  for (const char* text :
       {"10.0.0.0/8,::1", "10.0.0.0/8 ::1", " 10.0.0.0/8 , ::1 ", "[\"10.0.0.0/8\", \"::1\"]"}) {
    EXPECT_EQ(read({{"PACS_LITE_TRUSTED_PROXIES", text}}).settings.network.trusted_proxies,
              expected)
        << text;
  }
  EXPECT_EQ(read({}, "pacs_lite_trusted_proxies = ['10.0.0.0/8', '::1']\n")
                .settings.network.trusted_proxies,
            expected);
}

TEST(Settings, SeveralAddressesToListenOn) {
  const Outcome outcome = read({{"PACS_LITE_LISTEN", "127.0.0.1:8042, [::1]:0, localhost:1"}});
  ASSERT_EQ(outcome.settings.network.listen.size(), 3U);
  EXPECT_EQ(outcome.settings.network.listen[1].host, "::1");
  EXPECT_EQ(outcome.settings.network.listen[1].port, 0);
  EXPECT_EQ(outcome.settings.network.listen[2].host, "localhost");
}

TEST(Settings, WhatCannotBeIsRefusedWithTheReason) {
  const std::vector<Refusal> refusals = {
      {"FILE_UPLOAD_PERMISSIONS", "0o648", "not an octal mode"},
      {"FILE_UPLOAD_PERMISSIONS", "rw-r-----", "not an octal mode"},
      {"FILE_UPLOAD_PERMISSIONS", "17777", "not an octal mode"},
      {"FILE_UPLOAD_PERMISSIONS", "420", "Python's decimal"},
      {"FILE_UPLOAD_PERMISSIONS", "416", "Python's decimal"},
      {"FILE_UPLOAD_PERMISSIONS", "0200", "keeps this server itself out"},
      {"FILE_UPLOAD_PERMISSIONS", "0666", "lets everybody on this machine change"},
      {"FILE_UPLOAD_DIRECTORY_PERMISSIONS", "0550", "keeps this server itself out"},
      {"FILE_UPLOAD_DIRECTORY_PERMISSIONS", "0777", "lets everybody on this machine change"},
      {"MEDIA_URL", "/a b/", "is not a path"},
      {"MEDIA_URL", "/a/../b/", "is not a path"},
      {"MEDIA_URL", "/a?b/", "is not a path"},
      {"MEDIA_URL", "ftp://x/", "is not a path"},
      {"MEDIA_URL", "https://user@x/m/", "is not a path"},
      {"MEDIA_URL", "/static/media/", "overlaps STATIC_URL"},
      {"MEDIA_URL", "/static/", "overlaps STATIC_URL"},
      {"MEDIA_URL", "/", "overlaps"},
      {"MEDIA_URL", "/api/media/", "this server's own /api/"},
      {"MEDIA_URL", "/ui/", "this server's own /ui/"},
      {"STATIC_URL", "/a b/", "is not a path"},
      {"AWS_QUERYSTRING_EXPIRE", "0", "from 1 to 604800"},
      {"AWS_QUERYSTRING_EXPIRE", "604801", "from 1 to 604800"},
      {"AWS_QUERYSTRING_EXPIRE", "-1", "from 1 to 604800"},
      {"AWS_QUERYSTRING_EXPIRE", "1h", "from 1 to 604800"},
      {"AWS_S3_FILE_OVERWRITE", "True", "stored images never change"},
      {"AWS_S3_FILE_OVERWRITE", "maybe", "neither true nor false"},
      {"AWS_S3_ENDPOINT_URL", "minio:9000", "is not http://"},
      {"AWS_S3_ADDRESSING_STYLE", "Path", "did you mean path?"},
      {"AWS_S3_CUSTOM_DOMAIN", "https://cdn.example", "is not a host"},
      {"AWS_S3_OBJECT_PARAMETERS", "{'ACL': 'private'}", "is not a JSON object"},
      {"AWS_S3_OBJECT_PARAMETERS", "{\"ACL\": \"private\"}", "names 'ACL'"},
      {"AWS_S3_OBJECT_PARAMETERS", "{\"SSEKMSKeyId\": \"k\"}", "without ServerSideEncryption"},
      {"AWS_S3_OBJECT_PARAMETERS", "{\"ServerSideEncryption\": \"x\"}", "neither AES256"},
      {"AWS_S3_OBJECT_PARAMETERS", "{\"StorageClass\": 1}", "is no text"},
      {"AWS_S3_VERIFY", "sometimes", "neither true nor false nor"},
      {"RADIOLOGY_SIGNED_URLS", "sure", "neither true nor false"},
      {"OHIF_VIEWER_URL", "viewer.example", "is not a URL"},
      {"OHIF_VIEWER_URL", "https://viewer.ohif.org/viewer", "public demonstration site"},
      {"OHIF_VIEWER_URL", "https://VIEWER.OHIF.ORG/", "public demonstration site"},
      {"PACS_LITE_LISTEN", "8042", "is not HOST:PORT"},
      {"PACS_LITE_LISTEN", "127.0.0.1:99999", "is not HOST:PORT"},
      {"PACS_LITE_LISTEN", "127.0.0.1:80,,x", "is not HOST:PORT"},
      {"PACS_LITE_PUBLIC_URL", "pacs.example", "is not http://"},
      {"PACS_LITE_PUBLIC_URL", "https://pacs.example/?a=b", "is not http://"},
      {"PACS_LITE_TLS_CERTIFICATE", "/c.pem", "without PACS_LITE_TLS_KEY"},
      {"PACS_LITE_TLS_KEY", "/k.pem", "without PACS_LITE_TLS_CERTIFICATE"},
      {"PACS_LITE_PROXY_USER_HEADER", "X-User", "without PACS_LITE_TRUSTED_PROXIES"},
      {"PACS_LITE_PROXY_ROLES_HEADER", "X Roles", "is not the name of a header"},
      {"PACS_LITE_CORS_ALLOWED_ORIGINS", "https://a.example/", "is not an origin"},
      {"PACS_LITE_CORS_ALLOWED_ORIGINS", "a.example", "is not an origin"},
      {"PACS_LITE_FRAME_ANCESTORS", "self;", "is not 'self'"},
      {"PACS_LITE_FRAME_ANCESTORS", "'none' 'self'", "contradict"},
      {"PACS_LITE_MAX_IMAGE_BYTES", "4G", "is not a size"},
      {"PACS_LITE_MAX_IMAGE_BYTES", "1.5 GiB", "is not a size"},
      {"PACS_LITE_MAX_IMAGE_BYTES", "10 kB", "from 1000000 to"},
      {"PACS_LITE_MAX_IMAGE_BYTES", "99999999 TiB", "is not a size"},
      {"PACS_LITE_MAX_CONNECTIONS", "0", "from 1 to"},
      {"PACS_LITE_MAX_CONNECTIONS_PER_CLIENT", "x", "from 1 to"},
      {"PACS_LITE_STOP_GRACE_SECONDS", "3601", "from 0 to 3600"},
      {"PACS_LITE_PATIENT_MISMATCH", "acept", "did you mean accept?"},
      {"PACS_LITE_REFUSED_BYTES", "keep", "is not one of quarantine or drop"},
      {"PACS_LITE_LOG_LEVEL", "warn", "is not one of"},
      {"PACS_LITE_LOG_FORMAT", "JSON", "did you mean json?"},
  };
  for (const Refusal& refusal : refusals) {
    const Outcome outcome = read({{refusal.name, refusal.text}});
    const std::string error = outcome.error(refusal.name);
    EXPECT_NE(error.find(refusal.says), std::string::npos)
        << refusal.name << "=" << refusal.text << " says: " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos);
    EXPECT_EQ(outcome.errors(), 1U) << refusal.name << "=" << refusal.text;
  }
}

TEST(Settings, EverythingThatIsWrongIsSaidAtOnce) {
  const Outcome outcome = read({{"MEDIA_URL", "/a b/"},
                                {"PACS_LITE_LISTEN", "x"},
                                {"PACS_LITE_LOG_LEVEL", "loud"},
                                {"AWS_QUERYSTRING_EXPIRE", "0"}},
                               "MEDIA_ROT = '/x'\n");
  EXPECT_EQ(outcome.errors(), 5U);
}

TEST(Settings, ADemonstrationViewerIsAllowedByItsName) {
  const Outcome outcome = read({{"OHIF_VIEWER_URL", "https://viewer.ohif.org/viewer/"},
                                {"PACS_LITE_ALLOW_DEMONSTRATION_VIEWER", "viewer.ohif.org"}});
  EXPECT_EQ(outcome.errors(), 0U);
  EXPECT_EQ(outcome.settings.viewer.ohif_url, "https://viewer.ohif.org/viewer");
  const Outcome other = read({{"OHIF_VIEWER_URL", "https://viewer.ohif.org/"},
                              {"PACS_LITE_ALLOW_DEMONSTRATION_VIEWER", "true"}});
  EXPECT_EQ(other.errors(), 1U);
  EXPECT_EQ(read({{"OHIF_VIEWER_URL", "https://ohif.org.clinic.example/"}}).errors(), 0U);
}

TEST(Settings, AnObjectStoreNeedsItsBucketAndBothHalvesOfItsCredentials) {
  const Outcome outcome = read({{"RADIOLOGY_STORAGE", "s3"}, {"AWS_ACCESS_KEY_ID", "a"}});
  EXPECT_NE(outcome.error("AWS_STORAGE_BUCKET_NAME").find("required"), std::string::npos);
  const std::string half = outcome.error("AWS_ACCESS_KEY_ID");
  EXPECT_NE(half.find("without AWS_SECRET_ACCESS_KEY"), std::string::npos) << half;
  // On the filesystem AWS_* may be in the environment for other reasons.
  EXPECT_TRUE(read({{"AWS_ACCESS_KEY_ID", "a"}}).problems.empty());
}

TEST(Settings, MinioHasDefaultsOfItsOwn) {
  const Settings settings = read({{"RADIOLOGY_STORAGE", "minio"},
                                  {"MINIO_ACCESS_KEY", "access"},
                                  {"MINIO_SECRET_KEY", "secret"}})
                                .settings;
  EXPECT_EQ(settings.s3.bucket, "radiology");
  EXPECT_EQ(settings.s3.endpoint_url, "http://localhost:9000");
  EXPECT_EQ(settings.s3.access_key_id, "access");
  EXPECT_EQ(settings.s3.addressing, S3Addressing::path);
}

// A session token belongs to its key: that of AWS is none of MinIO's.
TEST(Settings, TheSessionTokenOfAwsIsNotSentToMinio) {
  const auto token = [](SettingSources::Texts more) {
    more.insert({{"RADIOLOGY_STORAGE", "minio"}, {"AWS_SESSION_TOKEN", "token"}});
    return read(more).settings.s3.session_token;
  };
  EXPECT_EQ(token({{"MINIO_ACCESS_KEY", "access"}, {"MINIO_SECRET_KEY", "secret"}}), "");
  EXPECT_EQ(token({{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "secret"}}), "token");
}

TEST(Settings, TheSchemeOfAnEndpointWinsOverUseSsl) {
  const Outcome outcome = read({{"RADIOLOGY_STORAGE", "s3"},
                                {"AWS_STORAGE_BUCKET_NAME", "b"},
                                {"AWS_S3_ENDPOINT_URL", "https://store.example"},
                                {"AWS_S3_USE_SSL", "False"}});
  EXPECT_NE(outcome.warning("AWS_S3_USE_SSL").find("wins"), std::string::npos);
}

TEST(Settings, SecretsAreHiddenWhereSettingsAreShown) {
  const Outcome outcome = read({{"AWS_SECRET_ACCESS_KEY", "swordfish"},
                                {"MINIO_SECRET_KEY", "swordfish"},
                                {"AWS_SESSION_TOKEN", "swordfish"}});
  for (const SettingInForce& entry : outcome.settings.in_force) {
    EXPECT_EQ(entry.text.find("swordfish"), std::string::npos) << entry.name;
  }
  EXPECT_EQ(in_force(outcome.settings, "MINIO_SECRET_KEY").text, "(hidden)");
  EXPECT_EQ(outcome.settings.s3.secret_access_key, "swordfish");
}

TEST(Settings, EverySettingIsListedOnceAndInTheCataloguesOrder) {
  const Settings settings = read({}).settings;
  ASSERT_EQ(settings.in_force.size(), setting_catalogue().size());
  for (size_t i = 0; i < settings.in_force.size(); ++i) {
    EXPECT_EQ(settings.in_force[i].name, setting_catalogue()[i].name);
  }
}

TEST(Settings, WarnsOfAPlainPublicUrlButNotOnThisMachine) {
  EXPECT_NE(
      read({{"PACS_LITE_PUBLIC_URL", "http://pacs.example/"}}).warning("PACS_LITE_PUBLIC_URL"), "");
  const Outcome local = read({{"PACS_LITE_PUBLIC_URL", "http://127.0.0.1:8042/"}});
  EXPECT_TRUE(local.problems.empty());
  EXPECT_EQ(local.settings.network.public_url, "http://127.0.0.1:8042");
}

}  // namespace
}  // namespace pacs
