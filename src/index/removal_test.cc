#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "index/ingests.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::announcement;
using tests::audit_line;
using tests::ingest_of;
using tests::must;
using tests::Scopes;
using tests::study_uid;
using tests::TestIndex;

TEST(Removal, TellsTheKeysAndRemembersThem) {
  TestIndex index;
  const Ingest ingest = ingest_of("1.1", "1.2", "1.3");
  const auto stored = must(index.ingests().commit(ingest, audit_line()));
  EXPECT_FALSE(must(index.images().was_removed(Scopes::everything(), ingest.image.key)));
  const auto removed =
      must(index.remove({.image_ids = {stored.image.id, 999}}, audit_line("remove")));
  ASSERT_EQ(removed.size(), 1U);
  EXPECT_EQ(removed[0].key, ingest.image.key);
  EXPECT_EQ(removed[0].store, "main");
  EXPECT_EQ(removed[0].sha256, ingest.image.sha256);
  EXPECT_TRUE(must(index.images().was_removed(Scopes::everything(), ingest.image.key)));
  EXPECT_FALSE(must(index.images().find(Scopes::everything(), stored.image.id)));
  EXPECT_FALSE(must(index.images().find(Scopes::everything(), ingest.image.key)));
  EXPECT_FALSE(must(index.studies().find(Scopes::everything(), study_uid("1.1"))))
      << "a study without images goes too";
  EXPECT_EQ(must(index.state().totals()).images, 0);
  const auto lines = must(index.audit_log().list(Scopes::everything(), {}));
  EXPECT_EQ(lines[0].line.action, "remove");
  EXPECT_EQ(lines[0].line.image_uid, "1.3");
}

TEST(Removal, TheSameBytesMayBeStoredAgainUnderANewId) {
  TestIndex index;
  const Ingest ingest = ingest_of("1.1", "1.2", "1.3");
  const auto first = must(index.ingests().commit(ingest, audit_line()));
  must(index.remove({.series_ids = {first.image.series_id}}, audit_line()));
  const auto second = must(index.ingests().commit(ingest, audit_line()));
  EXPECT_EQ(second.kind, IngestOutcome::Kind::stored);
  EXPECT_GT(second.image.id, first.image.id);
  EXPECT_FALSE(must(index.images().was_removed(Scopes::everything(), ingest.image.key)));
  EXPECT_EQ(must(index.images().metadata(Scopes::everything(), {second.image.id})).size(), 1U);
}

TEST(Removal, AStudyThatUploadsStillWaitInStaysUntilItIsRemovedItself) {
  TestIndex index;
  const auto stored = must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  const auto upload = must(index.uploads().announce(announcement("a", "1.1"), audit_line())).record;
  must(index.remove({.image_ids = {stored.image.id}}, audit_line()));
  auto study = must(index.studies().find(Scopes::everything(), study_uid("1.1")));
  ASSERT_TRUE(study);
  EXPECT_EQ(study->image_count, 0);
  EXPECT_EQ(study->modality, "");
  must(index.remove({.study_ids = {study->id}}, audit_line()));
  EXPECT_FALSE(must(index.studies().find(Scopes::everything(), study->id)));
  const auto left = must(index.uploads().find(Scopes::everything(), upload.id));
  ASSERT_TRUE(left) << "what was announced stays announced";
  EXPECT_FALSE(left->study_id);
  const auto again = must(index.uploads().announce(announcement("a", "1.1"), audit_line()));
  EXPECT_EQ(again.kind, AnnounceOutcome::Kind::existed);
  EXPECT_TRUE(again.record.study_id) << "announced again it is visible again";
  EXPECT_EQ(must(index.studies().find(Scopes::everything(), study_uid("1.1")))->pending_count, 1);
  Ingest late = ingest_of("1.1", "1.2", "1.4");
  late.upload = upload.key;
  EXPECT_TRUE(index.ingests().commit(late, audit_line()));
}

TEST(Removal, AnAnnouncedStudyWithoutImagesHasOneLine) {
  TestIndex index;
  const auto announced =
      must(index.uploads().announce(announcement("a", "1.1"), audit_line())).record;
  must(index.remove({.study_ids = {*announced.study_id}}, audit_line("study.remove")));
  EXPECT_FALSE(must(index.studies().find(Scopes::everything(), study_uid("1.1"))));
  must(index.remove({.image_ids = {4711}}, audit_line("study.remove")));
  const auto lines = must(index.audit_log().list(Scopes::everything(), {.action = "study.remove"}));
  ASSERT_EQ(lines.size(), 2U) << "one of the study, one of what was not there";
  EXPECT_EQ(lines[1].line.study_uid, "1.1");
  EXPECT_EQ(lines[0].line.study_uid, "");
}

TEST(Removal, AnAcknowledgedUploadKeepsItsReceipt) {
  TestIndex index;
  const auto upload = must(index.uploads().announce(announcement("a", "1.1"), audit_line())).record;
  Ingest ingest = ingest_of("1.1", "1.2", "1.3");
  ingest.upload = upload.key;
  const auto stored = must(index.ingests().commit(ingest, audit_line()));
  must(index.uploads().acknowledge(upload.key, "receipt", audit_line()));
  must(index.remove({.image_ids = {stored.image.id}}, audit_line()));
  const auto left = must(index.uploads().find(Scopes::everything(), upload.id));
  EXPECT_EQ(left->status, UploadStatus::ack_received);
  EXPECT_EQ(left->receipt, "receipt");
  EXPECT_FALSE(left->image_id);
}

// What a study should count, kept in the simplest way.
struct ModelStudy {
  std::map<std::string, std::set<std::string>> images_of_series;
  std::map<std::string, std::set<std::string>> trash_of_series;
  std::set<std::string> pending;
  std::set<std::string> apart;  // announced while it was in the trash: each in a study of its own

  [[nodiscard]] bool is_visible() const { return !images_of_series.empty() || !pending.empty(); }
  [[nodiscard]] bool is_in_trash() const {
    return !is_visible() && std::any_of(trash_of_series.begin(), trash_of_series.end(),
                                        [](const auto& series) { return !series.second.empty(); });
  }
};

void expect_equal(TestIndex& index, const std::map<std::string, ModelStudy>& model) {
  int64_t studies = 0;
  int64_t images = 0;
  int64_t series = 0;
  for (const auto& [uid, expected] : model) {
    const auto study = must(index.studies().find(Scopes::everything(), study_uid(uid)));
    for (const std::string& upload : expected.apart) {
      const auto waiting = must(
          index.studies().find(Scopes::everything(), announcement(upload, uid).derived_study_uid));
      ASSERT_TRUE(waiting) << upload;
      EXPECT_EQ(waiting->pending_count, 1) << upload;
      ++studies;
    }
    ASSERT_EQ(study.has_value(), expected.is_visible()) << uid;
    if (!study) continue;
    ++studies;
    int64_t images_of_study = 0;
    for (const auto& [series_uid, image_uids] : expected.images_of_series) {
      const auto found = must(
          index.images().find_series(Scopes::one_study(study->id), tests::series_uid(series_uid)));
      ASSERT_TRUE(found);
      EXPECT_EQ(found->image_count, static_cast<int64_t>(image_uids.size()));
      images_of_study += static_cast<int64_t>(image_uids.size());
    }
    EXPECT_EQ(study->image_count, images_of_study) << uid;
    EXPECT_EQ(study->size_bytes, images_of_study * 1000) << uid;
    EXPECT_EQ(study->series_count, static_cast<int64_t>(expected.images_of_series.size())) << uid;
    EXPECT_EQ(study->pending_count, static_cast<int64_t>(expected.pending.size())) << uid;
    EXPECT_EQ(study->modality, images_of_study > 0 ? "CT" : "") << uid;
    images += images_of_study;
    series += study->series_count;
  }
  const auto totals = must(index.state().totals());
  EXPECT_EQ(totals.studies, studies);
  EXPECT_EQ(totals.series, series);
  EXPECT_EQ(totals.images, images);
  EXPECT_EQ(totals.size_bytes, images * 1000);
  EXPECT_EQ(must(index.studies().list(Scopes::everything(), {})).count, studies);
  StudyQuery ct;
  ct.modality = "CT";
  const auto with_images = must(index.studies().list(Scopes::everything(), ct));
  EXPECT_EQ(with_images.count, static_cast<int64_t>(with_images.studies.size()));
}

TEST(Counts, StayRightUnderRandomSequences) {
  TestIndex index;
  std::mt19937 random(20261122);
  const auto below = [&random](unsigned limit) { return std::to_string(random() % limit + 1); };
  std::map<std::string, ModelStudy> model;
  for (int step = 0; step < 900; ++step) {
    const std::string study = "1." + below(4);
    const std::string series = study + "." + below(3);
    const std::string image = series + "." + below(5);
    const std::string upload = study + " " + below(4);
    const auto store = [&] {
      model[study].images_of_series[series].insert(image);
      model[study].trash_of_series[series].erase(image);
    };
    switch (random() % 8) {
      case 0:
      case 1:
        must(index.ingests().commit(ingest_of(study, series, image), audit_line()));
        store();
        break;
      case 2: {
        const auto outcome =
            must(index.uploads().announce(announcement(upload, study), audit_line()));
        ModelStudy& announced = model[study];
        if (outcome.record.status == UploadStatus::metadata_uploaded &&
            !announced.apart.contains(upload)) {
          (announced.is_in_trash() ? announced.apart : announced.pending).insert(upload);
        }
        break;
      }
      case 3: {
        if (!model[study].pending.contains(upload) && !model[study].apart.contains(upload)) break;
        Ingest ingest = ingest_of(study, series, image);
        ingest.upload = announcement(upload, study).key;
        must(index.ingests().commit(ingest, audit_line()));
        store();
        model[study].pending.erase(upload);
        model[study].apart.erase(upload);
        break;
      }
      case 4: {
        const auto found = must(index.images().find(Scopes::everything(), tests::image_uid(image)));
        if (!found) break;
        must(index.remove({.image_ids = {found->id}}, audit_line()));
        auto& images = model[study].images_of_series[series];
        images.erase(image);
        if (images.empty()) model[study].images_of_series.erase(series);
        break;
      }
      case 5: {
        const auto found = must(index.images().find(Scopes::everything(), tests::image_uid(image)));
        if (!found) break;
        must(index.hide({.image_ids = {found->id}}, audit_line()));
        auto& images = model[study].images_of_series[series];
        images.erase(image);
        if (images.empty()) model[study].images_of_series.erase(series);
        model[study].trash_of_series[series].insert(image);
        break;
      }
      case 6: {
        const auto place =
            must(index.trash().place(Scopes::everything(), Trash::Noun::study, study));
        size_t expected = 0;
        for (auto& [uid, images] : model[study].trash_of_series) {
          expected += images.size();
          if (!images.empty()) model[study].images_of_series[uid].merge(images);
        }
        model[study].trash_of_series.clear();
        ASSERT_EQ(place.has_value(), expected > 0);
        if (!place) break;
        EXPECT_EQ(
            must(index.trash().restore({.study_ids = {*place->study_id}}, audit_line())).images,
            static_cast<int64_t>(expected));
        break;
      }
      default: {
        const auto found =
            must(index.images().find_series(Scopes::everything(), tests::series_uid(series)));
        if (!found || random() % 2 == 0) break;
        must(index.remove({.series_ids = {found->id}}, audit_line()));
        model[study].images_of_series.erase(series);
        break;
      }
    }
    if (step % 20 == 0) expect_equal(index, model);
    if (testing::Test::HasFailure()) FAIL() << "step " << step;
  }
  expect_equal(index, model);
  EXPECT_FALSE(must(index.audit_log().verify_chain()));
}

}  // namespace
}  // namespace pacs::index
