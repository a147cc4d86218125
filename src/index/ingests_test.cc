#include "index/ingests.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

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

const OrderReference kOrder12{OrderKind::radiology_order, 12};
const OrderReference kRequest12{OrderKind::radiology_request, 12};

StudyRecord study_of(TestIndex& index, const std::string& uid) {
  auto found = must(index.studies().find(Scopes::everything(), study_uid(uid)));
  EXPECT_TRUE(found) << uid;
  return std::move(*found);
}

TEST(Ingests, WhatWasCommittedIsFoundWithAllThatBelongsToIt) {
  TestIndex index;
  Ingest ingest = ingest_of("1.1", "1.1.1", "1.1.1.1");
  ingest.order = kOrder12;
  ingest.image.instance_number = 7;
  ingest.image.rows = 512;
  ingest.image.blob_identity = "inode 5";
  ingest.frame_table = ByteVector(3, std::byte{9});
  const auto outcome = must(index.ingests().commit(ingest, audit_line("image.store")));
  EXPECT_EQ(outcome.kind, IngestOutcome::Kind::stored);

  const StudyRecord study = study_of(index, "1.1");
  EXPECT_EQ(study.attributes, ingest.study);
  EXPECT_EQ(study.order, kOrder12);
  EXPECT_EQ(study.modality, "CT");
  EXPECT_EQ(study.series_count, 1);
  EXPECT_EQ(study.image_count, 1);
  EXPECT_EQ(study.pending_count, 0);
  EXPECT_EQ(study.size_bytes, 1000);
  EXPECT_EQ(study.created_at, 5'000);

  const auto image = must(index.images().find(Scopes::everything(), outcome.image.id));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->image_uid, ingest.image_uid);
  EXPECT_EQ(image->series_uid, ingest.series_uid);
  EXPECT_EQ(image->study_uid, ingest.study_uid);
  EXPECT_EQ(image->attributes.key, ingest.image.key);
  EXPECT_EQ(image->attributes.sha256, ingest.image.sha256);
  EXPECT_EQ(image->attributes.instance_number, 7);
  EXPECT_EQ(image->attributes.rows, 512);
  EXPECT_FALSE(image->attributes.columns);
  EXPECT_EQ(image->attributes.blob_identity, "inode 5");
  const auto texts = must(index.images().metadata(Scopes::everything(), {image->id}));
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts[0].json, ingest.metadata_json);
  EXPECT_EQ(must(index.images().frame_table(Scopes::everything(), image->id)), ingest.frame_table);

  const auto lines = must(index.audit_log().list(Scopes::everything(), {}));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].line.study_uid, "1.1");
  EXPECT_EQ(lines[0].line.image_uid, "1.1.1.1");
}

TEST(Ingests, TheSameBytesAgainAreTheFirstRecord) {
  TestIndex index;
  const auto first = must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  Ingest again = ingest_of("1.1", "1.2", "1.3");
  again.image.filename = "other.dcm";
  again.image.stored_at = 9'000;
  const auto second = must(index.ingests().commit(again, audit_line()));
  EXPECT_EQ(second.kind, IngestOutcome::Kind::existed);
  EXPECT_EQ(second.image.id, first.image.id);
  EXPECT_EQ(second.image.attributes.filename, "image.dcm");
  EXPECT_EQ(second.image.attributes.stored_at, 5'000);
  EXPECT_EQ(study_of(index, "1.1").image_count, 1);
}

TEST(Ingests, OtherBytesUnderAKnownUidAreAConflictThatChangesNothing) {
  TestIndex index;
  must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  const auto result =
      index.ingests().commit(ingest_of("1.1", "1.2", "1.3", "others"), audit_line());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::conflict);
  EXPECT_EQ(result.error().reason, "uid_conflict");
  EXPECT_EQ(study_of(index, "1.1").image_count, 1);
  EXPECT_EQ(must(index.audit_log().list(Scopes::everything(), {})).size(), 1U);
}

TEST(Ingests, AnotherPatientInTheStudyOrUnderTheOrderIsAConflict) {
  TestIndex index;
  Ingest first = ingest_of("1.1", "1.2", "1.3");
  first.order = kOrder12;
  must(index.ingests().commit(first, audit_line()));

  Ingest other = ingest_of("1.1", "1.2", "1.4");
  other.study.patient_id = "P2";
  EXPECT_EQ(reason_of(index.ingests().commit(other, audit_line())), "patient_mismatch");

  Ingest other_study = ingest_of("2.1", "2.2", "2.3");
  other_study.study.patient_id = "P2";
  other_study.order = kOrder12;
  EXPECT_EQ(reason_of(index.ingests().commit(other_study, audit_line())), "patient_mismatch");
  EXPECT_FALSE(must(index.studies().find(Scopes::everything(), study_uid("2.1"))));
  other_study.order = kRequest12;
  EXPECT_TRUE(index.ingests().commit(other_study, audit_line())) << "12 of the other kind";

  Ingest nobody = ingest_of("1.1", "1.2", "1.5");
  nobody.study.patient_id = "";
  EXPECT_TRUE(index.ingests().commit(nobody, audit_line()));
  other.patient_mismatch = PatientMismatch::accept;
  EXPECT_TRUE(index.ingests().commit(other, audit_line()));
  EXPECT_EQ(study_of(index, "1.1").attributes.patient_id, "P1") << "the first one stays";
}

TEST(Ingests, AStudyBelongsToOneOrderAndAnOrderMayHaveSeveralStudies) {
  TestIndex index;
  must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  Ingest ordered = ingest_of("1.1", "1.2", "1.4");
  ordered.order = kOrder12;
  must(index.ingests().commit(ordered, audit_line()));
  EXPECT_EQ(study_of(index, "1.1").order, kOrder12);
  Ingest second = ingest_of("1.1", "1.2", "1.5");
  second.order = kRequest12;
  EXPECT_EQ(reason_of(index.ingests().commit(second, audit_line())), "order_mismatch");
  Ingest same_bytes = ingest_of("1.1", "1.2", "1.4");
  same_bytes.order = kRequest12;
  EXPECT_EQ(reason_of(index.ingests().commit(same_bytes, audit_line())), "order_mismatch");
  Ingest another = ingest_of("2.1", "2.2", "2.3");
  another.order = kOrder12;
  EXPECT_TRUE(index.ingests().commit(another, audit_line()));
}

TEST(Ingests, AKeyHoldsOneImage) {
  TestIndex index;
  const Ingest first = ingest_of("1.1", "1.2", "1.3");
  must(index.ingests().commit(first, audit_line()));
  Ingest second = ingest_of("1.1", "1.2", "1.4");
  second.image.key = first.image.key;
  EXPECT_EQ(reason_of(index.ingests().commit(second, audit_line())), "key_taken");
  EXPECT_EQ(study_of(index, "1.1").image_count, 1);
}

TEST(Ingests, AUuidIsFoundByItsDicomFormAndIsOneStudyInEitherSpelling) {
  TestIndex index;
  const std::string uuid = "8f06e605-e810-4418-85cb-6304772f152e";
  const std::string uid = study_uid(uuid).to_dicom();
  must(index.ingests().commit(ingest_of(uuid, "1.2", "1.3"), audit_line()));
  must(index.ingests().commit(ingest_of(uid, "1.2", "1.4"), audit_line()));
  EXPECT_EQ(study_of(index, uid).id, study_of(index, uuid).id);
  EXPECT_EQ(study_of(index, uid).study_uid.str(), uuid) << "as it was spelt first";
  EXPECT_EQ(study_of(index, uid).image_count, 2);
}

TEST(Ingests, TheDataSetsAttributesWinOverDeclaredOnes) {
  TestIndex index;
  Ingest picture = ingest_of("1.1", "1.2", "1.3");
  picture.uid_source = UidSource::declared;
  picture.study.description = "as the client calls it";
  picture.study.accession_number = "A1";
  picture.series.description = "declared";
  must(index.ingests().commit(picture, audit_line()));
  Ingest dicom = ingest_of("1.1", "1.2", "1.4");
  dicom.study.description = "as the device calls it";
  dicom.series.description = "device";
  dicom.series.modality = "MR";
  must(index.ingests().commit(dicom, audit_line()));
  picture.image_uid = tests::image_uid("1.5");
  picture.image.key = *ObjectKey::parse("radiology/1.1/1.2/1.5/a.jpg");
  must(index.ingests().commit(picture, audit_line()));
  const StudyRecord study = study_of(index, "1.1");
  EXPECT_EQ(study.attributes.description, "as the device calls it");
  EXPECT_EQ(study.attributes.accession_number, "A1") << "what the device left empty stays";
  EXPECT_EQ(study.modality, "MR");
  const auto series = must(index.images().series_of_study(Scopes::everything(), study.id));
  ASSERT_EQ(series.size(), 1U);
  EXPECT_EQ(series[0].attributes.description, "device");
  EXPECT_EQ(series[0].image_count, 3);
}

TEST(Ingests, ModalitiesOfAStudyAreThoseOfItsSeries) {
  TestIndex index;
  Ingest ct = ingest_of("1.1", "1.2", "1.3");
  Ingest sr = ingest_of("1.1", "1.4", "1.5");
  sr.series.modality = "SR";
  Ingest more_ct = ingest_of("1.1", "1.6", "1.7");
  for (const Ingest& ingest : {sr, ct, more_ct}) must(index.ingests().commit(ingest, audit_line()));
  EXPECT_EQ(study_of(index, "1.1").modality, "CT\\SR");
}

TEST(Ingests, WantedIdsAreKeptAndNeverGivenAgain) {
  TestIndex index;
  Ingest ingest = ingest_of("1.1", "1.2", "1.3");
  ingest.wanted_ids = {700, 800, 900};
  const auto outcome = must(index.ingests().commit(ingest, audit_line()));
  EXPECT_EQ(outcome.image.study_id, 700);
  EXPECT_EQ(outcome.image.series_id, 800);
  EXPECT_EQ(outcome.image.id, 900);
  EXPECT_EQ(must(index.ingests().commit(ingest, audit_line())).image.id, 900) << "again";

  Ingest taken = ingest_of("2.1", "2.2", "2.3");
  taken.wanted_ids = {700, {}, {}};
  EXPECT_EQ(reason_of(index.ingests().commit(taken, audit_line())), "id_taken");
  taken.wanted_ids = {{}, {}, 900};
  EXPECT_EQ(reason_of(index.ingests().commit(taken, audit_line())), "id_taken");
  taken.wanted_ids = {{}, 0, {}};
  EXPECT_EQ(reason_of(index.ingests().commit(taken, audit_line())), "wanted_id");
  taken.wanted_ids = {{}, {}, WantedIds::kWantedIdMax + 1};
  EXPECT_EQ(reason_of(index.ingests().commit(taken, audit_line())), "wanted_id");

  must(index.remove({.study_ids = {700}}, audit_line()));
  const auto next = must(index.ingests().commit(ingest_of("3.1", "3.2", "3.3"), audit_line()));
  EXPECT_GT(next.image.study_id, 700);
  EXPECT_GT(next.image.series_id, 800);
  EXPECT_GT(next.image.id, 900);
}

TEST(Ingests, AWantedIdOfAStudyThatHasAnotherFindsItToo) {
  TestIndex index;
  must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  Ingest ingest = ingest_of("1.1", "1.2", "1.4");
  ingest.wanted_ids.study = 500;
  must(index.ingests().commit(ingest, audit_line()));
  EXPECT_EQ(must(index.studies().find(Scopes::everything(), 500))->study_uid.str(), "1.1");
  const auto other = must(index.ingests().commit(ingest_of("2.1", "2.2", "2.3"), audit_line()));
  EXPECT_GT(other.image.study_id, 500);
}

// -- what was announced, and what the bytes say ---------------------------------------------------

TEST(Ingests, AStudyMadeByMetadataIsRenamedWhenTheBytesSayOtherwise) {
  TestIndex index;
  const auto announced =
      must(index.uploads().announce(announcement("a", "1.1"), audit_line())).record;
  EXPECT_EQ(study_of(index, "1.1").pending_count, 1);
  Ingest ingest = ingest_of("9.1", "9.2", "9.3");
  ingest.declared_study_uid = study_uid("1.1");
  ingest.declared_series_uid = tests::series_uid("1.1.1");
  ingest.upload = announced.key;
  const auto outcome = must(index.ingests().commit(ingest, audit_line()));
  EXPECT_EQ(outcome.image.study_id, announced.study_id) << "its id stays";
  EXPECT_EQ(outcome.upload->status, UploadStatus::binary_uploaded);
  EXPECT_EQ(outcome.upload->image_id, outcome.image.id);
  const StudyRecord study = study_of(index, "9.1");
  EXPECT_EQ(study.pending_count, 0);
  EXPECT_EQ(study.image_count, 1);
  EXPECT_EQ(study_of(index, "1.1").id, study.id) << "the declared UID still finds it";
  const auto series =
      must(index.images().find_series(Scopes::everything(), tests::series_uid("1.1.1")));
  ASSERT_TRUE(series);
  EXPECT_EQ(series->series_uid.str(), "9.2");
}

TEST(Ingests, AStudyMadeByMetadataIsMergedIntoTheTrueOne) {
  TestIndex index;
  must(index.ingests().commit(ingest_of("9.1", "9.2", "9.3"), audit_line()));
  auto request = announcement("a", "1.1");
  request.order = kOrder12;
  const auto announced = must(index.uploads().announce(request, audit_line())).record;
  auto sibling_request = announcement("b", "1.1");
  sibling_request.order = kOrder12;
  must(index.uploads().announce(sibling_request, audit_line()));
  const int64_t former_id = *announced.study_id;

  Ingest ingest = ingest_of("9.1", "9.2", "9.4");
  ingest.declared_study_uid = study_uid("1.1");
  ingest.upload = announced.key;
  must(index.ingests().commit(ingest, audit_line()));
  const StudyRecord study = study_of(index, "9.1");
  EXPECT_NE(study.id, former_id);
  EXPECT_EQ(study.image_count, 2);
  EXPECT_EQ(study.pending_count, 1) << "the sibling came along";
  EXPECT_EQ(study.order, kOrder12);
  EXPECT_EQ(study_of(index, "1.1").id, study.id);
  EXPECT_EQ(must(index.studies().find(Scopes::everything(), former_id))->id, study.id);
  EXPECT_EQ(must(index.studies().list(Scopes::everything(), {})).count, 1);
  EXPECT_EQ(must(index.state().totals()).studies, 1);
}

TEST(Ingests, AnAliasDoesNotCatchADataSetThatReallyHasThatUid) {
  TestIndex index;
  Ingest mislabelled = ingest_of("9.1", "9.2", "9.3");
  mislabelled.declared_study_uid = study_uid("1.1");
  must(index.ingests().commit(mislabelled, audit_line()));
  EXPECT_EQ(study_of(index, "1.1").study_uid.str(), "9.1");
  must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  EXPECT_EQ(study_of(index, "1.1").study_uid.str(), "1.1");
  EXPECT_EQ(study_of(index, "9.1").image_count, 1);
}

TEST(Ingests, ADeclaredUidFollowsTheAlias) {
  TestIndex index;
  Ingest dicom = ingest_of("9.1", "9.2", "9.3");
  dicom.declared_study_uid = study_uid("1.1");
  dicom.declared_series_uid = tests::series_uid("1.2");
  must(index.ingests().commit(dicom, audit_line()));
  Ingest picture = ingest_of("1.1", "1.2", "1.3");
  picture.uid_source = UidSource::declared;
  const auto outcome = must(index.ingests().commit(picture, audit_line()));
  EXPECT_EQ(outcome.image.study_uid.str(), "9.1");
  EXPECT_EQ(outcome.image.series_uid.str(), "9.2");
}

TEST(Ingests, TwoUploadsOfOneInstanceShareTheImage) {
  TestIndex index;
  Ingest ingest = ingest_of("1.1", "1.2", "1.3");
  for (const char* owner : {"alice", "bob"}) {
    const auto announced =
        must(index.uploads().announce(announcement("a", "1.1", owner), audit_line())).record;
    ingest.upload = announced.key;
    const auto outcome = must(index.ingests().commit(ingest, audit_line()));
    EXPECT_EQ(outcome.upload->key.owner, owner);
  }
  EXPECT_EQ(study_of(index, "1.1").image_count, 1);
  EXPECT_EQ(study_of(index, "1.1").pending_count, 0);
}

TEST(Ingests, AnUploadThatWasNeverAnnouncedIsRefused) {
  TestIndex index;
  Ingest ingest = ingest_of("1.1", "1.2", "1.3");
  ingest.upload = UploadKey{"alice", tests::uuid_of("unknown")};
  EXPECT_EQ(reason_of(index.ingests().commit(ingest, audit_line())), "metadata_missing");
  must(index.uploads().announce(announcement("a", "1.1", "bob"), audit_line()));
  ingest.upload = UploadKey{"alice", tests::uuid_of("a")};
  EXPECT_EQ(reason_of(index.ingests().commit(ingest, audit_line())), "metadata_missing")
      << "another owner's";
}

TEST(Ingests, AnAnnouncedPatientThatDiffersIsAConflict) {
  TestIndex index;
  auto request = announcement("a", "1.1");
  request.study.patient_id = "P7";
  const auto announced = must(index.uploads().announce(request, audit_line())).record;
  Ingest ingest = ingest_of("9.1", "9.2", "9.3");
  ingest.upload = announced.key;
  EXPECT_EQ(reason_of(index.ingests().commit(ingest, audit_line())), "patient_mismatch");
  EXPECT_EQ(study_of(index, "1.1").pending_count, 1) << "nothing was renamed";
}

// -- many at once ---------------------------------------------------------------------------------

TEST(Ingests, OfManySendersOfTheSameBytesOneStoresAndTheOthersFindThem) {
  TestIndex index;
  constexpr int kSenders = 32;
  std::atomic<int> stored{0};
  std::atomic<int> existed{0};
  std::vector<std::thread> senders;
  for (int i = 0; i < kSenders; ++i) {
    senders.emplace_back([&] {
      const auto outcome =
          must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
      ++(outcome.kind == IngestOutcome::Kind::stored ? stored : existed);
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(stored, 1);
  EXPECT_EQ(existed, kSenders - 1);
  EXPECT_EQ(study_of(index, "1.1").image_count, 1);
}

TEST(Ingests, OfManySendersOfOtherBytesUnderOneUidOneWins) {
  TestIndex index;
  constexpr int kSenders = 32;
  std::atomic<int> stored{0};
  std::atomic<int> conflicts{0};
  std::atomic<int> winner{-1};
  std::vector<std::thread> senders;
  for (int i = 0; i < kSenders; ++i) {
    senders.emplace_back([&, i] {
      const auto outcome =
          index.ingests().commit(ingest_of("1.1", "1.2", "1.3", std::to_string(i)), audit_line());
      if (outcome) {
        ++stored;
        winner = i;
      } else if (outcome.error().reason == "uid_conflict") {
        ++conflicts;
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(stored, 1);
  EXPECT_EQ(conflicts, kSenders - 1);
  const auto image = must(index.images().find(Scopes::everything(), tests::image_uid("1.3")));
  EXPECT_EQ(image->attributes.sha256,
            ingest_of("1.1", "1.2", "1.3", std::to_string(winner)).image.sha256);
}

}  // namespace
}  // namespace pacs::index
