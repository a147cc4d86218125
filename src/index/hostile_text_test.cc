// Texts that come from outside go in and come out as they were, whatever stands in them.
#include <gtest/gtest.h>

#include "index/ingests.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::audit_line;
using tests::must;
using tests::Scopes;
using tests::TestIndex;

std::vector<std::string> hostile_texts() {
  using namespace std::string_literals;
  return {"'; DROP TABLE studies; --"s,
          "\"quoted\" 'quoted' `quoted` \\ % _ * ? [a] $1 ?1 :a @b"s,
          "before\0after"s,
          "\xff\xfe not UTF-8 \xc0\x80"s,
          "\r\n\t\x01\x7f"s,
          "\xf0\x9f\xa9\xbb \xe2\x80\xae right to left"s,
          std::string(1'000'000, 'x')};
}

TEST(HostileText, OfAnIngestComesBackAsItWas) {
  int number = 0;
  for (const std::string& text : hostile_texts()) {
    TestIndex index;
    const std::string uid = "1.2." + std::to_string(++number);
    Ingest ingest = tests::ingest_of(uid, uid + ".1", uid + ".1.1");
    ingest.study = {text, text, text, text, text, text, text, text, text};
    ingest.series = {1, text, text, text};
    ImageAttributes& image = ingest.image;
    image.filename = image.store = image.mime_type = image.transfer_syntax = text;
    image.sop_class_uid = image.blob_identity = image.owner = image.uploader_name = text;
    ingest.metadata_json = text;
    AuditLine line{1, text, text, text, text, text, AuditOutcome::failed, text};
    const auto stored = must(index.ingests().commit(ingest, line));
    const auto found = must(index.images().find(Scopes::everything(), stored.image.id));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->attributes.filename, text);
    EXPECT_EQ(found->attributes.store, text);
    EXPECT_EQ(found->attributes.owner, text);
    EXPECT_EQ(found->attributes.blob_identity, text);
    const auto study = must(index.studies().find(Scopes::everything(), stored.image.study_id));
    EXPECT_EQ(study->attributes, ingest.study);
    const auto series = must(index.images().find_series(Scopes::everything(), 1));
    EXPECT_EQ(series->attributes, ingest.series);
    EXPECT_EQ(must(index.images().metadata(Scopes::everything(), {1})).at(0).json, text);
    EXPECT_TRUE(must(index.images().find(Scopes::uploads_of(text), stored.image.id)));
    const auto lines = must(index.audit_log().list(Scopes::everything(), {.actor = text}));
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].line.detail, text);
    EXPECT_FALSE(must(index.audit_log().verify_chain()));
    if (text.size() <= StudyQuery::kTextSizeMax) {
      StudyQuery query;
      query.patient_id = text;
      EXPECT_EQ(must(index.studies().list(Scopes::everything(), query)).count, 1);
      query.modality = text;
      EXPECT_TRUE(index.studies().list(Scopes::everything(), query));
    }
    must(index.remove({.study_ids = {study->id}}, line));
    EXPECT_EQ(must(index.state().totals()).studies, 0);
  }
}

TEST(HostileText, OfUploadsSessionsTokensAndStateComesBackAsItWas) {
  for (const std::string& text : hostile_texts()) {
    TestIndex index;
    SessionRequest session{.owner = text, .session_uuid = tests::uuid_of("s")};
    session.created_by_name = session.device_id = session.device_info = text;
    const auto made = must(index.sessions().find_or_create(session, audit_line())).session;
    EXPECT_EQ(made.device_info, text);
    EXPECT_EQ(made.owner, text);
    auto request = tests::announcement("a", "1.1", text);
    request.owner_name = request.filename = request.mime_type = request.image_metadata = text;
    request.session_id = made.id;
    const auto announced = must(index.uploads().announce(request, audit_line())).record;
    EXPECT_EQ(announced.filename, text);
    EXPECT_EQ(announced.image_metadata, text);
    const auto failed = must(index.uploads().fail(request.key, text, text, audit_line()));
    EXPECT_EQ(failed.failure_reason, text);
    Ingest ingest = tests::ingest_of("1.1", "1.2", "1.3");
    ingest.upload = request.key;
    must(index.ingests().commit(ingest, audit_line()));
    EXPECT_EQ(must(index.uploads().acknowledge(request.key, text, audit_line())).receipt, text);
    const auto found = must(index.uploads().find(Scopes::uploads_of(text), announced.id));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->receipt, text);
    const auto token = must(index.tokens().create(
        {.name = text, .roles = text, .secret_sha256 = tests::digest_of("s")}, audit_line()));
    EXPECT_EQ(token.name, text);
    must(index.state().set(text, text, audit_line()));
    EXPECT_EQ(must(index.state().find(text)), text);
  }
}

}  // namespace
}  // namespace pacs::index
