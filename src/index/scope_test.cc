// Every read with every kind of scope: what a scope does not cover is as if it did not exist.
#include "index/scope.h"

#include <set>
#include <string>

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
using tests::TestIndex;

using Seen = std::set<std::string>;

// One side of the archive: a study with a stored image, a removed one, an upload, a session.
struct Side {
  std::string name;  // "A" or "B"
  std::string uid;
  std::string owner;
  int64_t study_id = 0;
  int64_t series_id = 0;
  int64_t image_id = 0;
  int64_t upload_id = 0;
  int64_t session_id = 0;
  int64_t token_id = 0;
  UploadKey upload_key{"", tests::uuid_of("")};
  ObjectKey key = *ObjectKey::parse("radiology/1/1/1/x");
  ObjectKey removed_key = *ObjectKey::parse("radiology/1/1/1/x");
};

Side make_side(TestIndex& index, const std::string& name, const std::string& uid,
               const std::string& owner) {
  Side side{.name = name, .uid = uid, .owner = owner};
  side.session_id =
      must(index.sessions().find_or_create(
               SessionRequest{.owner = owner, .session_uuid = tests::uuid_of(name)}, audit_line()))
          .session.id;
  auto request = announcement(name, uid, owner);
  request.session_id = side.session_id;
  const auto upload = must(index.uploads().announce(request, audit_line())).record;
  side.upload_id = upload.id;
  side.upload_key = upload.key;
  Ingest ingest = ingest_of(uid, uid + ".1", uid + ".1.1");
  ingest.upload = upload.key;
  ingest.image.owner = owner;
  ingest.study.patient_id = name;
  ingest.study.patient_name = "Doe^" + name + name + name;
  ingest.frame_table = ByteVector(1, std::byte{1});
  const auto stored = must(index.ingests().commit(ingest, audit_line()));
  side.study_id = stored.image.study_id;
  side.series_id = stored.image.series_id;
  side.image_id = stored.image.id;
  side.key = ingest.image.key;
  Ingest removed = ingest_of(uid, uid + ".1", uid + ".1.2");
  removed.image.owner = owner;
  removed.study.patient_id = name;
  const auto gone = must(index.ingests().commit(removed, audit_line()));
  must(index.remove({.image_ids = {gone.image.id}}, audit_line()));
  side.removed_key = removed.image.key;
  side.token_id = must(index.tokens().create({.secret_sha256 = tests::digest_of(name),
                                              .studies = {{side.study_id, uid}}},
                                             audit_line()))
                      .id;
  return side;
}

void look_at_studies(TestIndex& index, const Scope& scope, const Side& side, Seen& seen) {
  const auto note = [&](const char* what) { seen.insert(what + (" " + side.name)); };
  if (must(index.studies().find(scope, side.study_id))) note("study by id");
  if (must(index.studies().find(scope, tests::study_uid(side.uid)))) note("study by uid");
  for (const auto ordering :
       {StudyOrdering::created_at, StudyOrdering::study_date, StudyOrdering::patient_name}) {
    for (int filter = 0; filter < 6; ++filter) {
      StudyQuery query{.ordering = ordering};
      if (filter == 1) query.patient_id = side.name;
      if (filter == 2) query.patient_name = "doe";
      if (filter == 3) query.modality = "CT";
      if (filter == 4) query.search = side.name + side.name + side.name;
      if (filter == 5) query.study_date_from = "2000-01-01";
      const auto page = must(index.studies().list(scope, query));
      EXPECT_EQ(page.count, static_cast<int64_t>(page.studies.size())) << "the count leaks nothing";
      for (const auto& study : page.studies) {
        if (study.id == side.study_id) note("study in a list");
      }
    }
  }
}

void look_at_images(TestIndex& index, const Scope& scope, const Side& side, Seen& seen) {
  const auto note = [&](const char* what) { seen.insert(what + (" " + side.name)); };
  Images images = index.images();
  if (must(images.find(scope, side.image_id))) note("image");
  if (must(images.find(scope, tests::image_uid(side.uid + ".1.1")))) note("image");
  if (must(images.find(scope, side.key))) note("image");
  for (const ImageQuery& query :
       {ImageQuery{.study_id = side.study_id}, ImageQuery{.study_uid = tests::study_uid(side.uid)},
        ImageQuery{.series_id = side.series_id},
        ImageQuery{.series_uid = tests::series_uid(side.uid + ".1")}}) {
    if (!must(images.list(scope, query)).images.empty()) note("image");
  }
  if (!must(images.metadata(scope, {side.image_id})).empty()) note("metadata");
  if (!must(images.metadata_of_series(scope, side.series_id)).empty()) note("metadata");
  if (must(images.frame_table(scope, side.image_id))) note("frame table");
  if (must(images.was_removed(scope, side.removed_key))) note("removed image");
  if (!must(images.series_of_study(scope, side.study_id)).empty()) note("series");
  if (must(images.find_series(scope, side.series_id))) note("series");
  if (must(images.find_series(scope, tests::series_uid(side.uid + ".1")))) note("series");
}

void look_at_the_rest(TestIndex& index, const Scope& scope, const Side& side, Seen& seen) {
  const auto note = [&](const char* what) { seen.insert(what + (" " + side.name)); };
  if (must(index.uploads().find(scope, side.upload_id))) note("upload");
  if (must(index.uploads().find(scope, side.upload_key))) note("upload");
  for (const UploadQuery& query : {UploadQuery{}, UploadQuery{.session_id = side.session_id},
                                   UploadQuery{.study_id = side.study_id},
                                   UploadQuery{.image_uuid = side.upload_key.image_uuid}}) {
    for (const auto& upload : must(index.uploads().list(scope, query))) {
      if (upload.id == side.upload_id) note("upload");
    }
  }
  if (must(index.sessions().find(scope, side.session_id))) note("session");
  for (const auto& session : must(index.sessions().list(scope, {}))) {
    if (session.id == side.session_id) note("session");
  }
  if (must(index.tokens().find(scope, side.token_id))) note("token");
  if (must(index.tokens().find_by_secret(scope, tests::digest_of(side.name)))) note("token");
  if (!must(index.tokens().list(scope)).empty()) note("token");
  if (!must(index.audit_log().list(scope, {})).empty()) note("audit log");
}

class ScopeTest : public testing::Test {
 protected:
  Seen seen(const Scope& scope) {
    Seen result;
    for (const Side* side : {&a_, &b_}) {
      look_at_studies(index_, scope, *side, result);
      look_at_images(index_, scope, *side, result);
      look_at_the_rest(index_, scope, *side, result);
    }
    return result;
  }

  TestIndex index_;
  Side a_ = make_side(index_, "A", "1.1", "alice");
  Side b_ = make_side(index_, "B", "2.2", "bob");
};

const Seen kPartsOfAStudy = {"study by id", "study by uid", "study in a list", "series", "image",
                             "metadata",    "frame table",  "removed image",   "upload"};
const Seen kPartsOfAnOwner = {"image",         "metadata", "frame table",
                              "removed image", "upload",   "session"};

Seen of(const Seen& parts, const std::string& side) {
  Seen result;
  for (const std::string& part : parts) result.insert(part + " " + side);
  return result;
}

TEST_F(ScopeTest, EverythingIsSeenByWhoMaySeeEverything) {
  Seen all = of(kPartsOfAStudy, "A");
  all.merge(of(kPartsOfAStudy, "B"));
  for (const char* side : {"A", "B"}) all.merge(of({"session", "token", "audit log"}, side));
  EXPECT_EQ(seen(Scopes::everything()), all);
}

TEST_F(ScopeTest, OneStudyShowsNothingOfAnother) {
  EXPECT_EQ(seen(Scopes::one_study(a_.study_id)), of(kPartsOfAStudy, "A"));
  EXPECT_EQ(seen(Scopes::one_study(b_.study_id)), of(kPartsOfAStudy, "B"));
  EXPECT_EQ(seen(Scopes::one_study(999)), Seen{});
  EXPECT_EQ(seen(Scopes::one_study(0)), Seen{});
}

TEST_F(ScopeTest, SeveralStudiesShowEachOfThemAndNoneShowsNothing) {
  Seen both = of(kPartsOfAStudy, "A");
  both.merge(of(kPartsOfAStudy, "B"));
  EXPECT_EQ(seen(Scopes::studies({a_.study_id, b_.study_id})), both);
  EXPECT_EQ(seen(Scopes::studies({999, b_.study_id})), of(kPartsOfAStudy, "B"));
  EXPECT_EQ(seen(Scopes::studies({})), Seen{});
}

TEST_F(ScopeTest, AnOwnerSeesItsUploadsAndTheirImagesAlone) {
  EXPECT_EQ(seen(Scopes::uploads_of("alice")), of(kPartsOfAnOwner, "A"));
  EXPECT_EQ(seen(Scopes::uploads_of("bob")), of(kPartsOfAnOwner, "B"));
  EXPECT_EQ(seen(Scopes::uploads_of("carol")), Seen{});
}

TEST_F(ScopeTest, NobodySeesNothing) { EXPECT_EQ(seen(Scope::nothing()), Seen{}); }

TEST_F(ScopeTest, WhatHasNoOwnerIsNotThatOfAnOwnerWithoutAName) {
  Ingest imported = ingest_of("3.3", "3.4", "3.5");
  imported.image.owner = "";
  const auto stored = must(index_.ingests().commit(imported, audit_line()));
  EXPECT_FALSE(must(index_.images().find(Scopes::uploads_of(""), stored.image.id)));
}

TEST_F(ScopeTest, AnUploadAttachedToSomebodyElsesImageShowsThatImage) {
  const auto upload =
      must(index_.uploads().announce(announcement("C", "1.1", "carol"), audit_line())).record;
  EXPECT_FALSE(must(index_.images().find(Scopes::uploads_of("carol"), a_.image_id)));
  Ingest again = ingest_of("1.1", "1.1.1", "1.1.1.1");
  again.study.patient_id = "A";
  again.upload = upload.key;
  must(index_.ingests().commit(again, audit_line()));
  EXPECT_TRUE(must(index_.images().find(Scopes::uploads_of("carol"), a_.image_id)));
}

TEST_F(ScopeTest, TheScopeOfAMergedStudyCoversWhatItBecame) {
  const auto upload =
      must(index_.uploads().announce(announcement("D", "7.7"), audit_line())).record;
  const Scope made_before = Scopes::one_study(*upload.study_id);
  Ingest bytes = ingest_of("1.1", "1.1.1", "1.1.1.9");
  bytes.study.patient_id = "A";
  bytes.upload = upload.key;
  must(index_.ingests().commit(bytes, audit_line()));
  const Seen after = seen(made_before);
  EXPECT_TRUE(after.contains("study by id A"));
  EXPECT_FALSE(after.contains("study by id B"));
}

}  // namespace
}  // namespace pacs::index
