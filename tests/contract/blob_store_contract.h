// One suite for every implementation of BlobStore: it asserts the words of storage/blob_store.h. A
// backend joins with one INSTANTIATE_TEST_SUITE_P that says how to make a fresh, empty store.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "storage/blob_store.h"

namespace pacs::storage {

// A store and what it stands on (a temporary folder, a bucket), which goes with it.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual BlobStore& store() = 0;
};

struct BlobStoreKind {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>()> make;
};

class BlobStoreContract : public testing::TestWithParam<BlobStoreKind> {
 protected:
  void SetUp() override { under_test_ = GetParam().make(); }
  BlobStore& store() { return under_test_->store(); }

 private:
  std::unique_ptr<StoreUnderTest> under_test_;
};

// What the tests of every store are made of. Keys: radiology/{study}/{series}/{image}/{filename}.
[[nodiscard]] ObjectKey key_of(std::string_view study, std::string_view series,
                               std::string_view image, std::string_view filename = "image.dcm");
[[nodiscard]] BlobAttributes attributes_of(
    const std::vector<std::pair<std::string, std::string>>& values);
// Bytes that differ at each position, so that a wrong offset shows.
[[nodiscard]] std::string pattern(size_t size_bytes, unsigned seed = 0);

[[nodiscard]] Result<BlobInfo> publish_text(BlobStore& store, const ObjectKey& key,
                                            std::string_view text,
                                            const BlobAttributes& attributes = {});
// All bytes under a key, or the error.
[[nodiscard]] Result<std::string> read_text(BlobStore& store, const ObjectKey& key,
                                            std::optional<ByteRange> range = std::nullopt);
// The reason of an error, or "success".
template <typename T>
[[nodiscard]] std::string reason_of(const Result<T>& result) {
  return result ? "success" : result.error().reason;
}

// Collects the keys of a listing, at most `limit`.
class KeyCollector final : public BlobVisitor {
 public:
  explicit KeyCollector(size_t limit = SIZE_MAX) : limit_(limit) {}
  Visit blob(const ListedBlob& blob) override {
    keys.push_back(blob.key.str());
    sizes.push_back(blob.size_bytes);
    return keys.size() == limit_ ? Visit::stop : Visit::go_on;
  }
  void foreign(std::string_view path) override { foreign_paths.emplace_back(path); }

  std::vector<std::string> keys;
  std::vector<uint64_t> sizes;
  std::vector<std::string> foreign_paths;

 private:
  const size_t limit_;
};

}  // namespace pacs::storage
