#include "index/trash.h"

#include <gtest/gtest.h>

#include "index/sqlite_connection.h"
#include "index/study_holds.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::announcement;
using tests::audit_line;
using tests::image_uid;
using tests::ingest_of;
using tests::must;
using tests::reason_of;
using tests::Scopes;
using tests::series_uid;
using tests::study_uid;
using tests::TestIndex;

constexpr UnixMillis kDay = 86'400'000;

std::string columns_of(TestIndex& index, const std::string& table) {
  return must(index.database().read([&](Connection& connection) -> Result<std::string> {
    std::string names;
    Statement rows = PACS_TRY(
        connection.prepare("SELECT name FROM pragma_table_info('" + table + "') ORDER BY cid"));
    while (PACS_TRY(rows.step())) names += rows.text() + " ";
    return names;
  }));
}

TEST(Trash, HasEveryColumnOfWhatItTakesIn) {
  TestIndex index;
  const std::string images = columns_of(index, "images");
  EXPECT_EQ(columns_of(index, "trashed_images").substr(0, images.size()), images)
      << "an image would come back without a column";
  for (const auto& [kept, live] :
       {std::pair("trashed_studies", "studies"), std::pair("trashed_series", "series")}) {
    // Counted anew from the images that come back.
    std::string expected;
    const std::string all = columns_of(index, live);
    for (size_t begin = 0; begin < all.size();) {
      const size_t end = all.find(' ', begin) + 1;
      const std::string name = all.substr(begin, end - begin);
      begin = end;
      if (!name.ends_with("_count ") && name != "size_bytes " &&
          (name != "modality " || std::string(live) == "series")) {
        expected += name;
      }
    }
    EXPECT_EQ(columns_of(index, kept), expected);
  }
}

TEST(Trash, WhatWasRemovedComesBackAsItWas) {
  TestIndex index;
  Ingest first = ingest_of("1.1", "1.2", "1.3");
  first.declared_study_uid = study_uid("9.9");
  first.declared_series_uid = series_uid("9.8");
  first.wanted_ids.study = 700;
  first.order = OrderReference{OrderKind::radiology_order, 12};
  first.frame_table = ByteVector(40, std::byte{7});
  const auto stored = must(index.ingests().commit(first, audit_line()));
  must(index.ingests().commit(ingest_of("1.1", "1.2", "1.4"), audit_line()));
  const auto study = *must(index.studies().find(Scopes::everything(), study_uid("1.1")));
  const auto image = *must(index.images().find(Scopes::everything(), stored.image.id));
  const auto series = *must(index.images().find_series(Scopes::everything(), image.series_id));
  const auto totals = must(index.state().totals());
  const auto metadata = must(index.images().metadata(Scopes::everything(), {image.id}));

  ASSERT_EQ(must(index.hide({.study_ids = {study.id}}, audit_line("remove", 50), 60)).size(), 2U);
  EXPECT_FALSE(must(index.studies().find(Scopes::everything(), study_uid("9.9"))));
  EXPECT_FALSE(must(index.studies().find(Scopes::everything(), int64_t{700})));
  EXPECT_FALSE(must(index.images().find_series(Scopes::everything(), series.id)));
  EXPECT_FALSE(must(index.images().find(Scopes::everything(), image.image_uid)));
  EXPECT_TRUE(must(index.images().metadata_of_series(Scopes::everything(), series.id)).empty());
  EXPECT_FALSE(must(index.images().frame_table(Scopes::everything(), image.id)));
  EXPECT_TRUE(must(index.images().was_removed(Scopes::everything(), image.attributes.key)));
  EXPECT_EQ(must(index.state().totals()).images, 0);
  EXPECT_EQ(must(index.state().totals()).studies, 0);
  EXPECT_EQ(must(index.state().totals()).size_bytes, 0);

  const auto restored = must(index.trash().restore({.study_ids = {study.id}}, audit_line("back")));
  EXPECT_EQ(restored.images, 2);
  EXPECT_EQ(restored.size_bytes, study.size_bytes);
  const auto back = must(index.studies().find(Scopes::everything(), study_uid("9.9")));
  ASSERT_TRUE(back) << "the alias is lost";
  EXPECT_EQ(back->id, study.id);
  EXPECT_EQ(back->attributes, study.attributes);
  EXPECT_EQ(back->order, study.order);
  EXPECT_EQ(back->modality, study.modality);
  EXPECT_EQ(back->image_count, 2);
  EXPECT_EQ(back->series_count, 1);
  EXPECT_EQ(back->size_bytes, study.size_bytes);
  EXPECT_EQ(back->created_at, study.created_at);
  EXPECT_EQ(must(index.studies().find(Scopes::everything(), int64_t{700}))->id, study.id);
  EXPECT_EQ(must(index.images().find_series(Scopes::everything(), series_uid("9.8")))->id,
            series.id);
  const auto image_back = must(index.images().find(Scopes::everything(), image.id));
  ASSERT_TRUE(image_back);
  EXPECT_EQ(image_back->image_uid, image.image_uid);
  EXPECT_EQ(image_back->attributes.key, image.attributes.key);
  EXPECT_EQ(image_back->attributes.sha256, image.attributes.sha256);
  EXPECT_EQ(image_back->attributes.stored_at, image.attributes.stored_at);
  EXPECT_EQ(must(index.images().metadata(Scopes::everything(), {image.id}))[0].json,
            metadata[0].json);
  EXPECT_EQ(*must(index.images().frame_table(Scopes::everything(), image.id)), first.frame_table);
  EXPECT_FALSE(must(index.images().was_removed(Scopes::everything(), image.attributes.key)));
  EXPECT_EQ(must(index.state().totals()).images, totals.images);
  EXPECT_EQ(must(index.state().totals()).size_bytes, totals.size_bytes);
  StudyQuery search;
  search.search = "doe";
  EXPECT_EQ(must(index.studies().list(Scopes::everything(), search)).studies.size(), 1U);
  EXPECT_TRUE(must(index.trash().studies(Scopes::everything(), std::nullopt, 10)).empty());
}

TEST(Trash, TheSameBytesAgainRestoreAndOthersAreAConflict) {
  TestIndex index;
  const Ingest ingest = ingest_of("1.1", "1.2", "1.3");
  const auto first = must(index.ingests().commit(ingest, audit_line()));
  must(index.hide({.image_ids = {first.image.id}}, audit_line("remove")));
  EXPECT_EQ(reason_of(index.ingests().commit(ingest_of("1.1", "1.2", "1.3", "other bytes"),
                                             audit_line())),
            "uid_conflict");
  EXPECT_TRUE(must(index.trash().find(Scopes::everything(), image_uid("1.3"))));

  const auto again = must(index.ingests().commit(ingest, audit_line("image.store")));
  EXPECT_EQ(again.kind, IngestOutcome::Kind::existed);
  EXPECT_EQ(again.image.id, first.image.id);
  EXPECT_EQ(again.image.series_id, first.image.series_id);
  EXPECT_EQ(again.image.study_id, first.image.study_id);
  EXPECT_TRUE(again.has_unsettled_tombstones) << "a rebuild would remove it again";
  EXPECT_FALSE(must(index.trash().find(Scopes::everything(), image_uid("1.3"))));
  const auto lines = must(index.audit_log().list(Scopes::everything(), {}));
  EXPECT_EQ(lines[1].line.action, "image.restore");
  EXPECT_EQ(lines[1].line.image_uid, "1.3");
}

TEST(Trash, AnImageOfARemovedStudyBringsTheStudyBackUnderItsNumberAlone) {
  TestIndex index;
  const auto first = must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  must(index.hide({.study_ids = {first.image.study_id}}, audit_line("remove")));

  Ingest other = ingest_of("1.1", "1.2", "1.4");
  const auto reservation = must(index.ingests().reserve(other));
  other.reserved_ids = reservation.ids();
  EXPECT_EQ(other.reserved_ids.study, first.image.study_id);
  EXPECT_EQ(other.reserved_ids.series, first.image.series_id);
  const auto second = must(index.ingests().commit(other, audit_line()));
  EXPECT_EQ(second.image.study_id, first.image.study_id);
  EXPECT_EQ(second.image.series_id, first.image.series_id);
  auto study = must(index.studies().find(Scopes::everything(), first.image.study_id));
  EXPECT_EQ(study->image_count, 1);
  EXPECT_EQ(study->series_count, 1);
  EXPECT_EQ(must(index.trash().find_study(Scopes::everything(), study->id))->image_count, 1);

  must(index.trash().restore({.image_ids = {first.image.id}}, audit_line()));
  study = must(index.studies().find(Scopes::everything(), first.image.study_id));
  EXPECT_EQ(study->image_count, 2);
  EXPECT_EQ(study->series_count, 1);
}

TEST(Trash, UploadsFindTheirImageAndStudyAgain) {
  TestIndex index;
  const auto sent = must(index.uploads().announce(announcement("a", "1.1"), audit_line())).record;
  const auto waits = must(index.uploads().announce(announcement("b", "1.1"), audit_line())).record;
  Ingest ingest = ingest_of("1.1", "1.2", "1.3");
  ingest.upload = sent.key;
  const auto stored = must(index.ingests().commit(ingest, audit_line()));
  must(index.hide({.study_ids = {stored.image.study_id}}, audit_line("remove")));
  auto record = must(index.uploads().find(Scopes::everything(), sent.id));
  EXPECT_EQ(record->status, UploadStatus::binary_uploaded) << "what was received stays received";
  EXPECT_FALSE(record->image_id);
  EXPECT_FALSE(must(index.uploads().find(Scopes::everything(), waits.id))->study_id);

  must(index.trash().restore({.study_ids = {stored.image.study_id}}, audit_line()));
  record = must(index.uploads().find(Scopes::everything(), sent.id));
  EXPECT_EQ(record->image_id, stored.image.id);
  EXPECT_EQ(record->study_id, stored.image.study_id);
  EXPECT_EQ(must(index.uploads().find(Scopes::everything(), waits.id))->study_id,
            stored.image.study_id);
  EXPECT_EQ(must(index.studies().find(Scopes::everything(), study_uid("1.1")))->pending_count, 1);
}

TEST(Trash, OnlyWhatIsDueIsPurgedAndNothingComesBackFromIt) {
  TestIndex index;
  const auto early = must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  const auto late = must(index.ingests().commit(ingest_of("1.1", "1.2", "1.4"), audit_line()));
  must(index.hide({.image_ids = {early.image.id}}, audit_line("remove", 10), 100));
  must(index.hide({.image_ids = {late.image.id}}, audit_line("remove", 10), 200));
  EXPECT_TRUE(must(index.trash().begin_purge(99, 10)).empty());
  const auto going = must(index.trash().begin_purge(100, 10));
  ASSERT_EQ(going.size(), 1U);
  EXPECT_EQ(going[0].image_id, early.image.id);
  EXPECT_EQ(must(index.trash().begin_purge(100, 10)).size(), 1U) << "a purge that was cut goes on";

  // Between the deletion of the bytes and that of the row.
  auto outcome = must(index.trash().restore({.study_ids = {early.image.study_id}}, audit_line()));
  EXPECT_EQ(outcome.images, 1);
  EXPECT_EQ(outcome.images_going, 1) << "a row without its bytes would be visible";
  EXPECT_FALSE(must(index.images().find(Scopes::everything(), early.image.id)));
  must(index.trash().end_purge(going, audit_line("image.purge")));
  outcome = must(index.trash().restore({.study_ids = {early.image.study_id}}, audit_line()));
  EXPECT_EQ(outcome.images + outcome.images_going, 0);
  EXPECT_TRUE(must(index.images().was_removed(Scopes::everything(), going[0].key)));
  const auto again = must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  EXPECT_EQ(again.kind, IngestOutcome::Kind::stored);
  EXPECT_GT(again.image.id, late.image.id) << "a number is never given again";
  EXPECT_TRUE(again.has_unsettled_tombstones) << "the tombstone still names its key";
}

TEST(Trash, AHoldStopsRemovalAndPurge) {
  TestIndex index;
  StudyHolds holds(index.database());
  const auto stored = must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  const int64_t study_id = stored.image.study_id;
  const UnixMillis noon = *from_rfc3339("2026-11-22T12:00:00Z");
  must(holds.set(study_id, {.is_held = true, .reason = "case 7"}, audit_line("study.hold", noon)));
  for (const Removal& removal :
       {Removal{.study_ids = {study_id}}, Removal{.series_ids = {stored.image.series_id}},
        Removal{.image_ids = {stored.image.id}}}) {
    const auto refused = index.hide(removal, audit_line("remove", noon));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "study_held");
    EXPECT_NE(refused.error().detail.find("case 7"), std::string::npos);
  }
  must(holds.set(study_id, {.retain_until = "2026-11-22"}, audit_line("study.retain", noon)));
  EXPECT_EQ(reason_of(index.hide({.study_ids = {study_id}}, audit_line("remove", noon))),
            "retention_date");
  const UnixMillis tomorrow = noon + kDay;
  must(index.hide({.study_ids = {study_id}}, audit_line("remove", tomorrow), tomorrow));

  must(holds.set(study_id, {.is_held = true}, audit_line("study.hold", tomorrow)));
  EXPECT_TRUE(must(index.trash().begin_purge(tomorrow + kDay, 10)).empty());
  EXPECT_EQ(reason_of(index.trash().make_due({.study_ids = {study_id}}, tomorrow)), "study_held");
  must(holds.set(study_id, {}, audit_line("study.hold", tomorrow)));
  EXPECT_EQ(must(index.trash().begin_purge(tomorrow + kDay, 10)).size(), 1U);
}

TEST(Trash, TellsWhatIsInItToWhoMaySeeEverything) {
  TestIndex index;
  const auto a = must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  must(index.ingests().commit(ingest_of("1.1", "1.7", "1.4"), audit_line()));
  const auto b = must(index.ingests().commit(ingest_of("2.1", "2.2", "2.3"), audit_line()));
  must(index.hide({.study_ids = {a.image.study_id}}, audit_line("remove", 10), 100));
  must(index.hide({.study_ids = {b.image.study_id}}, audit_line("remove", 20), 200));
  auto page = must(index.trash().studies(Scopes::everything(), std::nullopt, 1));
  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page[0].study_uid, study_uid("2.1")) << "the last removed first";
  page = must(index.trash().studies(Scopes::everything(),
                                    TrashPosition{page[0].removed_at, page[0].id}, 10));
  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page[0].id, a.image.study_id);
  EXPECT_EQ(page[0].patient_name, "Doe^John");
  EXPECT_EQ(page[0].image_count, 2);
  EXPECT_EQ(page[0].series_count, 2);
  EXPECT_EQ(page[0].size_bytes, 2000);
  EXPECT_EQ(page[0].purge_at, 100);
  const auto images = must(index.trash().images(Scopes::everything(), a.image.study_id, 0, 10));
  ASSERT_EQ(images.size(), 2U);
  EXPECT_EQ(images[0].image.image_uid, image_uid("1.3"));
  EXPECT_EQ(images[0].image.study_uid, study_uid("1.1"));
  EXPECT_EQ(
      must(index.trash().images(Scopes::everything(), a.image.study_id, images[0].image.id, 9))
          .size(),
      1U);
  for (const auto& [noun, id] :
       {std::pair(Trash::Noun::study, "1.1"), std::pair(Trash::Noun::series, "1.7"),
        std::pair(Trash::Noun::image, "1.4")}) {
    const auto place = must(index.trash().place(Scopes::everything(), noun, id));
    ASSERT_TRUE(place) << id;
    EXPECT_EQ(place->study_uid, study_uid("1.1"));
    EXPECT_FALSE(must(index.trash().place(Scopes::uploads_of("alice"), noun, id)));
  }
  EXPECT_FALSE(must(index.trash().place(Scopes::everything(), Trash::Noun::image, "9.9")));
  EXPECT_TRUE(must(index.trash().studies(Scopes::uploads_of("alice"), std::nullopt, 10)).empty());
}

TEST(Trash, TombstonesAreUnsettledUntilTheyAreSettled) {
  TestIndex index;
  Trash trash = index.trash();
  const auto a = must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  const auto ids = must(trash.plan({{.name = "x", .store = "main"}}));
  ASSERT_EQ(must(trash.unsettled()).size(), 1U) << "a crash here leaves a tombstone of nothing";
  HideOrder order;
  order.parts = {{.tombstone_id = ids[0], .image_ids = {a.image.id, 999}}};
  must(trash.hide(order, audit_line()));
  ASSERT_EQ(must(trash.unsettled()).size(), 1U) << "it names an image that was not hidden";
  const Tombstone tombstone = must(trash.unsettled())[0];
  EXPECT_EQ(must(trash.images_of(tombstone)).size(), 1U);
  must(trash.settle(tombstone));
  EXPECT_TRUE(must(trash.unsettled()).empty());

  must(trash.restore({.image_ids = {a.image.id}}, audit_line()));
  ASSERT_EQ(must(trash.unsettled()).size(), 1U);
  EXPECT_TRUE(must(trash.images_of(tombstone)).empty());
  must(trash.settle(tombstone));
  EXPECT_TRUE(must(trash.unsettled()).empty());
}

}  // namespace
}  // namespace pacs::index
