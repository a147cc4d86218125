// The worked example of docs/design/share-link.md, and that each of the facts counts.
#include "access/link_signature.h"

#include <gtest/gtest.h>

namespace pacs::access {
namespace {

const ByteVector kExampleKey =
    *from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

SignedLink example_link() {
  return {"AAECAwQFBgcICQoL", {{4, "1.2.4"}, {3, "1.2.3"}}, 1'800'000'000'000, "abcdefgh2345", ""};
}

TEST(LinkSignature, IsWhatTheWorkedExampleSays) {
  const SignedLink link = example_link();
  EXPECT_EQ(signature_of_link(link, kExampleKey), "roJg3GBPOVARerAGbcAJQyd9cbHOd2TDr5cvSTTwAm8");
  EXPECT_EQ(secret_of_link(link, kExampleKey), "pls_q_pTG5vyZs2Roqjcq2ZeEERsx1VXELROVFRLSuilP8Q");
  EXPECT_EQ(cookie_of_link(link, kExampleKey), "2XP9HF0k-9qJD9hs9Kup3N5XCSF67CrqszA2h-_rPz0");
}

TEST(LinkSignature, CoversEachFact) {
  const std::string good = signature_of_link(example_link(), kExampleKey);
  const auto changed = [&](auto change) {
    SignedLink link = example_link();
    change(link);
    return signature_of_link(link, kExampleKey);
  };
  EXPECT_NE(changed([](SignedLink& link) { link.public_id.back() = 'M'; }), good);
  EXPECT_NE(changed([](SignedLink& link) { link.studies.pop_back(); }), good);
  EXPECT_NE(changed([](SignedLink& link) { link.studies[0].uid = "1.2.5"; }), good);
  EXPECT_NE(changed([](SignedLink& link) { ++link.expires_at; }), good);
  EXPECT_NE(changed([](SignedLink& link) { link.key_id.back() = '6'; }), good);
  EXPECT_NE(changed([](SignedLink& link) { link.pin_hash = "x"; }), good);
}

}  // namespace
}  // namespace pacs::access
