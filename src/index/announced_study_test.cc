// What a mere announcement may do to a study, and what becomes of an announced study when the bytes
// say that it is another: nobody's images are hidden, shown or filed elsewhere by a word.
#include <gtest/gtest.h>

#include "index/study_holds.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::announcement;
using tests::audit_line;
using tests::ingest_of;
using tests::must;
using tests::reason_of;
using tests::Scopes;
using tests::study_uid;
using tests::TestIndex;

const OrderReference kOrder{OrderKind::radiology_order, 31'000};

std::optional<StudyRecord> find(TestIndex& index, const std::string& uid) {
  return must(index.studies().find(Scopes::everything(), study_uid(uid)));
}

size_t studies_of_order(TestIndex& index) {
  StudyQuery query;
  query.order = kOrder;
  return must(index.studies().list(Scopes::everything(), query)).studies.size();
}

// The bytes of what was announced as `key` turn out to be of `study`.
IngestOutcome store_announced(TestIndex& index, const UploadKey& key, const std::string& study) {
  Ingest ingest = ingest_of(study, study + ".1", study + ".1.99");
  ingest.upload = key;
  return must(index.ingests().commit(ingest, audit_line("image.store", 2'000)));
}

TEST(AnnouncedStudy, AStudyWithImagesIsNotChangedByAnAnnouncement) {
  TestIndex index;
  must(index.ingests().commit(ingest_of("1.1", "1.1.1", "1.1.1.1"), audit_line()));
  auto request = announcement("typo", "1.1");
  request.order = kOrder;
  request.study.referring_physician = "Other^Doctor";
  const auto announced = must(index.uploads().announce(request, audit_line())).record;
  EXPECT_EQ(announced.study_id, find(index, "1.1")->id);
  EXPECT_FALSE(find(index, "1.1")->order);
  EXPECT_EQ(find(index, "1.1")->attributes.referring_physician, "");
  EXPECT_EQ(studies_of_order(index), 0U);

  request.study_uid = study_uid("2.2");
  request.image_metadata = R"({"study_uid":"2.2"})";
  must(index.uploads().announce(request, audit_line()));
  EXPECT_FALSE(find(index, "1.1")->order);
  EXPECT_EQ(find(index, "1.1")->pending_count, 0);
  EXPECT_EQ(find(index, "2.2")->order, kOrder);
}

TEST(AnnouncedStudy, TheOrderJoinsAStudyWithTheBytes) {
  TestIndex index;
  must(index.ingests().commit(ingest_of("1.1", "1.1.1", "1.1.1.1"), audit_line()));
  auto request = announcement("slice", "1.1");
  request.order = kOrder;
  must(index.uploads().announce(request, audit_line()));
  const auto stored = store_announced(index, request.key, "1.1");
  EXPECT_EQ(stored.order, kOrder);
  EXPECT_EQ(find(index, "1.1")->order, kOrder);

  auto of_another = announcement("late", "1.1");
  of_another.order = OrderReference{OrderKind::radiology_order, 5};
  EXPECT_EQ(reason_of(index.uploads().announce(of_another, audit_line())), "order_mismatch");
}

TEST(AnnouncedStudy, AStudyInTheTrashStaysThereUntilBytesCome) {
  TestIndex index;
  must(index.ingests().commit(ingest_of("1.1", "1.1.1", "1.1.1.1"), audit_line()));
  const int64_t id = find(index, "1.1")->id;
  must(index.hide({.study_ids = {id}}, audit_line("study.remove")));
  ASSERT_FALSE(find(index, "1.1"));

  const auto request = announcement("a", "1.1");
  const auto announced = must(index.uploads().announce(request, audit_line())).record;
  EXPECT_FALSE(find(index, "1.1"));
  const auto waiting = must(index.studies().find(Scopes::everything(), *announced.study_id));
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->attributes.patient_name, "");
  EXPECT_EQ(waiting->pending_count, 1);
  const auto again = must(index.uploads().announce(request, audit_line()));
  EXPECT_EQ(again.kind, AnnounceOutcome::Kind::existed);

  EXPECT_EQ(store_announced(index, request.key, "1.1").image.study_id, id);
  EXPECT_EQ(find(index, "1.1")->image_count, 1) << "the removed one stays removed";
  EXPECT_EQ(must(index.state().totals()).studies, 1);
}

TEST(AnnouncedStudy, AMergedStudyIsHeldAsStrictlyAsEitherWas) {
  TestIndex index;
  StudyHolds holds(index.database());
  must(index.ingests().commit(ingest_of("1.1", "1.1.1", "1.1.1.1"), audit_line()));
  const int64_t kept_id = find(index, "1.1")->id;
  must(holds.set(kept_id, {.retain_until = "2027-01-01", .set_by = "a", .set_at = 1},
                 audit_line("study.retain")));
  const auto request = announcement("a", "2.2");
  const auto announced = must(index.uploads().announce(request, audit_line())).record;
  must(holds.set(*announced.study_id,
                 {.is_held = true, .reason = "case 7", .set_by = "b", .set_at = 2},
                 audit_line("study.hold")));

  ASSERT_EQ(store_announced(index, request.key, "1.1").image.study_id, kept_id);
  const StudyHold hold = must(holds.find(Scopes::everything(), kept_id));
  EXPECT_TRUE(hold.is_held);
  EXPECT_EQ(hold.reason, "case 7");
  EXPECT_EQ(hold.retain_until, "2027-01-01");
  EXPECT_EQ(hold.set_by, "b");
  EXPECT_EQ(reason_of(index.hide({.study_ids = {kept_id}}, audit_line("study.remove"))),
            "study_held");

  const auto lines = must(index.audit_log().list(Scopes::everything(), {.action = "study.merge"}));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].line.study_uid, "1.1");
  EXPECT_NE(lines[0].line.detail.find("2.2"), std::string::npos);
}

TEST(AnnouncedStudy, WhatAUidFindsIsWrittenDownWheneverItChanges) {
  TestIndex index;
  const auto request = announcement("a", "2.2");
  must(index.uploads().announce(request, audit_line()));
  store_announced(index, request.key, "1.1");
  Ingest declared = ingest_of("1.1", "1.1.1", "1.1.1.7");
  declared.declared_study_uid = study_uid("3.3");
  must(index.ingests().commit(declared, audit_line()));
  EXPECT_EQ(find(index, "3.3")->study_uid.str(), "1.1");
  declared = ingest_of("1.1", "1.1.1", "1.1.1.8");
  declared.declared_study_uid = study_uid("3.3");
  must(index.ingests().commit(declared, audit_line()));

  // The study that the declared UID belongs to comes, and goes: nobody is led to 1.1 by it again.
  must(index.ingests().commit(ingest_of("3.3", "3.3.1", "3.3.1.1"), audit_line()));
  EXPECT_EQ(find(index, "3.3")->study_uid.str(), "3.3");
  must(index.hide({.study_ids = {find(index, "3.3")->id}}, audit_line("study.remove")));
  EXPECT_FALSE(find(index, "3.3"));

  std::vector<std::string> changes;  // newest first
  for (const auto& entry :
       must(index.audit_log().list(Scopes::everything(), {.action = "study.alias"}))) {
    changes.push_back(entry.line.study_uid + " " + entry.line.detail);
  }
  EXPECT_EQ(changes, (std::vector<std::string>{"3.3 no longer finds 1.1", "1.1 also found as 3.3",
                                               "1.1 announced as 2.2"}));
}

TEST(AnnouncedStudy, ALinkToItDoesNotOpenTheStudyThatItTurnsOutToBe) {
  TestIndex index;
  must(index.ingests().commit(ingest_of("1.1", "1.1.1", "1.1.1.1"), audit_line()));
  const auto request = announcement("a", "2.2");
  const auto announced = must(index.uploads().announce(request, audit_line())).record;
  TokenRequest link{.name = "link", .roles = "reader", .studies = {{*announced.study_id, "1.2"}}};
  link.secret_sha256 = tests::digest_of("secret");
  must(index.tokens().create(link, audit_line("link.create")));
  store_announced(index, request.key, "1.1");
  EXPECT_FALSE(
      must(index.tokens().find_by_secret(Scopes::everything(), tests::digest_of("secret"))));
}

TEST(AnnouncedStudy, APictureIsNotAcknowledgedForAStudyThatItIsNotIn) {
  TestIndex index;
  Ingest picture = ingest_of("1.1", "1.1.1", "1.1.1.1");
  picture.uid_source = UidSource::declared;
  picture.declared_study_uid = study_uid("1.1");
  must(index.ingests().commit(picture, audit_line()));
  EXPECT_EQ(must(index.ingests().commit(picture, audit_line())).kind, IngestOutcome::Kind::existed);
  picture.declared_study_uid = study_uid("2.2");
  const auto elsewhere = index.ingests().commit(picture, audit_line());
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().reason, "study_mismatch");
  EXPECT_NE(elsewhere.error().detail.find("1.1"), std::string::npos);
  EXPECT_FALSE(find(index, "2.2"));
}

}  // namespace
}  // namespace pacs::index
