#include "access/receipts.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/json_value.h"
#include "tests/support/temporary_folder.h"

namespace pacs::access {
namespace {

using testing_support::TemporaryFolder;

// RFC 8032 7.1, test 1.
constexpr std::string_view kSeed = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
constexpr const char* kArchiveId = "8f06e605-e810-4418-85cb-6304772f152e";

Receipt example() {
  return Receipt{
      *Uuid::parse("f23b2e7a-f916-4865-95ab-290eb39a296f"),
      *dicom::SopInstanceUid::parse("1.2.840.113619.2.55.3.604688.1.7"),
      sha256(as_bytes("test")),
      526'336,
      *ObjectKey::parse("radiology/1.2.840.113619.2.55.3.604688/1.2.840.113619.2.55.3.604688.1/"
                        "1.2.840.113619.2.55.3.604688.1.7/IM-0001-0007.dcm"),
      kArchiveId,
      *from_rfc3339("2026-11-22T16:50:00.123Z")};
}

ReceiptSigner example_signer(const TemporaryFolder& folder) {
  EXPECT_TRUE(replace_file(folder / "receipt-key", as_bytes(std::string(kSeed) + "\n"), 0600));
  SystemRandom random;
  auto signer = ReceiptSigner::open(folder.path(), kArchiveId, random);
  EXPECT_TRUE(signer);
  return std::move(*signer);
}

// The block of that name in docs/design/receipt.md.
std::string documented(const std::string& name) {
  const auto page = std::filesystem::path(PACS_LITE_SOURCE_DIR) / "docs/design/receipt.md";
  const auto text = read_file(page, 1'000'000);
  EXPECT_TRUE(text) << page;
  const std::string opening = "\n```" + name + "\n";
  const size_t begin = text->find(opening);
  EXPECT_NE(begin, std::string::npos) << name;
  const size_t from = begin + opening.size();
  return text->substr(from, text->find("```", from) - from);
}

std::string without_breaks(std::string text) {
  std::erase(text, '\n');
  return text;
}

TEST(Receipts, AreWhatTheDocumentShows) {
  const TemporaryFolder folder;
  const ReceiptSigner signer = example_signer(folder);
  EXPECT_EQ(canonical_text(example()), documented("signed-text"));
  EXPECT_EQ(signer.public_key_text() + "\n", documented("public-key"));
  EXPECT_EQ(signer.to_json(example()), without_breaks(documented("receipt")));
  EXPECT_EQ(signer.key_id(), "21fe31dfa154a261");
}

TEST(Receipts, AreVerifiedWithThePublicKeyAlone) {
  const auto key = parse_receipt_public_key(documented("public-key"));
  ASSERT_TRUE(key);
  const auto receipt = verify_receipt(documented("receipt"), *key);
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(canonical_text(*receipt), canonical_text(example()));
}

TEST(Receipts, ThatWereChangedAreFound) {
  const auto key = parse_receipt_public_key(documented("public-key"));
  const std::string good = without_breaks(documented("receipt"));
  const std::pair<const char*, const char*> changes[] = {
      {"f23b2e7a", "f23b2e7b"},         {"604688.1.7\",\"sha", "604688.1.8\",\"sha"},
      {"9f86d081", "9f86d082"},         {"526336", "526337"},
      {"IM-0001", "IM-0002"},           {"8f06e605", "8f06e606"},
      {"16:50:00.123", "16:50:00.124"}, {"\"2U-H", "\"2U-I"},
  };
  for (const auto& [from, to] : changes) {
    std::string changed = good;
    const size_t at = changed.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    changed.replace(at, std::string(from).size(), to);
    const auto receipt = verify_receipt(changed, *key);
    ASSERT_FALSE(receipt) << from;
    EXPECT_EQ(receipt.error().reason, "bad_signature") << from;
  }
  SystemRandom random;
  const TemporaryFolder folder;
  const auto other = ReceiptSigner::open(folder.path(), kArchiveId, random);
  ASSERT_TRUE(other);
  const auto foreign = verify_receipt(good, other->public_key());
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().reason, "bad_signature");
}

TEST(Receipts, WithAnotherSpellingOrAMissingMemberAreNone) {
  const auto key = parse_receipt_public_key(documented("public-key"));
  const std::string good = without_breaks(documented("receipt"));
  const std::pair<const char*, const char*> changes[] = {
      {"f23b2e7a", "F23B2E7A"},
      {"9f86d081", "9F86D081"},
      {"526336", "\"526336\""},
      {"526336", "-526336"},
      {"526336", "526336.5"},
      {"00.123Z", "00.1230Z"},
      {"8f06e605-", "8f06e605\\nstored_at=x-"},
      {"radiology/", "radiology/../"},
      {"\"sha256\"", "\"sha257\""},
      {"\"signature\"", "\"signature2\""},
      {"\"2U-H", "\"2U+H"},
  };
  for (const auto& [from, to] : changes) {
    std::string changed = good;
    changed.replace(changed.find(from), std::string(from).size(), to);
    const auto receipt = verify_receipt(changed, *key);
    ASSERT_FALSE(receipt) << to;
    EXPECT_EQ(receipt.error().reason, "bad_receipt") << to;
  }
  for (const std::string& text : {std::string(), std::string("[]"), std::string("{}"),
                                  std::string("<html>OK</html>"), std::string(20'000, ' ')}) {
    EXPECT_FALSE(verify_receipt(text, *key)) << text.substr(0, 20);
  }
}

TEST(ReceiptSigner, KeepsItsKeyInAPrivateFile) {
  const TemporaryFolder folder;
  SystemRandom random;
  const auto first = ReceiptSigner::open(folder.path(), kArchiveId, random);
  ASSERT_TRUE(first);
  struct stat facts = {};
  ASSERT_EQ(::stat((folder / "receipt-key").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);

  const auto again = ReceiptSigner::open(folder.path(), kArchiveId, random);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->public_key(), first->public_key());
  EXPECT_EQ(again->to_json(example()), first->to_json(example()));
}

TEST(ReceiptSigner, NeitherUsesNorReplacesADoubtfulKey) {
  const TemporaryFolder folder;
  SystemRandom random;
  ASSERT_TRUE(replace_file(folder / "receipt-key", as_bytes("not a key\n"), 0600));
  const auto damaged = ReceiptSigner::open(folder.path(), kArchiveId, random);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().reason, "bad_receipt_key");
  EXPECT_EQ(*read_file(folder / "receipt-key", 100), "not a key\n");

  ASSERT_TRUE(replace_file(folder / "receipt-key", as_bytes(std::string(kSeed) + "\n"), 0640));
  ASSERT_EQ(::chmod((folder / "receipt-key").c_str(), 0640), 0);
  const auto exposed = ReceiptSigner::open(folder.path(), kArchiveId, random);
  ASSERT_FALSE(exposed);
  EXPECT_EQ(exposed.error().reason, "secret_exposed");

  EXPECT_EQ(ReceiptSigner::open(folder.path(), "a\nb", random).error().reason, "bad_archive_id");
}

}  // namespace
}  // namespace pacs::access
