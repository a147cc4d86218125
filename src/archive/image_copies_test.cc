#include "archive/image_copies.h"

#include <map>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "archive/archive_fixture.h"
#include "archive/tombstones.h"

namespace pacs::archive {
namespace {

class ImageCopiesTest : public ArchiveTest {
 protected:
  ImageCopiesTest() {
    for (const char* image : {"1.3.1", "1.3.2", "1.3.3"}) {
      keys_.push_back(store(ct("1.1", "1.2", image)).value().image.attributes.key);
    }
  }

  Result<ImageCopyCounts> copy(ImageCopyOptions options = {}) {
    findings_.clear();
    options.on_finding = [&](const ImageCopyFinding& finding) {
      findings_[finding.key] = finding.reason;
    };
    const auto images = PACS_TRY(
        index::StoredImages::open(folder_.path() / "index.db", tests::Scopes::everything()));
    const auto source_of = [&](const index::StoredImage&) -> Result<storage::BlobStore*> {
      if (source_fault_) return *source_fault_;
      return &stores_.primary();
    };
    return copy_images(*images, source_of, *copies_, clock_, options);
  }

  std::string bytes_of_copy(const ObjectKey& key) {
    const auto blob = copies_->get(key);
    return blob ? read_all(**blob, UINT64_MAX).value() : "none";
  }

  void put_copy(const ObjectKey& key, const std::string& content,
                const storage::BlobAttributes& attributes) {
    auto staged = copies_->stage().value();
    ASSERT_TRUE(staged->append(as_bytes(content)));
    ASSERT_TRUE(copies_->publish(std::move(staged), key, attributes));
  }

  std::vector<ObjectKey> keys_;
  std::unique_ptr<storage::BlobStore> copies_ = storage::make_memory_blob_store();
  std::map<std::string, std::string> findings_;
  std::optional<Error> source_fault_;
};

TEST_F(ImageCopiesTest, WhatIsThereAlreadyIsNotCopiedAgain) {
  const ImageCopyCounts first = copy().value();
  EXPECT_EQ(first.copied, 3U);
  EXPECT_EQ(first.findings, 0U);
  for (const ObjectKey& key : keys_) {
    EXPECT_EQ(bytes_of_copy(key), content_of(key).value());
    EXPECT_EQ(copies_->stat(key).value().attributes,
              stores_.primary().stat(key).value().attributes);
  }
  ASSERT_TRUE(store(ct("1.1", "1.2", "1.3.4")));
  const ImageCopyCounts second = copy().value();
  EXPECT_EQ(second.copied, 1U);
  EXPECT_EQ(second.unchanged, 3U);
}

TEST_F(ImageCopiesTest, NewAttributesAreCopiedAlone) {
  ASSERT_TRUE(copy());
  storage::BlobAttributes attributes = stores_.primary().stat(keys_[0]).value().attributes;
  ASSERT_TRUE(attributes.set("order", "order:7"));
  ASSERT_TRUE(stores_.primary().adopt(keys_[0], attributes));
  EXPECT_EQ(copy().value().copied, 0U);
  EXPECT_EQ(copies_->stat(keys_[0]).value().attributes, attributes);
}

TEST_F(ImageCopiesTest, ADamagedOriginalNeverTakesThePlaceOfAGoodCopy) {
  ASSERT_TRUE(copy());
  const std::string good = bytes_of_copy(keys_[0]);
  std::string wrong = good;
  wrong.back() = static_cast<char>(wrong.back() ^ 1);
  overwrite(keys_[0], wrong);  // and its attributes are gone
  ASSERT_TRUE(stores_.primary().remove(keys_[1]));
  const ImageCopyCounts counts = copy().value();
  EXPECT_EQ(findings_, (std::map<std::string, std::string>{{keys_[0].str(), "bad_attributes"},
                                                           {keys_[1].str(), "missing_blob"}}));
  EXPECT_EQ(counts.unchanged, 1U);
  EXPECT_EQ(bytes_of_copy(keys_[0]), good);
  EXPECT_NE(copies_->stat(keys_[0]).value().attributes.find("sha256"), nullptr);

  // With no copy yet, what is wrong is not copied, and the others are.
  copies_ = storage::make_memory_blob_store();
  EXPECT_EQ(copy().value().copied, 1U);
  EXPECT_EQ(findings_[keys_[0].str()], "checksum_mismatch");
  EXPECT_EQ(bytes_of_copy(keys_[0]), "none");
}

TEST_F(ImageCopiesTest, AWrongCopyIsPutAwayAndMadeAnew) {
  const std::string good = content_of(keys_[0]).value();
  const storage::BlobAttributes attributes = stores_.primary().stat(keys_[0]).value().attributes;
  put_copy(keys_[0], "short", attributes);
  std::string wrong = good;
  wrong.front() = 'x';
  put_copy(keys_[1], wrong, stores_.primary().stat(keys_[1]).value().attributes);
  EXPECT_EQ(copy().value().copied, 2U) << "the second has the right size and attributes";
  EXPECT_EQ(bytes_of_copy(keys_[0]), good);
  ImageCopyOptions options;
  options.present = PresentCopy::by_bytes;
  EXPECT_EQ(copy(options).value().copied, 1U);
  EXPECT_EQ(bytes_of_copy(keys_[1]), content_of(keys_[1]).value());
}

TEST_F(ImageCopiesTest, WhatWasDeletedForGoodMeanwhileIsNoFinding) {
  ImageCopyOptions options;
  options.is_wanted = [&](const index::StoredImage& image) -> Result<bool> {
    return image.key != keys_[2];
  };
  ASSERT_TRUE(stores_.primary().remove(keys_[2]));
  const ImageCopyCounts counts = copy(options).value();
  EXPECT_EQ(counts.removed, 1U);
  EXPECT_EQ(counts.findings, 0U);
  EXPECT_EQ(counts.copied, 2U);
}

TEST_F(ImageCopiesTest, ImagesOfAStoreThatCannotBeReadAreTold) {
  source_fault_ = unavailable("store_missing", "no settings for it");
  EXPECT_EQ(copy().value().findings, 3U);
  EXPECT_EQ(findings_[keys_[0].str()], "store_missing");
  source_fault_.reset();
  EXPECT_EQ(copy().value().copied, 3U);
}

TEST_F(ImageCopiesTest, TombstonesAreThoseOfTheOriginal) {
  storage::BlobStore& original = stores_.primary();
  ASSERT_TRUE(original.write_tombstone("a", "one"));
  ASSERT_TRUE(copies_->write_tombstone("a", "older"));
  ASSERT_TRUE(copies_->write_tombstone("b", "of images that are back"));
  const auto other = storage::make_memory_blob_store();
  ASSERT_TRUE(other->write_tombstone("c", "three"));
  ASSERT_TRUE(copy_tombstones({&original, other.get()}, *copies_));
  EXPECT_EQ(copies_->tombstone_names().value(), (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(copies_->read_tombstone("a").value(), "one");
}

}  // namespace
}  // namespace pacs::archive
