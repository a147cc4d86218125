#include "cli/import_adopt.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/import_queue.h"
#include "cli/import_tally.h"
#include "cli/test_image.h"
#include "core/json_value.h"
#include "tests/support/temporary_folder.h"

namespace pacs::cli {
namespace {

namespace fs = std::filesystem;

struct Collected {
  std::vector<ImportItem> items;
  std::vector<ImportResult> left_out;

  ImportSink sink() {
    return {[this](ImportItem item) {
              items.push_back(std::move(item));
              return true;
            },
            [this](ImportResult result) { left_out.push_back(std::move(result)); }};
  }
};

void write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

TEST(ImportTree, OffersWhatLiesUnderAKey) {
  testing_support::TemporaryFolder folder;
  SystemRandom random;
  write(folder.path() / "radiology/1.2/1.2.3/1.2.3.4/a.dcm",
        as_text(make_test_image(random).bytes));
  write(folder.path() / "radiology/1.2/1.2.3/1.2.3.5/photo.jpg", "\xff\xd8\xff\xe0 photo");
  write(folder.path() / "radiology/stray.dcm", "x");
  write(folder.path() / "avatars/me.png", "not ours");
  Collected found;
  EXPECT_TRUE(find_images_in_tree(folder.path(), found.sink()));
  ASSERT_EQ(found.items.size(), 2U);
  ASSERT_EQ(found.left_out.size(), 1U);
  EXPECT_EQ(found.left_out[0].code, "outside_layout");
  for (const ImportItem& item : found.items) {
    EXPECT_EQ(item.content, nullptr) << "it is adopted where it is";
    const auto record = JsonValue::parse(item.record);
    ASSERT_TRUE(record);
    const std::string key = *record->find("file_key")->as_string();
    const JsonValue* metadata = record->find("image_metadata");
    if (key.ends_with("a.dcm")) {
      EXPECT_EQ(metadata, nullptr) << "a DICOM file has UIDs of its own";
    } else {
      ASSERT_NE(metadata, nullptr);
      EXPECT_EQ(*metadata->find("image_uid")->as_string(), "1.2.3.5");
    }
  }
}

TEST(ManifestLine, KeepsWhatTheApplicationGaveOut) {
  const auto line = parse_manifest_line(
      R"({"image_id": 7, "study_id": 3, "key": "radiology/1.2/1.3/1.4/a.dcm", "checksum": "ab",
          "radiology_order_id": 12, "uploaded_by_name": "Jo"})");
  ASSERT_TRUE(line) << to_string(line.error());
  EXPECT_EQ(line->key, "radiology/1.2/1.3/1.4/a.dcm");
  EXPECT_EQ(line->record,
            R"({"id":7,"study_id":3,"file_key":"radiology/1.2/1.3/1.4/a.dcm","checksum":"ab",)"
            R"("radiology_order_id":12,"uploaded_by_name":"Jo"})");
  const auto elsewhere = parse_manifest_line(R"({"key": "xrays/2024/a.dcm"})");
  ASSERT_TRUE(elsewhere);
  EXPECT_EQ(elsewhere->record, "{}") << "a key outside the layout means nothing here";
}

TEST(ManifestLine, RefusesWhatIsNoImageOfTheFolder) {
  for (const char* text :
       {"", "[]", "{", "{}", R"({"key": 1})", R"({"key": ""})", R"({"key": "../a.dcm"})",
        R"({"key": "/etc/passwd"})", R"({"key": "a/../../b"})", R"({"key": "a//b"})",
        R"({"key": "radiology/1.2/1.3/1.4/a.dcm", "image_id": 7, "id": 8})"}) {
    EXPECT_FALSE(parse_manifest_line(text)) << text;
  }
}

TEST(Manifest, ReadsBytesFromTheFolderAndNamesTheLineOtherwise) {
  testing_support::TemporaryFolder folder;
  write(folder.path() / "old/xrays/a.dcm", "bytes");
  write(folder.path() / "export.jsonl",
        "{\"key\": \"xrays/a.dcm\"}\n\n{\"key\": \"xrays/gone.dcm\"}\nnot json\n");
  Collected found;
  EXPECT_TRUE(find_images_of_manifest({folder / "export.jsonl", folder / "old"}, found.sink()));
  ASSERT_EQ(found.items.size(), 1U);
  EXPECT_EQ(found.items[0].content->size(), 5U);
  ASSERT_EQ(found.left_out.size(), 2U);
  EXPECT_NE(found.left_out[0].place.find("line 3"), std::string::npos);
  EXPECT_EQ(found.left_out[0].outcome, ImportOutcome::failed);
  EXPECT_NE(found.left_out[1].place.find("line 4"), std::string::npos);
  EXPECT_EQ(found.left_out[1].outcome, ImportOutcome::refused);
  EXPECT_FALSE(find_images_of_manifest({folder / "none.jsonl", {}}, found.sink()));
}

TEST(ImportQueue, EndsForBothSidesWhenItIsClosed) {
  ImportQueue queue(2);
  EXPECT_TRUE(queue.push({"a", "{}", nullptr}));
  EXPECT_TRUE(queue.push({"b", "{}", nullptr}));
  EXPECT_EQ(queue.pop()->place, "a");
  queue.close();
  EXPECT_FALSE(queue.push({"c", "{}", nullptr}));
  EXPECT_EQ(queue.pop()->place, "b");
  EXPECT_FALSE(queue.pop());
}

TEST(ImportTally, CountsAndReportsWhatWasNotStored) {
  testing_support::TemporaryFolder folder;
  auto tally = ImportTally::create(folder / "report.jsonl", ImportTally::Show::nothing);
  ASSERT_TRUE(tally);
  (*tally)->add({"a", ImportOutcome::stored, 100, "", ""});
  (*tally)->add({"b", ImportOutcome::known, 10, "", ""});
  (*tally)->add({"c\"\n", ImportOutcome::refused, 5, "uid_conflict", "other bytes"});
  (*tally)->add({"d", ImportOutcome::skipped, 5, "no_image", "no image"});
  (*tally)->end_progress();
  const ImportCounts counts = (*tally)->counts();
  EXPECT_EQ(counts.done(), 3U);
  EXPECT_EQ(counts.size_bytes, 110U);
  ASSERT_EQ((*tally)->kept().size(), 1U);
  std::ifstream report(folder / "report.jsonl");
  std::string line;
  std::vector<std::string> outcomes;
  while (std::getline(report, line)) {
    const auto json = JsonValue::parse(line);
    ASSERT_TRUE(json) << line;
    outcomes.push_back(*json->find("outcome")->as_string());
  }
  EXPECT_EQ(outcomes, (std::vector<std::string>{"refused", "skipped"}));
  EXPECT_FALSE(ImportTally::create("/nowhere/report", ImportTally::Show::nothing));
}

TEST(ImportTally, ProgressSaysHowMuchIsLeftOnceItIsKnown) {
  ImportCounts counts;
  counts.found = 10;
  counts.by_outcome[0] = 4;
  counts.by_outcome[2] = 1;
  counts.size_bytes = 2'000'000;
  EXPECT_EQ(progress_text(counts, std::chrono::seconds(2)),
            "5 images, 2.0 MB, 1.0 MB/s; 1 refused");
  counts.finding_ended = true;
  EXPECT_EQ(progress_text(counts, std::chrono::seconds(2)),
            "5 of 10 images, 2.0 MB, 1.0 MB/s, 2.0 s left; 1 refused");
}

}  // namespace
}  // namespace pacs::cli
