#include "tests/contract/blob_store_contract.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "core/assert.h"

namespace pacs::storage {

ObjectKey key_of(std::string_view study, std::string_view series, std::string_view image,
                 std::string_view filename) {
  return ObjectKey::make(study, series, image, filename);
}

BlobAttributes attributes_of(const std::vector<std::pair<std::string, std::string>>& values) {
  BlobAttributes attributes;
  for (const auto& [name, value] : values) attributes.set(name, value).value();
  return attributes;
}

std::string pattern(size_t size_bytes, unsigned seed) {
  std::string bytes(size_bytes, '\0');
  uint32_t state = seed * 2654435761U + 1;
  for (char& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24U);
  }
  return bytes;
}

Result<BlobInfo> publish_text(BlobStore& store, const ObjectKey& key, std::string_view text,
                              const BlobAttributes& attributes) {
  std::unique_ptr<StagedBlob> staged = PACS_TRY(store.stage());
  PACS_TRY(staged->append(as_bytes(text)));
  return store.publish(std::move(staged), key, attributes);
}

Result<std::string> read_text(BlobStore& store, const ObjectKey& key,
                              std::optional<ByteRange> range) {
  const std::unique_ptr<BlobReader> reader = PACS_TRY(store.get(key, range));
  return read_all(*reader, UINT64_MAX);
}

namespace {

constexpr auto nothing_is_wanted = [](std::string_view) { return false; };

TEST_P(BlobStoreContract, PublishedBytesAndAttributesComeBack) {
  const ObjectKey key = key_of("1.2", "1.2.3", "1.2.3.4", "Schädel_ä_ap.dcm");
  const std::string bytes = pattern(526'000);
  const BlobAttributes attributes =
      attributes_of({{"sha256", "ab12"}, {"uploader", "Müller & Søn \"x\"\n"}, {"empty", ""}});
  const Result<BlobInfo> published = publish_text(store(), key, bytes, attributes);
  ASSERT_TRUE(published) << to_string(published.error());
  EXPECT_EQ(published->size_bytes, bytes.size());

  EXPECT_EQ(read_text(store(), key).value(), bytes);
  const BlobInfo info = store().stat(key).value();
  EXPECT_EQ(info.size_bytes, bytes.size());
  EXPECT_EQ(info.attributes, attributes);
  EXPECT_EQ(info.identity, published->identity);
  EXPECT_FALSE(info.entity_tag.empty());
}

TEST_P(BlobStoreContract, AnEmptyBlobIsABlob) {
  const ObjectKey key = key_of("1", "2", "3");
  ASSERT_TRUE(publish_text(store(), key, ""));
  EXPECT_EQ(read_text(store(), key).value(), "");
  EXPECT_EQ(store().stat(key)->size_bytes, 0U);
}

TEST_P(BlobStoreContract, PublishNeverOverwrites) {
  const ObjectKey key = key_of("1", "2", "3");
  const BlobAttributes first = attributes_of({{"uploader", "first"}});
  ASSERT_TRUE(publish_text(store(), key, "first", first));
  const std::string identity = store().stat(key)->identity;

  const Result<BlobInfo> second =
      publish_text(store(), key, "second", attributes_of({{"uploader", "second"}}));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::already_exists);
  EXPECT_EQ(second.error().reason, "key_occupied");
  EXPECT_EQ(read_text(store(), key).value(), "first");
  EXPECT_EQ(store().stat(key)->attributes, first);
  EXPECT_EQ(store().stat(key)->identity, identity);
}

TEST_P(BlobStoreContract, LargeAttributesDoNotDisturbTheOccupant) {
  const ObjectKey key = key_of("1", "2", "3");
  const BlobAttributes large = attributes_of({{"metadata", std::string(20'000, 'x')}});
  ASSERT_TRUE(publish_text(store(), key, "first", large));
  EXPECT_EQ(store().stat(key)->attributes, large);

  const BlobAttributes other = attributes_of({{"metadata", std::string(20'000, 'y')}});
  EXPECT_EQ(reason_of(publish_text(store(), key, "second", other)), "key_occupied");
  EXPECT_EQ(store().stat(key)->attributes, large);

  ASSERT_TRUE(store().remove(key));
  ASSERT_TRUE(publish_text(store(), key, "third"));
  EXPECT_TRUE(store().stat(key)->attributes.empty()) << "a removed blob's attributes came back";
}

TEST_P(BlobStoreContract, OfManyPublishersToOneKeyOneWins) {
  constexpr int kThreads = 32;
  const ObjectKey key = key_of("1.9", "1.9.1", "1.9.1.1");
  std::atomic<int> won{0};
  std::atomic<int> lost{0};
  std::atomic<int> winner{-1};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      // Every fourth has attributes that need a place of their own.
      const std::string value(i % 4 == 0 ? 10'000 : 10, static_cast<char>('a' + i % 26));
      const Result<BlobInfo> result =
          publish_text(store(), key, pattern(100'000, static_cast<unsigned>(i)),
                       attributes_of({{"sender", std::to_string(i)}, {"filler", value}}));
      if (result) {
        ++won;
        winner = i;
      } else if (result.error().reason == "key_occupied") {
        ++lost;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, kThreads - 1);
  EXPECT_EQ(read_text(store(), key).value(),
            pattern(100'000, static_cast<unsigned>(winner.load())));
  EXPECT_EQ(*store().stat(key)->attributes.find("sender"), std::to_string(winner));
}

TEST_P(BlobStoreContract, PublishAndRemoveInOneSeriesDoNotDisturbEachOther) {
  // Each thread's image comes and goes, so that the shared folders empty under the others' feet.
  constexpr int kThreads = 8;
  constexpr int kRounds = 50;
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const ObjectKey key = key_of("1.7", "1.7.1", "1.7.1." + std::to_string(i));
      for (int round = 0; round < kRounds; ++round) {
        const std::string bytes = pattern(1000, static_cast<unsigned>(i * kRounds + round));
        if (!publish_text(store(), key, bytes) ||
            !(read_text(store(), key).value_or("") == bytes) || !store().remove(key) ||
            reason_of(store().stat(key)) != "no_such_blob") {
          ++failures;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  KeyCollector listed;
  ASSERT_TRUE(store().list({}, listed));
  EXPECT_TRUE(listed.keys.empty());
}

TEST_P(BlobStoreContract, RangesAtTheEdges) {
  const ObjectKey key = key_of("1", "2", "3");
  const std::string bytes = pattern(10'000);
  ASSERT_TRUE(publish_text(store(), key, bytes));

  struct Case {
    uint64_t offset;
    uint64_t length;
  };
  for (const Case& c : {Case{0, 0}, Case{0, 1}, Case{9'999, 1}, Case{10'000, 0}, Case{0, 10'000},
                        Case{4'095, 4'098}}) {
    const Result<std::string> got = read_text(store(), key, ByteRange{c.offset, c.length});
    ASSERT_TRUE(got) << c.offset << "+" << c.length;
    EXPECT_EQ(*got, bytes.substr(c.offset, c.length)) << c.offset << "+" << c.length;
  }
  for (const Case& c : {Case{0, 10'001}, Case{10'000, 1}, Case{10'001, 0}, Case{1, UINT64_MAX},
                        Case{UINT64_MAX, 2}}) {
    EXPECT_EQ(reason_of(store().get(key, ByteRange{c.offset, c.length})), "range_not_satisfiable")
        << c.offset << "+" << c.length;
  }
}

TEST_P(BlobStoreContract, AReaderWritesAnyPartOfItsWindow) {
  const ObjectKey key = key_of("1", "2", "3");
  const std::string bytes = pattern(10'000);
  ASSERT_TRUE(publish_text(store(), key, bytes));
  const std::unique_ptr<BlobReader> reader = store().get(key, ByteRange{100, 1'000}).value();
  EXPECT_EQ(reader->size_bytes(), 1'000U);
  EXPECT_EQ(reader->blob_size_bytes(), 10'000U);
  EXPECT_EQ(reader->info()->size_bytes, 10'000U);
  EXPECT_EQ(reader->identity(), store().stat(key)->identity);

  StringSink sink;
  ASSERT_TRUE(reader->write_to(sink, 10, 20));
  ASSERT_TRUE(reader->write_to(sink, 999, 1));
  ASSERT_TRUE(reader->write_to(sink, 1'000, 0));
  EXPECT_EQ(sink.text(), bytes.substr(110, 20) + bytes.substr(1'099, 1));
  EXPECT_EQ(reason_of(reader->write_to(sink, 999, 2)), "range_not_satisfiable");

  std::string end(50, '\0');
  EXPECT_EQ(reader->read_at(990, std::as_writable_bytes(std::span(end))).value(), 10U);
  EXPECT_EQ(end.substr(0, 10), bytes.substr(1'090, 10));
  // None of this has moved the source.
  EXPECT_EQ(read_all(*reader, UINT64_MAX).value(), bytes.substr(100, 1'000));
}

TEST_P(BlobStoreContract, WhatIsAbsentIsNotFoundAndRemovedWithSuccess) {
  const ObjectKey key = key_of("1", "2", "3");
  EXPECT_EQ(reason_of(store().get(key)), "no_such_blob");
  EXPECT_EQ(reason_of(store().stat(key)), "no_such_blob");
  EXPECT_EQ(reason_of(store().adopt(key, {})), "no_such_blob");
  EXPECT_EQ(reason_of(store().quarantine_published(key)), "no_such_blob");
  EXPECT_EQ(reason_of(store().remove(key)), "success");
  ASSERT_TRUE(publish_text(store(), key, "bytes"));
  EXPECT_EQ(reason_of(store().remove(key)), "success");
  EXPECT_EQ(reason_of(store().remove(key)), "success");
  EXPECT_EQ(reason_of(store().get(key)), "no_such_blob");
}

TEST_P(BlobStoreContract, AKeyIsFreeAgainAfterRemove) {
  const ObjectKey key = key_of("1", "2", "3");
  ASSERT_TRUE(publish_text(store(), key, "first", attributes_of({{"order", "1"}})));
  const std::string identity = store().stat(key)->identity;
  ASSERT_TRUE(store().remove(key));
  ASSERT_TRUE(publish_text(store(), key, "again"));
  EXPECT_EQ(read_text(store(), key).value(), "again");
  EXPECT_NE(store().stat(key)->identity, identity);
}

TEST_P(BlobStoreContract, AnOpenReaderOutlivesTheRemoval) {
  const ObjectKey key = key_of("1", "2", "3");
  const std::string bytes = pattern(300'000);
  ASSERT_TRUE(publish_text(store(), key, bytes));
  const std::unique_ptr<BlobReader> reader = store().get(key).value();
  std::string start(1'000, '\0');
  ASSERT_EQ(read_up_to(*reader, std::as_writable_bytes(std::span(start))).value(), 1'000U);
  ASSERT_TRUE(store().remove(key));
  ASSERT_TRUE(publish_text(store(), key, "other bytes"));
  EXPECT_EQ(start + read_all(*reader, UINT64_MAX).value(), bytes);
}

TEST_P(BlobStoreContract, RemoveLeavesTheNeighboursAlone) {
  const ObjectKey image = key_of("1", "2", "3");
  const std::vector<ObjectKey> others = {key_of("1", "2", "4"), key_of("1", "3", "3"),
                                         key_of("2", "2", "3"), key_of("1", "2", "3", "b.dcm")};
  ASSERT_TRUE(publish_text(store(), image, "bytes"));
  for (const ObjectKey& other : others) ASSERT_TRUE(publish_text(store(), other, other.str()));
  ASSERT_TRUE(store().remove(image));
  for (const ObjectKey& other : others) EXPECT_EQ(read_text(store(), other).value(), other.str());
}

TEST_P(BlobStoreContract, ADroppedStagedBlobLeavesNothing) {
  {
    const std::unique_ptr<StagedBlob> staged = store().stage().value();
    ASSERT_TRUE(staged->append(as_bytes("never published")));
    ASSERT_TRUE(staged->sync());
    EXPECT_EQ(reason_of(store().reopen_staged(staged->id())), "no_such_upload");
  }
  EXPECT_EQ(store().clean_staging(std::chrono::seconds(0), nothing_is_wanted).value(), 0U);
}

TEST_P(BlobStoreContract, AStagedBlobReadsBackWhatItHas) {
  const std::unique_ptr<StagedBlob> staged = store().stage().value();
  const std::string bytes = pattern(200'000);
  for (size_t i = 0; i < bytes.size(); i += 7'001) {
    ASSERT_TRUE(
        staged->append(as_bytes(bytes).subspan(i, std::min<size_t>(7'001, bytes.size() - i))));
  }
  EXPECT_EQ(staged->size_bytes(), bytes.size());
  std::string got(100, '\0');
  EXPECT_EQ(staged->read_at(150'000, std::as_writable_bytes(std::span(got))).value(), 100U);
  EXPECT_EQ(got, bytes.substr(150'000, 100));
  EXPECT_EQ(staged->read_at(199'990, std::as_writable_bytes(std::span(got))).value(), 10U);
  EXPECT_EQ(staged->read_at(200'000, std::as_writable_bytes(std::span(got))).value(), 0U);
  // Reading has not moved the end.
  ASSERT_TRUE(staged->append(as_bytes("tail")));
  EXPECT_EQ(staged->size_bytes(), bytes.size() + 4);
}

TEST_P(BlobStoreContract, AKeptUploadIsReopenedAndPublished) {
  const ObjectKey key = key_of("1", "2", "3");
  std::string id;
  {
    const std::unique_ptr<StagedBlob> staged = store().stage().value();
    id = staged->id();
    ASSERT_TRUE(staged->append(as_bytes("first half, ")));
    ASSERT_TRUE(staged->keep());
    ASSERT_TRUE(staged->append(as_bytes("torn")));
    ASSERT_TRUE(staged->sync());
  }
  std::unique_ptr<StagedBlob> again = store().reopen_staged(id).value();
  EXPECT_EQ(again->id(), id);
  EXPECT_EQ(again->size_bytes(), 16U);
  EXPECT_EQ(reason_of(again->truncate(17)), "staged_too_short");
  ASSERT_TRUE(again->truncate(12));
  ASSERT_TRUE(again->append(as_bytes("second half")));
  ASSERT_TRUE(store().publish(std::move(again), key, {}));
  EXPECT_EQ(read_text(store(), key).value(), "first half, second half");
  EXPECT_EQ(reason_of(store().reopen_staged(id)), "no_such_upload");
  EXPECT_EQ(store().clean_staging(std::chrono::seconds(0), nothing_is_wanted).value(), 0U);
}

TEST_P(BlobStoreContract, AKeptUploadSurvivesARefusedPublish) {
  const ObjectKey key = key_of("1", "2", "3");
  ASSERT_TRUE(publish_text(store(), key, "occupant"));
  std::unique_ptr<StagedBlob> staged = store().stage().value();
  const std::string id = staged->id();
  ASSERT_TRUE(staged->append(as_bytes("upload")));
  ASSERT_TRUE(staged->keep());
  EXPECT_EQ(reason_of(store().publish(std::move(staged), key, {})), "key_occupied");

  std::unique_ptr<StagedBlob> again = store().reopen_staged(id).value();
  const ObjectKey other = key_of("1", "2", "4");
  ASSERT_TRUE(store().publish(std::move(again), other, {}));
  EXPECT_EQ(read_text(store(), other).value(), "upload");
}

TEST_P(BlobStoreContract, ListingWhatIsStagedTakesNothingAway) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    const std::unique_ptr<StagedBlob> staged = store().stage().value();
    ASSERT_TRUE(staged->append(as_bytes("upload")));
    ASSERT_TRUE(staged->keep());
    ids.push_back(staged->id());
  }
  const std::unique_ptr<StagedBlob> not_kept = store().stage().value();
  std::sort(ids.begin(), ids.end());
  EXPECT_TRUE(store().list_staged(std::chrono::hours(1)).value().empty()) << "too young";
  for (int round = 0; round < 2; ++round) {
    std::vector<std::string> listed = store().list_staged(std::chrono::seconds(0)).value();
    std::sort(listed.begin(), listed.end());
    EXPECT_EQ(listed, ids);
  }
  for (const std::string& id : ids) EXPECT_EQ(reason_of(store().reopen_staged(id)), "success");
}

TEST_P(BlobStoreContract, CleaningKeepsWhatIsWanted) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    const std::unique_ptr<StagedBlob> staged = store().stage().value();
    ASSERT_TRUE(staged->append(as_bytes("upload")));
    ASSERT_TRUE(staged->keep());
    ids.push_back(staged->id());
  }
  const auto is_wanted = [&](std::string_view id) { return id == ids[1]; };
  EXPECT_EQ(store().clean_staging(std::chrono::hours(1), is_wanted).value(), 0U) << "too young";
  EXPECT_EQ(store().clean_staging(std::chrono::seconds(0), is_wanted).value(), 2U);
  EXPECT_EQ(reason_of(store().reopen_staged(ids[0])), "no_such_upload");
  EXPECT_EQ(reason_of(store().reopen_staged(ids[1])), "success");
  ASSERT_TRUE(store().discard_staged(ids[1]));
  ASSERT_TRUE(store().discard_staged(ids[1]));
  EXPECT_EQ(reason_of(store().reopen_staged(ids[1])), "no_such_upload");
}

TEST_P(BlobStoreContract, AnIdThatIsAPathIsNoUpload) {
  ASSERT_TRUE(publish_text(store(), key_of("1", "2", "3"), "bytes"));
  for (const char* id : {"", ".", "..", "../archive-id", "../../radiology/1/2/3/image.dcm", "a/b",
                         "00000000000000000000000000000000"}) {
    EXPECT_EQ(reason_of(store().reopen_staged(id)), "no_such_upload") << id;
    EXPECT_EQ(reason_of(store().discard_staged(id)), "success") << id;
  }
  EXPECT_EQ(read_text(store(), key_of("1", "2", "3")).value(), "bytes");
}

TEST_P(BlobStoreContract, ListsInKeyOrderPageByPage) {
  // The order of bytes: "1.2.3" before "1.2" as folders, since "." is less than "/".
  std::vector<std::string> expected;
  for (const char* study : {"1.2", "1.2.3", "1.20", "1-2", "10", "8f06e605-e810"}) {
    for (const char* image : {"5", "5.1", "50"}) {
      for (const char* file : {"a.dcm", "a", "ä.dcm"}) {
        const ObjectKey key = key_of(study, "7.1", image, file);
        expected.push_back(key.str());
        ASSERT_TRUE(publish_text(store(), key, key.str()));
      }
    }
  }
  std::sort(expected.begin(), expected.end());
  KeyCollector all;
  ASSERT_TRUE(store().list({}, all));
  EXPECT_EQ(all.keys, expected);
  EXPECT_EQ(all.sizes[0], expected[0].size());

  for (const size_t page_size : {1U, 7U}) {
    std::vector<std::string> paged;
    ListRequest request;
    while (true) {
      KeyCollector page(page_size);
      ASSERT_TRUE(store().list(request, page));
      if (page.keys.empty()) break;
      paged.insert(paged.end(), page.keys.begin(), page.keys.end());
      request.after = ObjectKey::parse(page.keys.back());
    }
    EXPECT_EQ(paged, expected) << "pages of " << page_size;
  }
}

TEST_P(BlobStoreContract, ListsWhatHasThePrefix) {
  for (const char* study : {"1.2", "1.2.3", "1.20"}) {
    for (const char* series : {"4", "45"}) {
      ASSERT_TRUE(publish_text(store(), key_of(study, series, "6"), "x"));
    }
  }
  struct Case {
    const char* prefix;
    size_t count;
  };
  for (const Case& c :
       {Case{"", 6}, Case{"radiology/", 6}, Case{"radiology/1.2", 6}, Case{"radiology/1.2/", 2},
        Case{"radiology/1.2/4", 2}, Case{"radiology/1.2/4/", 1},
        Case{"radiology/1.2/4/6/image.d", 1}, Case{"radiology/1.2/4/6/image.dcm", 1},
        Case{"radiology/3", 0}, Case{"other", 0}, Case{"radiology/1.2/4/6/image.dcm/", 0}}) {
    KeyCollector found;
    ASSERT_TRUE(store().list({c.prefix, std::nullopt}, found));
    EXPECT_EQ(found.keys.size(), c.count) << c.prefix;
  }
}

TEST_P(BlobStoreContract, AVisitorMayRemoveWhatItSees) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(publish_text(store(), key_of("1", std::to_string(i), "3"), "x"));
  }
  class Remover final : public BlobVisitor {
   public:
    explicit Remover(BlobStore& store) : store_(store) {}
    Visit blob(const ListedBlob& blob) override {
      removed += store_.remove(blob.key) ? 1 : 0;
      return Visit::go_on;
    }
    int removed = 0;

   private:
    BlobStore& store_;
  };
  Remover remover(store());
  ASSERT_TRUE(store().list({}, remover));
  EXPECT_EQ(remover.removed, 10);
  KeyCollector rest;
  ASSERT_TRUE(store().list({}, rest));
  EXPECT_TRUE(rest.keys.empty());
}

TEST_P(BlobStoreContract, AdoptReplacesAttributesAndKeepsBytes) {
  const ObjectKey key = key_of("1", "2", "3");
  ASSERT_TRUE(publish_text(store(), key, "bytes", attributes_of({{"order", "old"}})));
  for (const size_t size_bytes : {10U, 30'000U, 20U}) {
    const BlobAttributes attributes = attributes_of({{"adopted", std::string(size_bytes, 'v')}});
    const Result<BlobInfo> adopted = store().adopt(key, attributes);
    ASSERT_TRUE(adopted) << to_string(adopted.error());
    EXPECT_EQ(adopted->attributes, attributes);
    EXPECT_EQ(store().stat(key)->attributes, attributes);
    EXPECT_EQ(store().stat(key)->identity, adopted->identity);
    EXPECT_EQ(read_text(store(), key).value(), "bytes");
  }
}

TEST_P(BlobStoreContract, QuarantineFreesTheKeyAndIsNotListed) {
  const ObjectKey key = key_of("1", "2", "3");
  ASSERT_TRUE(publish_text(store(), key, "bad bytes", attributes_of({{"order", "1"}})));
  const Result<std::string> moved = store().quarantine_published(key);
  ASSERT_TRUE(moved) << to_string(moved.error());
  std::unique_ptr<StagedBlob> staged = store().stage().value();
  ASSERT_TRUE(staged->append(as_bytes("refused bytes")));
  const Result<std::string> refused = store().quarantine(std::move(staged), {});
  ASSERT_TRUE(refused) << to_string(refused.error());
  EXPECT_NE(*moved, *refused);

  EXPECT_EQ(reason_of(store().get(key)), "no_such_blob");
  KeyCollector listed;
  ASSERT_TRUE(store().list({}, listed));
  EXPECT_TRUE(listed.keys.empty());
  ASSERT_TRUE(publish_text(store(), key, "good bytes"));
}

TEST_P(BlobStoreContract, TheSameRefusedBytesAreQuarantinedOnce) {
  const auto refuse = [&](std::string_view image_uid, std::string_view bytes,
                          std::string_view uploader) {
    std::unique_ptr<StagedBlob> staged = store().stage().value();
    staged->append(as_bytes(bytes)).value();
    return store()
        .quarantine(std::move(staged), attributes_of({{"image-uid", std::string(image_uid)},
                                                      {"uploader", std::string(uploader)}}))
        .value();
  };
  const std::string first = refuse("1.2.3", "refused bytes", "first");
  EXPECT_EQ(refuse("1.2.3", "refused bytes", "a later one"), first);
  EXPECT_NE(refuse("1.2.3", "other bytes", "first"), first);
  EXPECT_NE(refuse("1.2.4", "refused bytes", "first"), first) << "each UID has its description";

  const auto put_away = [&](const ObjectKey& key, std::string_view bytes) {
    EXPECT_TRUE(publish_text(store(), key, bytes));
    std::string name = store().quarantine_published(key).value();
    EXPECT_EQ(reason_of(store().get(key)), "no_such_blob");
    return name;
  };
  const ObjectKey key = key_of("1", "2", "3");
  const std::string moved = put_away(key, "bad bytes");
  EXPECT_EQ(put_away(key, "bad bytes"), moved);
  EXPECT_NE(put_away(key, "other bytes"), moved);
  EXPECT_NE(put_away(key_of("1", "2", "4"), "bad bytes"), moved);
}

TEST_P(BlobStoreContract, ATombstoneIsReplacedWholeAndRemovedForGood) {
  EXPECT_TRUE(store().tombstone_names()->empty());
  EXPECT_EQ(reason_of(store().read_tombstone("t1")), "no_such_tombstone");
  ASSERT_TRUE(store().write_tombstone("t1", "first, and longer than what comes"));
  ASSERT_TRUE(store().write_tombstone("t0", ""));
  ASSERT_TRUE(store().write_tombstone("t1", "second\n"));
  EXPECT_EQ(store().read_tombstone("t1").value(), "second\n");
  EXPECT_EQ(store().read_tombstone("t0").value(), "");
  EXPECT_EQ(store().tombstone_names().value(), (std::vector<std::string>{"t0", "t1"}));

  ASSERT_TRUE(store().remove_tombstone("t1"));
  EXPECT_TRUE(store().remove_tombstone("t1")) << "removing the absent is success";
  EXPECT_EQ(reason_of(store().read_tombstone("t1")), "no_such_tombstone");
  EXPECT_EQ(store().tombstone_names().value(), std::vector<std::string>{"t0"});
}

TEST_P(BlobStoreContract, ATombstoneIsNoBlob) {
  const ObjectKey key = key_of("1", "2", "3");
  ASSERT_TRUE(publish_text(store(), key, "bytes"));
  ASSERT_TRUE(store().write_tombstone("t1", "text"));
  std::vector<std::string> seen;
  struct Visitor final : BlobVisitor {
    explicit Visitor(std::vector<std::string>& into) : keys(into) {}
    Visit blob(const ListedBlob& blob) override {
      keys.push_back(blob.key.str());
      return Visit::go_on;
    }
    void foreign(std::string_view path) override { keys.emplace_back(path); }
    std::vector<std::string>& keys;
  } visitor(seen);
  ASSERT_TRUE(store().list({}, visitor));
  EXPECT_EQ(seen, std::vector<std::string>{key.str()});
}

TEST_P(BlobStoreContract, ATombstonesNameIsNoPath) {
  for (const std::string& name : {std::string(), std::string("../archive-id"), std::string("a/b"),
                                  std::string("a.json"), std::string("A"), std::string(65, 'a')}) {
    EXPECT_EQ(reason_of(store().write_tombstone(name, "text")), "bad_tombstone_name") << name;
    EXPECT_EQ(reason_of(store().read_tombstone(name)), "bad_tombstone_name") << name;
    EXPECT_EQ(reason_of(store().remove_tombstone(name)), "bad_tombstone_name") << name;
  }
  const std::string largest(kTombstoneBytesMax, 'x');
  ASSERT_TRUE(store().write_tombstone("largest", largest));
  EXPECT_EQ(store().read_tombstone("largest").value(), largest);
  EXPECT_EQ(reason_of(store().write_tombstone("largest", largest + "x")), "tombstone_too_large");
  EXPECT_EQ(store().read_tombstone("largest").value(), largest) << "the old text is lost";
}

TEST_P(BlobStoreContract, TombstonesOfManyThreadsDoNotDisturbEachOther) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 20;
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const std::string name = "thread-" + std::to_string(i);
      for (int round = 0; round < kRounds; ++round) {
        const std::string text = pattern(2000, static_cast<unsigned>(i * kRounds + round));
        if (!store().write_tombstone(name, text)) ++failures;
        if (store().read_tombstone(name).value_or("") != text) ++failures;
      }
      if (i % 2 == 0 && !store().remove_tombstone(name)) ++failures;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(store().tombstone_names()->size(), size_t{kThreads} / 2);
}

TEST_P(BlobStoreContract, TheArchiveIdIsWrittenOnce) {
  const char* id = "8f06e605-e810-4418-85cb-6304772f152e";
  EXPECT_EQ(store().read_archive_id().value(), std::nullopt);
  EXPECT_EQ(reason_of(store().write_archive_id("../x")), "bad_archive_id");
  EXPECT_EQ(reason_of(store().write_archive_id("8F06E605-E810-4418-85CB-6304772F152E")),
            "bad_archive_id");
  ASSERT_TRUE(store().write_archive_id(id));
  ASSERT_TRUE(store().write_archive_id(id));
  EXPECT_EQ(store().read_archive_id().value(), id);
  EXPECT_EQ(reason_of(store().write_archive_id("00000000-e810-4418-85cb-6304772f152e")),
            "other_archive_id");
  EXPECT_EQ(store().read_archive_id().value(), id);
}

TEST_P(BlobStoreContract, TellsItsNameAndItsSpace) {
  EXPECT_FALSE(store().name().empty());
  const StoreSpace space = store().space().value();
  EXPECT_GT(space.bytes_free, 0U);
  EXPECT_GT(space.inodes_free, 0U);
  EXPECT_FALSE(store().is_poisoned());
}

}  // namespace
}  // namespace pacs::storage
