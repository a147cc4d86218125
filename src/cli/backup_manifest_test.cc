#include "cli/backup_manifest.h"

#include <string>

#include <gtest/gtest.h>

#include "core/bytes.h"

namespace pacs::cli {
namespace {

BackupManifest example() {
  BackupManifest manifest;
  manifest.archive_id = "0f4c1c52-2f8e-4b53-9c9b-7d1f3c1d2e11";
  manifest.program_version = "0.1.0";
  manifest.schema_version = 5;
  manifest.store = "filesystem";
  manifest.taken_at = 1'700'000'000'123;
  manifest.finished_at = 1'700'000'100'000;
  manifest.images = 214'000;
  manifest.size_bytes = 112'000'000'000;
  manifest.faulty_images = 1;
  manifest.index = {"index-20231114T221320123Z.db", 4096, sha256(as_bytes(std::string("index")))};
  manifest.secrets = {{"receipt-key", 32, sha256(as_bytes(std::string("key")))}};
  return manifest;
}

std::string replaced(const std::string& from, const std::string& to) {
  std::string json = example().to_json();
  json.replace(json.find(from), from.size(), to);
  return json;
}

TEST(BackupManifest, IsReadAsItWasWritten) {
  const auto read = BackupManifest::parse(example().to_json());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->to_json(), example().to_json());
  EXPECT_EQ(read->secrets.front().name, "receipt-key");
  EXPECT_EQ(read->size_bytes, 112'000'000'000U);
}

TEST(BackupManifest, ALaterFormatIsLeftToALaterProgram) {
  const auto read = BackupManifest::parse(replaced("\"format\":1", "\"format\":2"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, "newer_backup");
}

TEST(BackupManifest, WhatNobodyHasWrittenIsRefused) {
  const std::string texts[] = {
      "",
      "[]",
      "{}",
      example().to_json().substr(0, 100),
      replaced("\"images\":214000", "\"images\":-1"),
      replaced("\"receipt-key\"", "\"../../etc/passwd\""),
      replaced("\"receipt-key\"", "\".hidden\""),
      replaced("\"index-20231114T221320123Z.db\"", "\"/etc/passwd\""),
      replaced("2023-11-14T22:13:20.123Z", "yesterday"),
      replaced("\"secrets\":[", "\"secrets\":[7,"),
      replaced("\"sha256\":\"", "\"sha256\":\"zz"),
  };
  for (const std::string& text : texts) {
    const auto read = BackupManifest::parse(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().reason, "bad_backup_manifest") << text;
  }
}

}  // namespace
}  // namespace pacs::cli
