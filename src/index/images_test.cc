#include "index/images.h"

#include <gtest/gtest.h>

#include "index/ingests.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::audit_line;
using tests::ingest_of;
using tests::must;
using tests::reason_of;
using tests::Scopes;
using tests::TestIndex;

void add_image(TestIndex& index, const std::string& series, std::optional<int64_t> series_number,
               const std::string& image, std::optional<int64_t> instance_number) {
  Ingest ingest = ingest_of("1.1", series, image);
  ingest.series.number = series_number;
  ingest.image.instance_number = instance_number;
  must(index.ingests().commit(ingest, audit_line()));
}

std::vector<std::string> uids_of(const std::vector<ImageRecord>& images) {
  std::vector<std::string> uids;
  for (const ImageRecord& image : images) uids.push_back(image.image_uid.str());
  return uids;
}

// Series 3 before 10 before one without a number; within, 2 before 11 before none.
void add_seven(TestIndex& index) {
  add_image(index, "1.9", std::nullopt, "9.1", 1);
  add_image(index, "1.10", 10, "10.2", 11);
  add_image(index, "1.10", 10, "10.1", 2);
  add_image(index, "1.3", 3, "3.9", std::nullopt);
  add_image(index, "1.3", 3, "3.2", 5);
  add_image(index, "1.3", 3, "3.3", 5);
  add_image(index, "1.3", 3, "3.1", -4);
}
const std::vector<std::string> kSevenInOrder = {"3.1", "3.2", "3.3", "3.9", "10.1", "10.2", "9.1"};

TEST(Images, StandInTheOrderOfSeriesAndInstanceNumbers) {
  TestIndex index;
  add_seven(index);
  const auto page =
      must(index.images().list(Scopes::everything(), {.study_uid = tests::study_uid("1.1")}));
  EXPECT_EQ(uids_of(page.images), kSevenInOrder);
  EXPECT_FALSE(page.next);
  const auto series = must(index.images().series_of_study(Scopes::everything(), 1));
  ASSERT_EQ(series.size(), 3U);
  EXPECT_EQ(series[0].attributes.number, 3);
  EXPECT_EQ(series[0].image_count, 4);
  EXPECT_EQ(series[1].attributes.number, 10);
  EXPECT_FALSE(series[2].attributes.number);
}

TEST(Images, PagesOfAnySizeHoldEachOnce) {
  TestIndex index;
  add_seven(index);
  for (size_t size = 1; size <= 8; ++size) {
    ImageQuery query{.study_id = 1, .page_size = size};
    std::vector<std::string> all;
    while (true) {
      const auto page = must(index.images().list(Scopes::everything(), query));
      for (const auto& uid : uids_of(page.images)) all.push_back(uid);
      if (!page.next) break;
      query.after = page.next;
    }
    EXPECT_EQ(all, kSevenInOrder) << "pages of " << size;
  }
}

TEST(Images, APageGoesOnWhereItsLastImageStoodAlsoWhenThatIsGone) {
  TestIndex index;
  add_seven(index);
  ImageQuery query{.study_id = 1, .page_size = 5};
  const auto first = must(index.images().list(Scopes::everything(), query));
  must(index.remove({.image_ids = {first.images.back().id}}, audit_line()));
  add_image(index, "1.3", 3, "3.0", 1);
  query.after = first.next;
  const auto second = must(index.images().list(Scopes::everything(), query));
  EXPECT_EQ(uids_of(second.images), (std::vector<std::string>{"10.2", "9.1"}));
  must(index.remove({.series_ids = {first.images.back().series_id}}, audit_line()));
  EXPECT_EQ(uids_of(must(index.images().list(Scopes::everything(), query)).images),
            std::vector<std::string>{"9.1"});
}

TEST(Images, AreListedBySeriesUnderAnyOfItsNames) {
  TestIndex index;
  add_seven(index);
  Ingest declared = ingest_of("1.1", "1.10", "10.3");
  declared.declared_series_uid = tests::series_uid("7.7");
  must(index.ingests().commit(declared, audit_line()));
  const auto by_uid =
      must(index.images().list(Scopes::everything(), {.series_uid = tests::series_uid("7.7")}));
  EXPECT_EQ(uids_of(by_uid.images), (std::vector<std::string>{"10.1", "10.2", "10.3"}));
  const auto by_id =
      must(index.images().list(Scopes::everything(), {.series_id = by_uid.images[0].series_id}));
  EXPECT_EQ(by_id.images.size(), 3U);
  const auto other_study = must(index.images().list(
      Scopes::everything(), {.study_id = 99, .series_id = by_uid.images[0].series_id}));
  EXPECT_TRUE(other_study.images.empty()) << "all filters must hold";
  EXPECT_EQ(reason_of(index.images().list(Scopes::everything(), {})), "no_filter");
  EXPECT_EQ(reason_of(index.images().list(Scopes::everything(), {.study_id = 1, .page_size = 0})),
            "page_size");
}

TEST(Images, AreFoundByKeyAndByEitherFormOfAUuid) {
  TestIndex index;
  const std::string uuid = "f23b2e7a-f916-4865-95ab-290eb39a296f";
  const Ingest ingest = ingest_of("1.1", "1.2", uuid);
  must(index.ingests().commit(ingest, audit_line()));
  const auto by_key = must(index.images().find(Scopes::everything(), ingest.image.key));
  ASSERT_TRUE(by_key);
  EXPECT_EQ(by_key->image_uid.str(), uuid);
  const std::string uid = ingest.image_uid.to_dicom();
  EXPECT_EQ(must(index.images().find(Scopes::everything(), tests::image_uid(uid)))->id, by_key->id);
  EXPECT_FALSE(must(index.images().find(Scopes::everything(),
                                        *ObjectKey::parse("radiology/1.1/1.2/1.3/other.dcm"))));
}

TEST(Images, MetadataOfASeriesComesInOneRun) {
  TestIndex index;
  std::vector<int64_t> ids;
  for (int i = 0; i < 30; ++i) {
    Ingest ingest = ingest_of("1.1", "1.2", "1.3." + std::to_string(i));
    if (i == 4) ingest.metadata_json = "";
    if (i == 5) ingest.metadata_json = std::string(200'000, 'x');
    ids.push_back(must(index.ingests().commit(ingest, audit_line())).image.id);
  }
  const auto all = must(index.images().metadata_of_series(Scopes::everything(), 1));
  ASSERT_EQ(all.size(), 29U) << "one has none";
  EXPECT_EQ(all[0].image_id, ids[0]);
  EXPECT_EQ(all[4].json, std::string(200'000, 'x'));
  EXPECT_NE(all[28].json.find("1.3.29"), std::string::npos);
  const auto some = must(index.images().metadata(Scopes::everything(), {ids[7], ids[4], ids[2]}));
  ASSERT_EQ(some.size(), 2U);
  EXPECT_EQ(some[0].image_id, ids[7]);
  EXPECT_EQ(some[1].image_id, ids[2]);
}

TEST(Images, RememberTheFileThatWasHashedLast) {
  TestIndex index;
  const auto stored = must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  must(index.images().set_blob_identity(stored.image.id, "inode 7"));
  EXPECT_EQ(
      must(index.images().find(Scopes::everything(), stored.image.id))->attributes.blob_identity,
      "inode 7");
}

}  // namespace
}  // namespace pacs::index
