#include "core/settings_file.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/settings.h"

namespace pacs {
namespace {

std::string problem_of(const std::string& toml) {
  SettingProblems problems;
  static_cast<void>(parse_settings_file(toml, "p.toml", problems));
  return problems.all().empty() ? "" : problems.all()[0].name + ": " + problems.all()[0].text;
}

TEST(SettingsFile, TakesNamesInUpperAndLowerCase) {
  SettingProblems problems;
  const SettingsFile file =
      parse_settings_file("MEDIA_ROOT = '/a'\n\npacs_lite_data = '/b'\n", "p.toml", problems);
  EXPECT_TRUE(problems.all().empty());
  EXPECT_EQ(file.entries.at("MEDIA_ROOT").text, "/a");
  EXPECT_EQ(file.entries.at("PACS_LITE_DATA").text, "/b");
  EXPECT_EQ(file.entries.at("PACS_LITE_DATA").line, 3);
}

TEST(SettingsFile, SaysWhatIsWrongAndWhere) {
  struct Case {
    const char* toml;
    const char* says;
  };
  const std::vector<Case> cases = {
      {"MEDIA_ROT = '/a'\n",
       "MEDIA_ROT: no such setting (p.toml line 1); did you mean MEDIA_ROOT?"},
      {"pacs_lite_listn = 'x'\n", "did you mean PACS_LITE_LISTEN?"},
      {"something_else_entirely = 1\n", "something_else_entirely: no such setting (p.toml line 1)"},
      {"\nMEDIA_ROOT = \n", "pacs-lite.toml: "},
      {"\n\nMEDIA_ROOT = '/a\n", "(p.toml line 3)"},
      {"MEDIA_ROOT = '/a'\nmedia_root = '/b'\n", "MEDIA_ROOT: stands twice in p.toml"},
      {"MEDIA_ROOT = '/a'\nMEDIA_ROOT = '/b'\n", "p.toml line 2"},
      {"AWS_QUERYSTRING_EXPIRE = 1.5\n", "AWS_QUERYSTRING_EXPIRE: not a text"},
      {"AWS_QUERYSTRING_EXPIRE = 2026-01-01\n", "AWS_QUERYSTRING_EXPIRE: not a text"},
      {"PACS_LITE_TRUSTED_PROXIES = [['::1']]\n", "PACS_LITE_TRUSTED_PROXIES: not a text"},
  };
  for (const Case& one : cases) {
    EXPECT_NE(problem_of(one.toml).find(one.says), std::string::npos)
        << one.toml << " says: " << problem_of(one.toml);
  }
}

TEST(SettingsFile, ALetterBeyondAsciiNeedsQuotes) {
  EXPECT_EQ(problem_of("media_root = '/a'\nmedia_url = /b\xC3\xA9/\n"),
            "pacs-lite.toml: letters beyond ASCII must stand in quotes (p.toml line 2)");
  EXPECT_EQ(problem_of("media_root = '/b\xC3\xA9'  # \xC3\xA9\n"), "");
}

TEST(SettingsFile, ATableWithoutANameIsAProblemAndNoCrash) {
  for (const std::string& header : {std::string("[= 1"), "[[" + std::string(3, '\0') + "x]]"}) {
    const std::string problem = problem_of("media_root = '/a'\n" + header + "\n");
    EXPECT_TRUE(problem.ends_with("(p.toml line 2)")) << problem;
  }
}

TEST(SettingsFile, TablesAreTakenWhereASettingIsOne) {
  SettingProblems problems;
  const SettingsFile file = parse_settings_file(
      "[AWS_S3_OBJECT_PARAMETERS]\nServerSideEncryption = 'aws:kms'\nSSEKMSKeyId = 'k'\n", "p.toml",
      problems);
  const Settings settings = read_settings(SettingSources({}, {}, file), problems);
  EXPECT_TRUE(problems.all().empty());
  EXPECT_EQ(settings.s3.object_parameters.kms_key_id, "k");
}

TEST(SettingsFile, AFileThatAnybodyMayWriteIsNotUsed) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("settings-" + std::to_string(::getpid()) + ".toml");
  std::ofstream(path) << "MEDIA_ROOT = '/a'\n";
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  SettingProblems problems;
  EXPECT_TRUE(load_settings_file(path, problems).entries.empty());
  ASSERT_EQ(problems.all().size(), 1U);
  EXPECT_NE(problems.all()[0].text.find("chmod o-w"), std::string::npos);
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  SettingProblems none;
  EXPECT_EQ(load_settings_file(path, none).entries.size(), 1U);
  EXPECT_TRUE(none.all().empty());
  std::filesystem::remove(path);
}

TEST(SettingsFile, AMissingFileIsAProblem) {
  SettingProblems problems;
  static_cast<void>(load_settings_file("/nowhere/pacs-lite.toml", problems));
  EXPECT_TRUE(problems.has_errors());
}

constexpr const char* kGoodKey = R"(
[[pacs_lite_jwt_keys]]
key_id = "2026"
algorithm = "RS256"
key_file = "django.pem"
issuer = "https://app.example"
audience = "pacs-lite"
role_claim = "groups"
[pacs_lite_jwt_keys.roles]
radiologist = "reader"
technician = ["reader", "uploader"]
)";

TEST(JwtKeySetting, IsReadFromItsTable) {
  SettingProblems problems;
  const SettingsFile file = parse_settings_file(kGoodKey, "/etc/pacs/pacs-lite.toml", problems);
  const Settings settings = read_settings(SettingSources({}, {}, file), problems);
  EXPECT_TRUE(problems.all().empty());
  ASSERT_EQ(settings.jwt_keys.size(), 1U);
  const JwtKeySetting& key = settings.jwt_keys[0];
  EXPECT_EQ(key.algorithm, "RS256");
  EXPECT_EQ(key.key_file, "/etc/pacs/django.pem");
  EXPECT_EQ(key.user_claim, "sub");
  EXPECT_EQ(key.role_claim, "groups");
  ASSERT_EQ(key.roles.size(), 2U);
  EXPECT_EQ(key.roles[1].first, "technician");
  EXPECT_EQ(key.roles[1].second, (std::vector<std::string>{"reader", "uploader"}));
}

TEST(JwtKeySetting, RefusesWhatIsMissingUnknownOrWeak) {
  struct Case {
    std::string from;
    std::string to;
    const char* says;
  };
  const std::vector<Case> cases = {
      {"algorithm = \"RS256\"", "algorithm = \"none\"", "'none' is not one of RS256"},
      {"algorithm = \"RS256\"", "", "has no algorithm"},
      {"issuer = \"https://app.example\"", "", "has no issuer"},
      {"audience = \"pacs-lite\"", "", "has no audience"},
      {"key_file = \"django.pem\"", "", "has no key_file"},
      {"key_id", "keyid", "did you mean key_id?"},
      {"\"reader\"\n", "\"redaer\"\n", "did you mean reader?"},
      {"radiologist = \"reader\"", "radiologist = 3", "are no text and no list"},
      {"key_id = \"2026\"", "key_id = 2026", "key_id is no text"},
  };
  for (const Case& one : cases) {
    std::string toml = kGoodKey;
    toml.replace(toml.find(one.from), one.from.size(), one.to);
    SettingProblems problems;
    const SettingsFile file = parse_settings_file(toml, "/etc/pacs-lite.toml", problems);
    static_cast<void>(read_settings(SettingSources({}, {}, file), problems));
    ASSERT_EQ(problems.all().size(), 1U) << toml;
    EXPECT_EQ(problems.all()[0].name, "PACS_LITE_JWT_KEYS");
    EXPECT_NE(problems.all()[0].text.find(one.says), std::string::npos) << problems.all()[0].text;
  }
}

TEST(JwtKeySetting, TwoKeysOfOneIdAreRefused) {
  SettingProblems problems;
  const SettingsFile file =
      parse_settings_file(std::string(kGoodKey) + kGoodKey, "/p.toml", problems);
  static_cast<void>(read_settings(SettingSources({}, {}, file), problems));
  ASSERT_EQ(problems.all().size(), 1U);
  EXPECT_NE(problems.all()[0].text.find("key_id '2026'"), std::string::npos);
}

}  // namespace
}  // namespace pacs
