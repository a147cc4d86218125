#include "index/stored_images.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "index/sqlite_connection.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::audit_line;
using tests::ingest_of;
using tests::must;
using tests::reason_of;
using tests::Scopes;
using tests::TestIndex;

class StoredImagesTest : public ::testing::Test {
 protected:
  StoredImagesTest() {
    for (const char* image : {"1.3.1", "1.3.2", "1.3.3"}) {
      must(index_.ingests().commit(ingest_of("1.1", "1.2", image), audit_line()));
    }
    must(index_.state().set(ArchiveState::kArchiveId, "the-id", audit_line()));
  }

  std::unique_ptr<StoredImages> open() {
    return must(StoredImages::open(index_.path(), Scopes::everything()));
  }

  static std::vector<StoredImage> all_of(StoredImages& images) {
    std::vector<StoredImage> all;
    for (;;) {
      const auto some = must(images.next(2));
      if (some.empty()) return all;
      all.insert(all.end(), some.begin(), some.end());
    }
  }

  Removal removal_of(const std::string& image) {
    return Removal{
        .study_ids = {},
        .series_ids = {},
        .image_ids = {
            must(index_.images().find(Scopes::everything(), tests::image_uid(image)))->id}};
  }

  TestIndex index_;
};

TEST_F(StoredImagesTest, NamesWhatIsShownAndWhatIsInTheTrash) {
  must(index_.hide(removal_of("1.3.2"), audit_line()));
  const auto images = open();
  EXPECT_EQ(must(images->archive_id()), "the-id");
  const StoredImages::Totals totals = must(images->totals());
  EXPECT_EQ(totals.images, 3U);
  EXPECT_EQ(totals.size_bytes, 3000U);
  const auto all = all_of(*images);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all.back().key.str(), "radiology/1.1/1.2/1.3.2/image.dcm");
  EXPECT_EQ(all.back().sha256, tests::digest_of("1.3.2bytes"));
  for (const StoredImage& image : all) {
    EXPECT_TRUE(must(images->is_stored(image)));
    EXPECT_TRUE(must(images->names(image.key)));
  }
}

TEST_F(StoredImagesTest, WhatIsDeletedForGoodIsNotAskedFor) {
  const auto images = open();
  const auto all = all_of(*images);
  must(index_.remove(removal_of("1.3.1"), audit_line()));
  EXPECT_FALSE(must(images->is_stored(all.front())));
  EXPECT_FALSE(must(images->names(all.front().key)));
  EXPECT_EQ(must(open()->totals()).images, 2U);
  // Other bytes under the key are another image.
  must(index_.ingests().commit(ingest_of("1.1", "1.2", "1.3.1", "others"), audit_line()));
  EXPECT_FALSE(must(images->is_stored(all.front())));
  EXPECT_TRUE(must(images->names(all.front().key)));
}

TEST_F(StoredImagesTest, AnIndexOfAnotherSchemaIsRefused) {
  const auto set_version = [&](int64_t version) {
    auto connection =
        must(Connection::open(index_.path(), {ConnectionOptions::Access::read_write}));
    must(connection->run_script("PRAGMA user_version=" + std::to_string(version)));
  };
  set_version(999);
  EXPECT_EQ(reason_of(StoredImages::open(index_.path(), Scopes::everything())), "schema_newer");
  set_version(1);
  EXPECT_EQ(reason_of(StoredImages::open(index_.path(), Scopes::everything())), "schema_older");
  EXPECT_EQ(reason_of(StoredImages::open(index_.folder() / "none", Scopes::everything())),
            "no_index");
}

}  // namespace
}  // namespace pacs::index
