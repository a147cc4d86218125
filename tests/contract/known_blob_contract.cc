// The part of the contract about blobs of which a row tells size and identity: read like any other,
// and told apart from another one before there is a byte of it.
#include "tests/contract/blob_store_contract.h"

namespace pacs::storage {
namespace {

TEST_P(BlobStoreContract, AKnownBlobIsReadLikeAnyOther) {
  const ObjectKey key = key_of("1", "2", "3");
  const std::string bytes = pattern(10'000);
  ASSERT_TRUE(publish_text(store(), key, bytes, attributes_of({{"order", "1"}})));
  const KnownBlob known{10'000, store().stat(key)->identity};
  const std::unique_ptr<BlobReader> reader = store().get_known(key, known).value();
  EXPECT_EQ(reader->size_bytes(), 10'000U);
  EXPECT_EQ(reader->identity(), known.identity);
  StringSink sink;
  ASSERT_TRUE(reader->write_to(sink, 9'000, 1'000));
  ASSERT_TRUE(reader->write_to(sink, 5, 10));
  EXPECT_EQ(sink.text(), bytes.substr(9'000) + bytes.substr(5, 10));
  EXPECT_EQ(reader->info()->attributes, attributes_of({{"order", "1"}}));
  EXPECT_TRUE(reader->confirm());
  EXPECT_EQ(read_all(*reader, UINT64_MAX).value(), bytes);
  const auto unread = store().get_known(key, known).value();
  EXPECT_EQ(unread->info()->attributes, attributes_of({{"order", "1"}}));
}

// By its size, its identity or the error of the first read, before there is a byte of it.
bool is_told_as_other(BlobStore& store, const ObjectKey& key, const KnownBlob& known) {
  const auto reader = store.get_known(key, known);
  if (!reader) return reader.error().code == ErrorCode::not_found;
  if ((*reader)->size_bytes() != known.size_bytes || (*reader)->identity() != known.identity) {
    return true;
  }
  StringSink sink;
  const Result<void> sent = (*reader)->write_to(sink, 0, 1);
  const Result<void> confirmed = store.get_known(key, known).value()->confirm();
  return !sent && sent.error().reason == "blob_changed" && sink.text().empty() && !confirmed &&
         confirmed.error().reason == "blob_changed";
}

TEST_P(BlobStoreContract, ABlobThatIsNotAsItWasKnownIsToldBeforeItsBytes) {
  const ObjectKey key = key_of("1", "2", "3");
  ASSERT_TRUE(publish_text(store(), key, "ten bytes.", attributes_of({{"order", "1"}})));
  const KnownBlob known{10, store().stat(key)->identity};
  EXPECT_FALSE(is_told_as_other(store(), key, known));
  ASSERT_TRUE(store().remove(key));
  EXPECT_TRUE(is_told_as_other(store(), key, known));
  ASSERT_TRUE(publish_text(store(), key, "10 others."));
  EXPECT_TRUE(is_told_as_other(store(), key, known));
  EXPECT_TRUE(is_told_as_other(store(), key, {11, store().stat(key)->identity}));
}

}  // namespace
}  // namespace pacs::storage
