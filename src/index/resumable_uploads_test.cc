#include "index/resumable_uploads.h"

#include <gtest/gtest.h>

#include "index/audit_log.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::audit_line;
using tests::must;
using tests::Scopes;
using tests::TestIndex;

ResumableUpload upload_of(const std::string& id, const std::string& owner) {
  ResumableUpload upload;
  upload.id = id;
  upload.owner = owner;
  upload.metadata = "filename YQ==";
  upload.size_bytes = 1000;
  upload.created_at = 1'000;
  upload.expires_at = 2'000;
  return upload;
}

size_t lines_of(TestIndex& index, std::string_view action) {
  size_t count = 0;
  for (const auto& entry : must(index.audit_log().list(Scopes::everything(), {}))) {
    if (entry.line.action == action) ++count;
  }
  return count;
}

TEST(ResumableUploads, KeepsWhatWasRecordedForItsOwnerAlone) {
  TestIndex index;
  ResumableUploads uploads(index.database());
  ASSERT_TRUE(uploads.create(upload_of("a", "token:1"), 10, audit_line("upload.create")));
  ASSERT_TRUE(uploads.record("a", {.staged_id = "s", .durable_bytes = 400, .expires_at = 3'000}));
  const auto found = must(uploads.find(Scopes::everything(), "token:1", "a"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, ResumableState::open);
  EXPECT_EQ(found->metadata, "filename YQ==");
  EXPECT_EQ(found->durable_bytes, 400);
  EXPECT_EQ(found->staged_id, "s");
  EXPECT_EQ(found->expires_at, 3'000);
  EXPECT_FALSE(must(uploads.find(Scopes::everything(), "token:2", "a")));
  EXPECT_EQ(must(uploads.list_staged(Scopes::everything())).size(), 1U);
  EXPECT_EQ(lines_of(index, "upload.create"), 1U);
  EXPECT_EQ(uploads.record("b", {}).error().reason, "no_such_resumable_upload");
}

TEST(ResumableUploads, CountsOnlyOpenOnesAgainstTheLimit) {
  TestIndex index;
  ResumableUploads uploads(index.database());
  ASSERT_TRUE(uploads.create(upload_of("a", "token:1"), 1, audit_line()));
  EXPECT_EQ(uploads.create(upload_of("b", "token:1"), 1, audit_line()).error().reason,
            "too_many_uploads");
  EXPECT_TRUE(uploads.create(upload_of("c", "token:2"), 1, audit_line()));
  ASSERT_TRUE(uploads.fail("a", {.kind = 1, .error_code = "x", .reason = "y", .expires_at = 9'000},
                           audit_line("upload.fail")));
  EXPECT_TRUE(uploads.create(upload_of("b", "token:1"), 1, audit_line()));
  const auto failed = must(uploads.find(Scopes::everything(), "token:1", "a"));
  EXPECT_EQ(failed->state, ResumableState::failed);
  EXPECT_EQ(failed->error_code, "x");
  EXPECT_EQ(failed->failure_reason, "y");
  ASSERT_TRUE(uploads.record("a", {.staged_id = "s", .durable_bytes = 5, .expires_at = 9'999}));
  EXPECT_EQ(must(uploads.find(Scopes::everything(), "token:1", "a"))->durable_bytes, 0)
      << "what has failed does not move on";
}

TEST(ResumableUploads, ListsTheExpiredAndRemovesThemWithALine) {
  TestIndex index;
  ResumableUploads uploads(index.database());
  ASSERT_TRUE(uploads.create(upload_of("a", "token:1"), 10, audit_line()));
  auto later = upload_of("b", "token:1");
  later.expires_at = 5'000;
  ASSERT_TRUE(uploads.create(later, 10, audit_line()));
  EXPECT_TRUE(must(uploads.list_expired(Scopes::everything(), 1'999, 10)).empty());
  const auto expired = must(uploads.list_expired(Scopes::everything(), 2'000, 10));
  ASSERT_EQ(expired.size(), 1U);
  EXPECT_EQ(expired.front().id, "a");
  ASSERT_TRUE(uploads.remove("a", audit_line("upload.expire")));
  ASSERT_TRUE(uploads.remove("a", audit_line("upload.expire"))) << "again";
  EXPECT_EQ(lines_of(index, "upload.expire"), 1U);
  EXPECT_FALSE(must(uploads.find(Scopes::everything(), "token:1", "a")));
}

}  // namespace
}  // namespace pacs::index
