#include "index/uploads.h"

#include <gtest/gtest.h>

#include "index/ingests.h"
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

const OrderReference kUploadOrder{OrderKind::radiology_request, 12};

UploadRecord store_bytes(TestIndex& index, const UploadKey& key) {
  Ingest ingest = ingest_of("1.1", "1.2", "1.3");
  ingest.upload = key;
  return *must(index.ingests().commit(ingest, audit_line("store", 2'000))).upload;
}

TEST(Uploads, ANewOneIsRecordedWithItsVisibleStudy) {
  TestIndex index;
  auto request = announcement("a", "1.1");
  request.order = kUploadOrder;
  request.study.patient_name = "Doe^Jane";
  const auto outcome = must(index.uploads().announce(request, audit_line("announce", 1'500)));
  EXPECT_EQ(outcome.kind, AnnounceOutcome::Kind::created);
  const UploadRecord& record = outcome.record;
  EXPECT_EQ(record.status, UploadStatus::metadata_uploaded);
  EXPECT_EQ(record.retry_count, 0);
  EXPECT_EQ(record.created_at, 1'500);
  EXPECT_EQ(record.metadata_uploaded_at, 1'500);
  EXPECT_EQ(record.order, kUploadOrder);
  EXPECT_EQ(record.checksum, request.checksum);
  EXPECT_EQ(record.image_metadata, request.image_metadata);
  const auto study = must(index.studies().find(Scopes::everything(), *record.study_id));
  ASSERT_TRUE(study);
  EXPECT_EQ(study->study_uid.str(), "1.1");
  EXPECT_EQ(study->attributes.patient_name, "Doe^Jane");
  EXPECT_EQ(study->pending_count, 1);
  EXPECT_EQ(study->image_count, 0);
  EXPECT_EQ(study->order, kUploadOrder);
  const auto lines = must(index.audit_log().list(Scopes::everything(), {}));
  EXPECT_EQ(lines.at(0).line.study_uid, "1.1");
}

TEST(Uploads, TheSameAgainIsTheSameRecordWhateverTheOrderOfMembers) {
  TestIndex index;
  auto request = announcement("a", "1.1");
  request.image_metadata = R"({"a": 1, "b": {"c": [1, 2], "d": "x"}})";
  const auto first = must(index.uploads().announce(request, audit_line()));
  request.image_metadata = R"({"b":{"d":"x","c":[1,2]},"a":1})";
  const auto second = must(index.uploads().announce(request, audit_line()));
  EXPECT_EQ(second.kind, AnnounceOutcome::Kind::existed);
  EXPECT_EQ(second.record.id, first.record.id);
  EXPECT_EQ(second.record.retry_count, 0);
  store_bytes(index, request.key);
  const auto third = must(index.uploads().announce(request, audit_line()));
  EXPECT_EQ(third.kind, AnnounceOutcome::Kind::existed);
  EXPECT_EQ(third.record.status, UploadStatus::binary_uploaded);
}

TEST(Uploads, ChangedBeforeTheBytesItIsUpdatedAndAfterThemRefused) {
  TestIndex index;
  auto request = announcement("a", "1.1");
  must(index.uploads().announce(request, audit_line()));
  request.filename = "b.dcm";
  const auto updated = must(index.uploads().announce(request, audit_line("again", 3'000)));
  EXPECT_EQ(updated.kind, AnnounceOutcome::Kind::updated);
  EXPECT_EQ(updated.record.retry_count, 1);
  EXPECT_EQ(updated.record.filename, "b.dcm");
  EXPECT_EQ(updated.record.metadata_uploaded_at, 3'000);
  store_bytes(index, request.key);
  request.filename = "c.dcm";
  EXPECT_EQ(reason_of(index.uploads().announce(request, audit_line())), "metadata_changed");
  EXPECT_EQ(must(index.uploads().find(Scopes::everything(), request.key))->filename, "b.dcm");
}

TEST(Uploads, ChangedToAnotherStudyItLeavesNoneBehind) {
  TestIndex index;
  must(index.uploads().announce(announcement("a", "1.1"), audit_line()));
  must(index.uploads().announce(announcement("a", "2.2"), audit_line()));
  EXPECT_FALSE(must(index.studies().find(Scopes::everything(), study_uid("1.1"))));
  EXPECT_EQ(must(index.studies().find(Scopes::everything(), study_uid("2.2")))->pending_count, 1);
  EXPECT_EQ(must(index.state().totals()).studies, 1);
}

TEST(Uploads, TwoOwnersMayUseOneUuidAndNeitherHearsOfTheOther) {
  TestIndex index;
  const auto alice =
      must(index.uploads().announce(announcement("a", "1.1", "alice"), audit_line()));
  const auto bob = must(index.uploads().announce(announcement("a", "2.1", "bob"), audit_line()));
  EXPECT_EQ(bob.kind, AnnounceOutcome::Kind::created);
  EXPECT_NE(bob.record.id, alice.record.id);
  EXPECT_FALSE(must(index.uploads().find(Scopes::uploads_of("bob"), alice.record.key)));
  EXPECT_EQ(reason_of(index.uploads().retry({"carol", alice.record.key.image_uuid}, audit_line())),
            "no_such_upload");
}

TEST(Uploads, TheStudyIsTheDeclaredOneElseTheOrdersFirstElseTheDerivedOne) {
  TestIndex index;
  auto request = announcement("a", "1.1");
  request.order = kUploadOrder;
  const auto declared = must(index.uploads().announce(request, audit_line())).record;
  auto second = announcement("b", "1.1");
  second.study_uid.reset();
  second.order = kUploadOrder;
  EXPECT_EQ(must(index.uploads().announce(second, audit_line())).record.study_id,
            declared.study_id);
  auto third = announcement("c", "1.1");
  third.study_uid.reset();
  const auto derived = must(index.uploads().announce(third, audit_line())).record;
  EXPECT_EQ(must(index.studies().find(Scopes::everything(), *derived.study_id))->study_uid,
            third.derived_study_uid);
}

TEST(Uploads, AnotherOrderOrPatientIsAConflict) {
  TestIndex index;
  auto request = announcement("a", "1.1");
  request.order = kUploadOrder;
  request.study.patient_id = "P1";
  must(index.uploads().announce(request, audit_line()));
  auto other_order = announcement("b", "1.1");
  other_order.order = OrderReference{OrderKind::radiology_order, 12};
  EXPECT_EQ(reason_of(index.uploads().announce(other_order, audit_line())), "order_mismatch");
  auto other_patient = announcement("b", "2.2");
  other_patient.order = kUploadOrder;
  other_patient.study.patient_id = "P2";
  EXPECT_EQ(reason_of(index.uploads().announce(other_patient, audit_line())), "patient_mismatch");
  EXPECT_FALSE(must(index.studies().find(Scopes::everything(), study_uid("2.2"))));
}

TEST(Uploads, AFailedOneIsRetriedByWordOrByTheSameMetadata) {
  TestIndex index;
  const auto request = announcement("a", "1.1");
  must(index.uploads().announce(request, audit_line()));
  auto failed = must(index.uploads().fail(request.key, "The hash differs.", "hash", audit_line()));
  EXPECT_EQ(failed.status, UploadStatus::failed);
  EXPECT_EQ(failed.failure_reason, "The hash differs.");
  EXPECT_EQ(failed.error_code, "hash");
  EXPECT_EQ(must(index.studies().find(Scopes::everything(), study_uid("1.1")))->pending_count, 1);
  const auto retried = must(index.uploads().retry(request.key, audit_line()));
  EXPECT_EQ(retried.status, UploadStatus::metadata_uploaded);
  EXPECT_EQ(retried.retry_count, 1);
  EXPECT_EQ(retried.failure_reason, "");
  must(index.uploads().fail(request.key, "again", "hash", audit_line()));
  const auto announced = must(index.uploads().announce(request, audit_line()));
  EXPECT_EQ(announced.kind, AnnounceOutcome::Kind::updated);
  EXPECT_EQ(announced.record.retry_count, 2);
  store_bytes(index, request.key);
  const auto stored = must(index.uploads().fail(request.key, "late", "hash", audit_line()));
  EXPECT_EQ(stored.status, UploadStatus::binary_uploaded) << "what is stored does not fail";
  EXPECT_EQ(must(index.studies().find(Scopes::everything(), study_uid("1.1")))->pending_count, 0);
}

TEST(Uploads, TheFirstReceiptIsKeptWordForWord) {
  TestIndex index;
  const auto request = announcement("a", "1.1");
  must(index.uploads().announce(request, audit_line()));
  EXPECT_EQ(reason_of(index.uploads().acknowledge(request.key, "{}", audit_line())),
            "bytes_missing");
  store_bytes(index, request.key);
  const auto first =
      must(index.uploads().acknowledge(request.key, R"({"a": 1})", audit_line("ack", 4'000)));
  EXPECT_EQ(first.status, UploadStatus::ack_received);
  EXPECT_EQ(first.ack_received_at, 4'000);
  const auto second =
      must(index.uploads().acknowledge(request.key, "another", audit_line("ack", 5'000)));
  EXPECT_EQ(second.receipt, R"({"a": 1})");
  EXPECT_EQ(second.ack_received_at, 4'000);
  EXPECT_EQ(store_bytes(index, request.key).status, UploadStatus::ack_received)
      << "the same bytes again, in any later state";
}

TEST(Uploads, AreListedByStatusOrderSessionAndStudyInEitherOrder) {
  TestIndex index;
  const auto session = must(index.sessions().find_or_create(
      SessionRequest{.owner = "alice", .session_uuid = tests::uuid_of("session")}, audit_line()));
  std::vector<int64_t> ids;
  for (int i = 0; i < 6; ++i) {
    auto request = announcement("u" + std::to_string(i), i < 4 ? "1.1" : "2.2");
    if (i < 4) request.order = kUploadOrder;
    if (i % 2 == 0) request.session_id = session.session.id;
    ids.push_back(must(index.uploads().announce(request, audit_line())).record.id);
  }
  must(index.uploads().fail(announcement("u1", "1.1").key, "no", "no", audit_line()));
  const auto list = [&](const UploadQuery& query) {
    std::vector<int64_t> found;
    for (const auto& upload : must(index.uploads().list(Scopes::everything(), query))) {
      found.push_back(upload.id);
    }
    return found;
  };
  using Ordering = UploadQuery::Ordering;
  EXPECT_EQ(list({.statuses = {UploadStatus::failed}}), std::vector<int64_t>{ids[1]});
  EXPECT_EQ(list({.statuses = {UploadStatus::metadata_uploaded, UploadStatus::binary_uploaded},
                  .ordering = Ordering::oldest_first,
                  .limit = 2}),
            (std::vector<int64_t>{ids[0], ids[2]}));
  EXPECT_EQ(list({.ordering = Ordering::oldest_first, .after_id = ids[3]}),
            (std::vector<int64_t>{ids[4], ids[5]}));
  EXPECT_EQ(list({.after_id = ids[2]}), (std::vector<int64_t>{ids[1], ids[0]}));
  EXPECT_EQ(list({.order = kUploadOrder}).size(), 4U);
  EXPECT_EQ(list({.session_id = session.session.id}).size(), 3U);
  const auto study = must(index.studies().find(Scopes::everything(), study_uid("2.2")));
  EXPECT_EQ(list({.study_id = study->id}).size(), 2U);
  EXPECT_EQ(reason_of(index.uploads().list(Scopes::everything(), {.limit = 0})), "page_size");
}

TEST(Uploads, ASessionOfSomebodyElseIsNotThere) {
  TestIndex index;
  const auto session = must(index.sessions().find_or_create(
      SessionRequest{.owner = "bob", .session_uuid = tests::uuid_of("s")}, audit_line()));
  auto request = announcement("a", "1.1", "alice");
  request.session_id = session.session.id;
  EXPECT_EQ(reason_of(index.uploads().announce(request, audit_line())), "no_such_session");
}

TEST(Uploads, StatusesHaveTheNamesOfTheProtocol) {
  for (const auto status : {UploadStatus::metadata_uploaded, UploadStatus::binary_uploaded,
                            UploadStatus::ack_received, UploadStatus::failed}) {
    EXPECT_EQ(parse_upload_status(to_string(status)), status);
  }
  EXPECT_EQ(to_string(UploadStatus::ack_received), "ACK_RECEIVED");
  EXPECT_FALSE(parse_upload_status("PENDING"));
}

// -- sessions -------------------------------------------------------------------------------------

TEST(UploadSessions, StatusAndCountsFollowFromTheUploads) {
  TestIndex index;
  SessionRequest request{.owner = "alice", .session_uuid = tests::uuid_of("s")};
  request.order = kUploadOrder;
  request.device_id = "tablet";
  request.device_info = "{}";
  request.total_images = 2;
  const auto made = must(index.sessions().find_or_create(request, audit_line("session", 100)));
  EXPECT_EQ(made.kind, SessionOutcome::Kind::created);
  EXPECT_EQ(made.session.status, SessionStatus::queued);
  const int64_t id = made.session.id;
  const auto now = [&] { return *must(index.sessions().find(Scopes::everything(), id)); };

  auto first = announcement("a", "1.1");
  first.session_id = id;
  first.order = kUploadOrder;
  must(index.uploads().announce(first, audit_line("announce", 200)));
  EXPECT_EQ(now().status, SessionStatus::uploading);
  EXPECT_EQ(now().started_at, 200);
  store_bytes(index, first.key);
  EXPECT_EQ(now().status, SessionStatus::uploading) << "one of two";
  EXPECT_EQ(now().images_uploaded, 1);

  auto second = announcement("b", "1.1");
  second.session_id = id;
  second.order = kUploadOrder;
  must(index.uploads().announce(second, audit_line()));
  must(index.uploads().fail(second.key, "It broke.", "io", audit_line()));
  EXPECT_EQ(now().status, SessionStatus::partial);
  EXPECT_EQ(now().images_failed, 1);
  EXPECT_EQ(now().error_message, "It broke.");
  EXPECT_FALSE(now().completed_at);
  store_bytes(index, second.key);
  EXPECT_EQ(now().status, SessionStatus::synced);
  EXPECT_EQ(now().completed_at, 2'000);

  const auto again = must(index.sessions().find_or_create(request, audit_line()));
  EXPECT_EQ(again.kind, SessionOutcome::Kind::existed);
  EXPECT_EQ(again.session.id, id);
  request.order = OrderReference{OrderKind::radiology_order, 12};
  EXPECT_EQ(reason_of(index.sessions().find_or_create(request, audit_line())), "order_mismatch");
}

TEST(UploadSessions, AllFailedIsFailed) {
  TestIndex index;
  const auto made = must(index.sessions().find_or_create(
      SessionRequest{.owner = "alice", .session_uuid = tests::uuid_of("s"), .total_images = 1},
      audit_line()));
  auto request = announcement("a", "1.1");
  request.session_id = made.session.id;
  must(index.uploads().announce(request, audit_line()));
  must(index.uploads().fail(request.key, "no", "no", audit_line()));
  EXPECT_EQ(must(index.sessions().find(Scopes::everything(), made.session.id))->status,
            SessionStatus::failed);
  EXPECT_EQ(to_string(SessionStatus::failed), "FAILED");
}

TEST(UploadSessions, AreListedByOrderNewestFirst) {
  TestIndex index;
  std::vector<int64_t> ids;
  for (int i = 0; i < 4; ++i) {
    SessionRequest request{.owner = "alice", .session_uuid = tests::uuid_of(std::to_string(i))};
    if (i != 1) request.order = kUploadOrder;
    ids.push_back(must(index.sessions().find_or_create(request, audit_line())).session.id);
  }
  const auto first =
      must(index.sessions().list(Scopes::everything(), {.order = kUploadOrder, .limit = 2}));
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].id, ids[3]);
  EXPECT_EQ(first[1].id, ids[2]);
  const auto rest = must(index.sessions().list(
      Scopes::everything(), {.order = kUploadOrder, .before_id = first[1].id, .limit = 2}));
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].id, ids[0]);
}

}  // namespace
}  // namespace pacs::index
