#include "core/crypto.h"

#include <gtest/gtest.h>

namespace pacs {
namespace {

TEST(Sha256, AgreesWithFips180) {
  EXPECT_EQ(sha256(as_bytes("abc")).hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 hash;
  hash.update(as_bytes("a"));
  hash.update(as_bytes("bc"));
  EXPECT_EQ(hash.finish(), sha256(as_bytes("abc")));
  EXPECT_EQ(hash.finish(), sha256(as_bytes(""))) << "starts afresh after finish";
}

TEST(Sha256, ReadsItsOwnHexAlone) {
  const Sha256Digest digest = sha256(as_bytes("abc"));
  EXPECT_EQ(Sha256Digest::from_hex(digest.hex()), digest);
  EXPECT_FALSE(Sha256Digest::from_hex(digest.hex() + "00"));
  EXPECT_FALSE(Sha256Digest::from_hex("xyz"));
}

TEST(Hmac, AgreesWithRfc4231) {
  // Test case 2.
  EXPECT_EQ(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")).hex(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hmac, TakesAnEmptyKeyForWhatItIs) {
  (void)hmac_sha256(as_bytes("Jefe"), as_bytes("a message before"));
  EXPECT_EQ(hmac_sha256(Bytes(), Bytes()).hex(),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Ed25519, AgreesWithRfc8032) {
  // Section 7.1, test 2.
  const auto seed = from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const auto key = Ed25519Key::from_seed(*seed);
  ASSERT_TRUE(key);
  EXPECT_EQ(to_hex(key->public_key()),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const auto signature = key->sign(as_bytes("\x72"));
  EXPECT_EQ(to_hex(signature).substr(0, 32), "92a009a9f0d4cab8720e820b5f642540");
  EXPECT_TRUE(ed25519_verify(key->public_key(), as_bytes("\x72"), signature));
  EXPECT_FALSE(ed25519_verify(key->public_key(), as_bytes("\x73"), signature));
  EXPECT_FALSE(ed25519_verify(as_bytes("short"), as_bytes("\x72"), signature));
}

TEST(Compare, LooksAtEveryByte) {
  EXPECT_TRUE(equal_in_constant_time(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("ab")));
}

}  // namespace
}  // namespace pacs
