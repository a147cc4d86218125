#include "archive/store.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "archive/archive_fixture.h"

namespace pacs::archive {
namespace {

class StoreTest : public ArchiveTest {};

TEST_F(StoreTest, GivesBackTheBytesUnderTheKeyOfTheLayout) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const auto outcome = store(content);
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_EQ(outcome->kind, StoreOutcome::Kind::stored);
  EXPECT_EQ(outcome->image.attributes.key.str(), "radiology/1.2/1.2.3/1.2.3.4/slice.dcm");
  EXPECT_EQ(outcome->image.attributes.sha256, sha256(as_bytes(content)));
  EXPECT_EQ(content_of(outcome->image.attributes.key).value(), content);
}

TEST_F(StoreTest, WritesTheNumbersOfTheRowsWithTheBytes) {
  ASSERT_TRUE(store(ct("1.2", "1.2.3", "1.2.3.3")));
  const auto outcome = store(ct("1.2", "1.2.3", "1.2.3.4"));
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  const index::ImageRecord& image = outcome->image;
  const auto blob = stores_.primary().stat(image.attributes.key);
  ASSERT_TRUE(blob);
  EXPECT_EQ(*blob->attributes.find("study-id"), std::to_string(image.study_id));
  EXPECT_EQ(*blob->attributes.find("series-id"), std::to_string(image.series_id));
  EXPECT_EQ(*blob->attributes.find("image-id"), std::to_string(image.id));
}

TEST_F(StoreTest, TakesImagesOfTheOneStudyThatWasNamedAlone) {
  StoreRequest request = request_of();
  request.only_study = dicom::StudyUid::parse("1.2");
  EXPECT_TRUE(store(ct("1.2", "1.2.3", "1.2.3.4"), request));
  const auto refused = store(ct("1.9", "1.9.3", "1.9.3.4"), request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "study_mismatch");
  EXPECT_EQ(blob_count(), 1U);
}

TEST_F(StoreTest, TakesNoPictureWhereDicomIsWanted) {
  const std::string pdf = "%PDF-1.4 a report";
  EXPECT_TRUE(store(pdf));
  StoreRequest request = request_of();
  request.media = StoreRequest::Media::dicom;
  const auto refused = store(pdf, request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "unsupported_media");
}

TEST_F(StoreTest, TellsWhatARefusedFileCallsItself) {
  const std::string content = testing::DicomBuilder::ct_slice("1.2", "1.2.3", "1.2.3.4")
                                  .remove(dicom::tags::kSeriesInstanceUid)
                                  .build();
  MemorySource source(as_bytes(content));
  auto received = store_.receive(request_of(), source);
  ASSERT_TRUE(received);
  ObjectName name;
  EXPECT_FALSE(store_.store_received(request_of(), std::move(*received), &name));
  EXPECT_EQ(name.sop_instance_uid, "1.2.3.4");
  EXPECT_EQ(name.sop_class_uid, "1.2.840.10008.5.1.4.1.1.2");
}

TEST_F(StoreTest, CorrectsTheNumbersWithTheBytesWhenAnImportHasTakenThem) {
  const auto first = store(ct("1.2", "1.2.3", "1.2.3.4"));
  ASSERT_TRUE(first);
  StoreRequest wanted = request_of();
  wanted.wanted_ids.image = first->image.id + 1;  // the next that would be given
  ASSERT_TRUE(store(ct("1.2", "1.2.3", "1.2.3.5"), wanted));
  const auto next = store(ct("1.2", "1.2.3", "1.2.3.6"));
  ASSERT_TRUE(next) << to_string(next.error());
  EXPECT_GT(next->image.id, first->image.id + 1);
  const auto blob = stores_.primary().stat(next->image.attributes.key);
  ASSERT_TRUE(blob);
  EXPECT_EQ(*blob->attributes.find("image-id"), std::to_string(next->image.id));
  const auto row = index::Images(*database_).find(tests::Scopes::everything(), next->image.id);
  ASSERT_TRUE(row && *row);
  EXPECT_EQ(blob->identity, (*row)->attributes.blob_identity) << "read without being hashed again";
}

TEST_F(StoreTest, NumbersThatWereNotCorrectedWithTheBytesAreCorrectedByTheRepeat) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const index::ImageRecord image = store(content).value().image;
  // What is left when it dies between the commit, which gave other numbers, and the correction.
  const ObjectKey& key = image.attributes.key;
  const storage::BlobAttributes right = stores_.primary().stat(key).value().attributes;
  storage::BlobAttributes reserved = right;
  ASSERT_TRUE(reserved.set("study-id", "4711"));
  ASSERT_TRUE(reserved.set("image-id", "4712"));
  ASSERT_TRUE(stores_.primary().adopt(key, reserved));

  StoreRequest renamed = request_of("token:2");
  renamed.filename = "another.dcm";
  const auto again = store(content, renamed);
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(again->kind, StoreOutcome::Kind::existed);
  const auto blob = stores_.primary().stat(key);
  ASSERT_TRUE(blob);
  EXPECT_EQ(blob->attributes, right) << "the numbers, and nothing else";
  const auto row = index::Images(*database_).find(tests::Scopes::everything(), image.id);
  ASSERT_TRUE(row && *row);
  EXPECT_EQ(blob->identity, (*row)->attributes.blob_identity);
}

TEST_F(StoreTest, AcknowledgesTheSameBytesAgainAndKeepsOneObject) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const auto first = store(content);
  StoreRequest renamed = request_of();
  renamed.filename = "another.dcm";
  const auto again = store(content, renamed);
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(again->kind, StoreOutcome::Kind::existed);
  EXPECT_EQ(again->image.id, first->image.id);
  EXPECT_EQ(again->image.attributes.key, first->image.attributes.key);
  EXPECT_EQ(blob_count(), 1U);
}

TEST_F(StoreTest, RefusesOtherBytesUnderAKnownUid) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const auto first = store(content);
  const auto other = store(ct("1.2", "1.2.3", "1.2.3.4",
                              "P1 "
                              "x"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().reason, "uid_conflict");
  EXPECT_EQ(content_of(first->image.attributes.key).value(), content) << "the original stays";
}

TEST_F(StoreTest, RefusesAnotherPatientInAStudyAndLeavesNothing) {
  ASSERT_TRUE(store(ct("1.2", "1.2.3", "1.2.3.4", "P1")));
  const auto other = store(ct("1.2", "1.2.3", "1.2.3.5", "P2"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::conflict);
  EXPECT_EQ(other.error().reason, "patient_mismatch");
  EXPECT_EQ(blob_count(), 1U);
}

TEST_F(StoreTest, ChecksWhatWasDeclared) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  StoreRequest request = request_of();
  request.declared_sha256 = sha256(as_bytes("something else"));
  EXPECT_EQ(store(content, request).error().reason, "checksum_mismatch");
  request.declared_sha256 = sha256(as_bytes(content));
  request.declared_size_bytes = content.size() + 1;
  EXPECT_EQ(store(content, request).error().reason, "size_mismatch");
  request.declared_size_bytes = content.size();
  request.declared.image_uid = dicom::SopInstanceUid::parse("1.2.3.5");
  EXPECT_EQ(store(content, request).error().reason, "uid_mismatch");
  EXPECT_EQ(blob_count(), 0U);
  request.declared.image_uid.reset();
  EXPECT_TRUE(store(content, request));
}

TEST_F(StoreTest, RefusesWhatIsNoImageAndLeavesNothing) {
  EXPECT_EQ(store("").error().reason, "unsupported_media");
  EXPECT_EQ(store("GIF89a and so on").error().reason, "unsupported_media");
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  EXPECT_EQ(store(content.substr(0, content.size() - 5)).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(store(ct("1.2", "", "1.2.3.4")).error().reason, "missing_attribute");
  EXPECT_EQ(blob_count(), 0U);
}

TEST_F(StoreTest, NamesAPdfByItsOwnHashWhenNobodyNamedIt) {
  StoreRequest request = request_of();
  request.filename = "  ../report.pdf";
  const auto outcome = store("%PDF-1.4 a report", request);
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_EQ(outcome->image.attributes.mime_type, "application/pdf");
  EXPECT_TRUE(outcome->image.study_uid.is_uuid());
  EXPECT_EQ(store("%PDF-1.4 a report", request)->image.id, outcome->image.id) << "a retry";
}

TEST_F(StoreTest, PutsPicturesOfAnOrderIntoItsFirstStudy) {
  StoreRequest request = request_of();
  request.order = index::OrderReference{index::OrderKind::radiology_order, 12};
  const auto slice = store(ct("1.2", "1.2.3", "1.2.3.4"), request);
  ASSERT_TRUE(slice) << to_string(slice.error());
  const auto report = store("%PDF-1.4 a report", request);
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->image.study_id, slice->image.study_id);
}

TEST_F(StoreTest, WritesAnewWhatACutIngestLeftUnderTheKey) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const ObjectKey key = ObjectKey::make("1.2", "1.2.3", "1.2.3.4", "slice.dcm");
  overwrite(key, content);
  const auto outcome = store(content);
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_EQ(content_of(key).value(), content);

  overwrite(ObjectKey::make("1.2", "1.2.3", "1.2.3.5", "slice.dcm"), "other bytes");
  EXPECT_EQ(store(ct("1.2", "1.2.3", "1.2.3.5")).error().reason, "key_occupied");
}

TEST_F(StoreTest, ADamagedImageRaisesOneAlarmForManyReads) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const ObjectKey key = store(content)->image.attributes.key;
  overwrite(key, "other bytes");
  for (int i = 0; i < 3; ++i) {
    const auto read = content_of(key);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::corrupt);
    EXPECT_EQ(read.error().reason, "damaged");
  }
  index::AuditQuery query;
  query.action = "image.damaged";
  const auto lines = index::AuditLog(*database_).list(tests::Scopes::everything(), query).value();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].line.image_uid, "1.2.3.4");
  EXPECT_EQ(lines[0].line.outcome, index::AuditOutcome::failed);
  EXPECT_NE(metrics_.text().find("pacs_lite_damaged_images_total 3"), std::string::npos);
}

// The identity of the file is the one that was hashed, as after a flipped bit on the disk.
TEST_F(StoreTest, WhatIsCopiedIsHashedOnTheWayAndItsEndWithheld) {
  constexpr size_t kWithheld = 64 * 1024;
  for (const size_t size : {size_t{1000}, kWithheld, kWithheld + 1, 3 * kWithheld + 5}) {
    const std::string uid = "1.2.3." + std::to_string(size);
    std::string content =
        testing::DicomBuilder::ct_slice("1.2", "1.2.3", uid)
            .bytes(dicom::tags::kPixelData, dicom::Vr::OW, std::string(size & ~size_t{1}, 'p'))
            .build();
    const auto image = store(content)->image;
    const auto open = [&] {
      return retrieve_.open(tests::Scopes::everything(), image.attributes.key);
    };
    StringSink whole;
    auto right = open();
    ASSERT_TRUE(retrieve_.send_checked(*right, whole));
    EXPECT_EQ(whole.text(), content);

    std::string flipped = content;
    flipped[10] ^= 1;
    overwrite(image.attributes.key, flipped);
    const std::string identity = stores_.primary().stat(image.attributes.key)->identity;
    ASSERT_TRUE(index::Images(*database_).set_blob_identity(image.id, identity));
    StringSink part;
    auto wrong = open();
    const auto sent = retrieve_.send_checked(*wrong, part);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().reason, "damaged");
    EXPECT_EQ(part.text().size(), content.size() - std::min(content.size(), kWithheld));
    EXPECT_EQ(open().error().reason, "damaged") << "known from now on";
  }
}

TEST_F(StoreTest, HealsADamagedOrMissingCopyFromAResend) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const ObjectKey key = store(content)->image.attributes.key;
  std::string flipped = content;
  flipped.back() ^= 1;
  overwrite(key, flipped);
  EXPECT_EQ(content_of(key).error().reason, "damaged") << "never served as good";
  ASSERT_TRUE(store(content));
  EXPECT_EQ(content_of(key).value(), content);

  ASSERT_TRUE(stores_.primary().remove(key));
  EXPECT_EQ(content_of(key).error().reason, "damaged");
  ASSERT_TRUE(store(content));
  EXPECT_EQ(content_of(key).value(), content);
}

TEST_F(StoreTest, AnswersGoneForARemovedImageAndStoresItAgain) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const auto first = store(content);
  const ObjectKey key = first->image.attributes.key;
  const auto removed =
      remove_.remove({.study_ids = {}, .series_ids = {}, .image_ids = {first->image.id}},
                     {.id = "token:1", .name = "Alice", .request_id = "r2"}, RemoveMode::now);
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->images, 1U);
  EXPECT_EQ(content_of(key).error().reason, "gone");
  EXPECT_EQ(blob_count(), 0U);
  const auto again = store(content);
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(again->kind, StoreOutcome::Kind::stored);
  EXPECT_EQ(content_of(key).value(), content);
}

TEST_F(StoreTest, AdoptsAFileWhereItLies) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const ObjectKey key = ObjectKey::make("8f06e605-e810-4418-85cb-6304772f152e",
                                        "d98553c6-4595-45ff-8adf-666daf4ad91a",
                                        "f23b2e7a-f916-4865-95ab-290eb39a296f", "chest.dcm");
  overwrite(key, content);
  StoreRequest request = request_of();
  request.declared.study_uid = dicom::StudyUid::parse(key.parts()[1]);
  const auto outcome = store_.adopt(request, key);
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_EQ(outcome->image.attributes.key, key);
  EXPECT_EQ(outcome->image.study_uid.str(), "1.2") << "the data set's own";
  EXPECT_EQ(content_of(key).value(), content);
  EXPECT_EQ(store_.adopt(request, key)->kind, StoreOutcome::Kind::existed);
  EXPECT_EQ(store_.adopt(request, ObjectKey::make("1", "2", "3", "none.dcm")).error().code,
            ErrorCode::not_found);
}

TEST_F(StoreTest, LetsThirtyTwoSendersOfTheSameBytesAllSucceed) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  std::atomic<int> stored = 0;
  std::atomic<int> existed = 0;
  std::vector<std::thread> senders;
  for (int sender = 0; sender < 32; ++sender) {
    senders.emplace_back([&] {
      const auto outcome = store(content);
      ASSERT_TRUE(outcome) << to_string(outcome.error());
      ++(outcome->kind == StoreOutcome::Kind::stored ? stored : existed);
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(stored, 1);
  EXPECT_EQ(existed, 31);
  EXPECT_EQ(blob_count(), 1U);
}

TEST_F(StoreTest, LetsOneOfThirtyTwoSendersOfDifferentBytesWin) {
  std::atomic<int> conflicts = 0;
  std::vector<std::string> contents;
  for (int sender = 0; sender < 32; ++sender) {
    contents.push_back(testing::DicomBuilder::ct_slice("1.2", "1.2.3", "1.2.3.4")
                           .number(dicom::tags::kInstanceNumber, dicom::Vr::US, sender)
                           .build());
  }
  std::atomic<const std::string*> winner = nullptr;
  std::vector<std::thread> senders;
  for (const std::string& content : contents) {
    senders.emplace_back([&] {
      const auto outcome = store(content);
      if (outcome) {
        EXPECT_EQ(winner.exchange(&content), nullptr) << "two winners";
      } else {
        EXPECT_EQ(outcome.error().reason, "uid_conflict");
        ++conflicts;
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  ASSERT_NE(winner.load(), nullptr);
  EXPECT_EQ(conflicts, 31);
  EXPECT_EQ(content_of(ObjectKey::make("1.2", "1.2.3", "1.2.3.4", "slice.dcm")).value(),
            *winner.load());
}

TEST_F(StoreTest, LetsPicturesThatComeAtOnceUnderANewOrderShareOneStudy) {
  constexpr int kSenders = 16;
  StoreRequest request = request_of();
  request.order = index::OrderReference{index::OrderKind::radiology_order, 4002};
  std::vector<int64_t> studies(kSenders);
  std::vector<std::thread> senders;
  for (int sender = 0; sender < kSenders; ++sender) {
    senders.emplace_back([&, sender] {
      const auto outcome = store("%PDF-1.4 report " + std::to_string(sender), request);
      ASSERT_TRUE(outcome) << to_string(outcome.error());
      EXPECT_EQ(outcome->order, request.order);
      studies[static_cast<size_t>(sender)] = outcome->image.study_id;
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(std::count(studies.begin(), studies.end(), studies[0]), kSenders);
}

TEST_F(StoreTest, NotesARefusedConflictInTheAuditLog) {
  ASSERT_TRUE(store(ct("1.2", "1.2.3", "1.2.3.4", "P1")));
  EXPECT_FALSE(store(ct("1.2", "1.2.3", "1.2.3.4", "P1 x")));
  EXPECT_FALSE(store(ct("1.2", "1.2.3", "1.2.3.5", "P2")));
  index::AuditQuery query;
  query.action = "image.refuse";
  const auto lines = index::AuditLog(*database_).list(tests::Scopes::everything(), query).value();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1].line.image_uid, "1.2.3.4");
  EXPECT_EQ(lines[1].line.detail, "uid_conflict");
  EXPECT_EQ(lines[0].line.image_uid, "1.2.3.5");
  EXPECT_EQ(lines[0].line.detail, "patient_mismatch");
  for (const auto& line : lines) {
    EXPECT_EQ(line.line.outcome, index::AuditOutcome::refused);
    EXPECT_EQ(line.line.actor, "token:1");
  }
}

class SmallArchiveTest : public ArchiveTest {
 protected:
  SmallArchiveTest() : ArchiveTest({.image_bytes_max = 1000}) {}
};

TEST_F(SmallArchiveTest, RefusesWhatIsTooLargeAndLeavesNothing) {
  const std::string content = "%PDF-1.4" + std::string(2000, ' ');
  EXPECT_EQ(store(content).error().reason, "too_large");
  StoreRequest request = request_of();
  request.declared_size_bytes = 1001;
  EXPECT_EQ(store("%PDF-1.4", request).error().reason, "too_large");
  EXPECT_EQ(blob_count(), 0U);
}

class QuarantineTest : public ArchiveTest {
 protected:
  QuarantineTest() : ArchiveTest({.refused_bytes = StoreOptions::RefusedBytes::quarantine}) {}
};

TEST_F(QuarantineTest, KeepsRefusedBytesForTheOperatorOutOfReach) {
  ASSERT_TRUE(store(ct("1.2", "1.2.3", "1.2.3.4", "P1")));
  EXPECT_FALSE(store(ct("1.2", "1.2.3", "1.2.3.4", "P1 again")));
  EXPECT_FALSE(store(ct("1.2", "1.2.3", "1.2.3.5", "P2")));
  EXPECT_EQ(blob_count(), 1U) << "none of them under a key";
}

}  // namespace
}  // namespace pacs::archive
