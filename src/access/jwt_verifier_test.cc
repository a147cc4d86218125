// Every way in with another issuer's token, and each way that must stay shut.
#include "access/jwt_verifier.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "access/jwt_claims.h"
#include "core/crypto.h"
#include "core/file.h"
#include "tests/support/jwt_signer.h"
#include "tests/support/temporary_folder.h"

namespace pacs::access {
namespace {

using testing_support::TemporaryFolder;
using tests::hs256_token;
using tests::JwtSigner;
using tests::KeyKind;

constexpr const char* kIssuer = "https://login.example.org";
constexpr const char* kJwtSecret = "0123456789abcdef0123456789abcdef";
// 1,700,000,000 is the ManualClock's now.
constexpr const char* kClaims =
    R"({"iss":"https://login.example.org","aud":"pacs","sub":"u-17","exp":1700000600,)"
    R"("nbf":1699999000,"name":"Åse","roles":["radiographer","something else"]})";

// One key pair of each kind for all tests: an RSA key takes a while.
const JwtSigner& signer(KeyKind kind) {
  static const JwtSigner rsa(KeyKind::rsa_2048);
  static const JwtSigner small(KeyKind::rsa_1024);
  static const JwtSigner p256(KeyKind::p256);
  static const JwtSigner p384(KeyKind::p384);
  static const JwtSigner ed25519(KeyKind::ed25519);
  switch (kind) {
    case KeyKind::rsa_2048:
      return rsa;
    case KeyKind::rsa_1024:
      return small;
    case KeyKind::p256:
      return p256;
    case KeyKind::p384:
      return p384;
    case KeyKind::ed25519:
      return ed25519;
  }
  return rsa;
}

class JwtTest : public ::testing::Test {
 protected:
  JwtKeySetting setting(const std::string& algorithm, const std::string& key,
                        const std::string& key_id = "") {
    JwtKeySetting made;
    made.algorithm = algorithm;
    made.key_file = folder_ / ("key" + std::to_string(++files_));
    EXPECT_TRUE(replace_file(made.key_file, as_bytes(key), 0600));
    made.key_id = key_id;
    made.issuer = kIssuer;
    made.audience = "pacs";
    made.user_claim = "sub";
    made.role_claim = "roles";
    made.roles = {{"radiographer", {"reader", "uploader"}}, {"boss", {"admin"}}};
    return made;
  }

  JwtVerifier verifier(const std::vector<JwtKeySetting>& settings) {
    auto keys = JwtKey::load_all(settings);
    EXPECT_TRUE(keys) << keys.error().detail;
    return {std::move(*keys), clock_};
  }

  JwtVerifier hs256() { return verifier({setting("HS256", kJwtSecret)}); }

  TemporaryFolder folder_;
  int files_ = 0;
  ManualClock clock_;
};

bool is_refused(const JwtVerifier::Verdict& verdict) {
  return std::holds_alternative<JwtVerifier::Refused>(verdict);
}
bool is_foreign(const JwtVerifier::Verdict& verdict) {
  return std::holds_alternative<JwtVerifier::Foreign>(verdict);
}
const Principal* principal_of(const JwtVerifier::Verdict& verdict) {
  return std::get_if<Principal>(&verdict);
}

std::string header(const std::string& algorithm, const std::string& key_id = "") {
  if (key_id.empty()) return R"({"typ":"JWT","alg":")" + algorithm + "\"}";
  return R"({"typ":"JWT","alg":")" + algorithm + R"(","kid":")" + key_id + "\"}";
}

TEST_F(JwtTest, EachAlgorithmGivesThePrincipalThatTheKeysMapSays) {
  const std::pair<const char*, KeyKind> kinds[] = {
      {"RS256", KeyKind::rsa_2048}, {"ES256", KeyKind::p256}, {"EdDSA", KeyKind::ed25519}};
  std::vector<std::pair<JwtVerifier, std::string>> cases;
  for (const auto& [algorithm, kind] : kinds) {
    cases.emplace_back(verifier({setting(algorithm, signer(kind).public_pem())}),
                       signer(kind).token(header(algorithm), kClaims));
  }
  cases.emplace_back(hs256(), hs256_token(header("HS256"), kClaims, kJwtSecret));
  for (const auto& [verifier, token] : cases) {
    const auto verdict = verifier.verify(token);
    const Principal* principal = principal_of(verdict);
    ASSERT_NE(principal, nullptr) << token;
    EXPECT_EQ(principal->id, "jwt:https://login.example.org|u-17");
    EXPECT_EQ(principal->display_name, "Åse");
    EXPECT_EQ(principal->roles.str(), "reader,uploader");
    EXPECT_EQ(principal->expires_at, 1'700'000'630'000) << "with the leeway";
    EXPECT_FALSE(principal->bound_studies);
  }
}

// RFC 7515 A.1, whose octets hold line breaks and no audience.
TEST_F(JwtTest, TheStandardsOwnExampleHasAGoodSignature) {
  const auto jwt = Jwt::parse(
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
      "cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  ASSERT_TRUE(jwt);
  const auto key = from_base64url(
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  EXPECT_EQ(to_base64url(hmac_sha256(*key, as_bytes(jwt->signed_text)).bytes),
            to_base64url(jwt->signature));
}

TEST_F(JwtTest, AForgedOrChangedTokenIsRefused) {
  const JwtVerifier verifier = hs256();
  const std::string good = hs256_token(header("HS256"), kClaims, kJwtSecret);
  ASSERT_NE(principal_of(verifier.verify(good)), nullptr);
  EXPECT_TRUE(is_refused(
      verifier.verify(hs256_token(header("HS256"), kClaims, "another secret of thirty-two byt"))));
  const std::string signature = good.substr(good.rfind('.'));
  std::string claims = kClaims;
  claims.replace(claims.find("radiographer"), 12, "boss");
  EXPECT_TRUE(
      is_refused(verifier.verify(tests::unsigned_part(header("HS256"), claims) + signature)));
  EXPECT_TRUE(is_refused(verifier.verify(good.substr(0, good.rfind('.') + 1))));
  EXPECT_TRUE(is_refused(verifier.verify(good.substr(0, good.size() - 4))));
  EXPECT_TRUE(
      is_refused(verifier.verify(signer(KeyKind::ed25519).token(header("HS256"), kClaims))));
}

TEST_F(JwtTest, TheTokenNeverChoosesTheAlgorithm) {
  const std::string pem = signer(KeyKind::rsa_2048).public_pem();
  const JwtVerifier rs256 = verifier({setting("RS256", pem)});
  ASSERT_NE(principal_of(rs256.verify(signer(KeyKind::rsa_2048).token(header("RS256"), kClaims))),
            nullptr);
  // The public key, which anybody may have, used as the secret of an HMAC.
  EXPECT_TRUE(is_refused(rs256.verify(hs256_token(header("HS256"), kClaims, pem))));
  EXPECT_TRUE(is_refused(rs256.verify(hs256_token(header("RS256"), kClaims, pem))));
  EXPECT_TRUE(is_refused(rs256.verify(hs256_token(header("RS256"), kClaims, ""))));
  const JwtVerifier hs = hs256();
  for (const char* algorithm : {"none", "None", "NONE", "nOnE", "", "hs256", "HS512", "RS256"}) {
    const std::string message = tests::unsigned_part(header(algorithm), kClaims);
    for (const JwtVerifier* verifier : {&rs256, &hs}) {
      EXPECT_TRUE(is_refused(verifier->verify(message + '.'))) << algorithm;
      if (std::string_view(algorithm) == "RS256") continue;
      EXPECT_TRUE(is_refused(verifier->verify(hs256_token(header(algorithm), kClaims, kJwtSecret))))
          << algorithm;
    }
  }
  EXPECT_TRUE(is_refused(hs.verify(hs256_token(R"({"typ":"JWT"})", kClaims, kJwtSecret))));
  EXPECT_TRUE(is_refused(hs.verify(hs256_token(R"({"alg":["HS256"]})", kClaims, kJwtSecret))));
  EXPECT_TRUE(is_refused(hs.verify(
      hs256_token(R"({"alg":"HS256","crit":["b64"],"b64":false})", kClaims, kJwtSecret))));
  // A header that names the algorithm twice, of which readers take different ones, is no JSON here.
  EXPECT_TRUE(
      is_foreign(hs.verify(hs256_token(R"({"alg":"none","alg":"HS256"})", kClaims, kJwtSecret))));
}

TEST_F(JwtTest, AKeyThatTheTokenBringsAlongIsNotUsed) {
  const JwtVerifier verifier =
      this->verifier({setting("EdDSA", signer(KeyKind::ed25519).public_pem())});
  const JwtSigner forger(KeyKind::ed25519);
  EXPECT_TRUE(is_refused(verifier.verify(forger.token(
      R"({"alg":"EdDSA","jwk":{"kty":"OKP","crv":"Ed25519","x":"AAAA"},"jku":"http://evil/"})",
      kClaims))));
}

TEST_F(JwtTest, TheKeyIdChoosesAmongTheIssuersKeys) {
  const JwtSigner& old_key = signer(KeyKind::p256);
  const JwtSigner new_key(KeyKind::p256);
  const JwtVerifier verifier = this->verifier({setting("ES256", old_key.public_pem(), "old"),
                                               setting("ES256", new_key.public_pem(), "new")});
  EXPECT_TRUE(principal_of(verifier.verify(old_key.token(header("ES256", "old"), kClaims))));
  EXPECT_TRUE(principal_of(verifier.verify(new_key.token(header("ES256", "new"), kClaims))));
  EXPECT_TRUE(is_refused(verifier.verify(old_key.token(header("ES256", "new"), kClaims))));
  EXPECT_TRUE(is_refused(verifier.verify(old_key.token(header("ES256", "older"), kClaims))));
  EXPECT_TRUE(is_refused(verifier.verify(old_key.token(header("ES256"), kClaims))));
  EXPECT_TRUE(
      is_refused(verifier.verify(old_key.token(R"({"alg":"ES256","kid":{"a":1}})", kClaims))));

  const JwtVerifier any = this->verifier({setting("ES256", old_key.public_pem())});
  EXPECT_TRUE(principal_of(any.verify(old_key.token(header("ES256", "whatever"), kClaims))));
}

struct ClaimsCase {
  const char* what;
  const char* claims;
};

TEST_F(JwtTest, ClaimsThatDoNotFitAreRefused) {
#define BASE R"("iss":"https://login.example.org","roles":["boss"],)"
  const ClaimsCase cases[] = {
      {"expired", "{" BASE R"("aud":"pacs","sub":"u","exp":1699999970})"},
      {"no expiry", "{" BASE R"("aud":"pacs","sub":"u"})"},
      {"expiry as text", "{" BASE R"("aud":"pacs","sub":"u","exp":"1700000600"})"},
      {"expiry beyond time", "{" BASE R"("aud":"pacs","sub":"u","exp":1e300})"},
      {"negative expiry", "{" BASE R"("aud":"pacs","sub":"u","exp":-1})"},
      {"not yet", "{" BASE R"("aud":"pacs","sub":"u","exp":1700000600,"nbf":1700000031})"},
      {"nbf is no time", "{" BASE R"("aud":"pacs","sub":"u","exp":1700000600,"nbf":"0"})"},
      {"other audience", "{" BASE R"("aud":"billing","sub":"u","exp":1700000600})"},
      {"no audience", "{" BASE R"("sub":"u","exp":1700000600})"},
      {"audience of numbers", "{" BASE R"("aud":[1],"sub":"u","exp":1700000600})"},
      {"no user", "{" BASE R"("aud":"pacs","exp":1700000600})"},
      {"empty user", "{" BASE R"("aud":"pacs","sub":"","exp":1700000600})"},
      {"user with a line break", "{" BASE R"("aud":"pacs","sub":"a\nb","exp":1700000600})"},
      {"user as list", "{" BASE R"("aud":"pacs","sub":["u"],"exp":1700000600})"},
  };
#undef BASE
  const JwtVerifier verifier = hs256();
  for (const ClaimsCase& one : cases) {
    EXPECT_TRUE(is_refused(verifier.verify(hs256_token(header("HS256"), one.claims, kJwtSecret))))
        << one.what;
  }
}

TEST_F(JwtTest, ClaimsThatFitInOtherFormsAreTaken) {
#define BASE R"("iss":"https://login.example.org","exp":1700000600,)"
  const std::pair<ClaimsCase, const char*> cases[] = {
      {{"list of audiences", "{" BASE R"("aud":["x","pacs"],"sub":"u","roles":"boss"})"}, "admin"},
      {{"number of a user", "{" BASE R"("aud":"pacs","sub":12,"roles":["boss"]})"}, "admin"},
      {{"no roles", "{" BASE R"("aud":"pacs","sub":"u"})"}, ""},
      {{"roles unknown here", "{" BASE R"("aud":"pacs","sub":"u","roles":["admin"]})"}, ""},
      {{"words are no values", "{" BASE R"("aud":"pacs","sub":"u","roles":"boss of it"})"}, ""},
      {{"roles of numbers", "{" BASE R"("aud":"pacs","sub":"u","roles":[1,null,"boss"]})"},
       "admin"},
  };
#undef BASE
  const JwtVerifier verifier = hs256();
  for (const auto& [one, roles] : cases) {
    const auto verdict = verifier.verify(hs256_token(header("HS256"), one.claims, kJwtSecret));
    ASSERT_NE(principal_of(verdict), nullptr) << one.what;
    EXPECT_EQ(principal_of(verdict)->roles.str(), roles) << one.what;
  }
}

TEST_F(JwtTest, RolesAreFoundInsideClaimsAndInScopes) {
  JwtKeySetting nested = setting("HS256", kJwtSecret);
  nested.role_claim = "realm_access.roles";
  JwtKeySetting scope = setting("HS256", kJwtSecret);
  scope.role_claim = "scope";
  const char* claims =
      R"({"iss":"https://login.example.org","aud":"pacs","sub":"u","exp":1700000600,)"
      R"("realm_access":{"roles":["boss"]},"scope":"openid radiographer"})";
  const std::string token = hs256_token(header("HS256"), claims, kJwtSecret);
  const auto by_nested = verifier({nested}).verify(token);
  ASSERT_TRUE(principal_of(by_nested));
  EXPECT_EQ(principal_of(by_nested)->roles.str(), "admin");
  const auto by_scope = verifier({scope}).verify(token);
  ASSERT_TRUE(principal_of(by_scope));
  EXPECT_EQ(principal_of(by_scope)->roles.str(), "reader,uploader");
}

TEST_F(JwtTest, TheLeewayIsHalfAMinute) {
  const JwtVerifier verifier = hs256();
  const std::string token = hs256_token(header("HS256"), kClaims, kJwtSecret);
  clock_.set(1'700'000'629'999);
  EXPECT_TRUE(principal_of(verifier.verify(token)));
  clock_.set(1'700'000'630'000);
  EXPECT_TRUE(is_refused(verifier.verify(token)));
  clock_.set(1'699'998'970'000);
  EXPECT_TRUE(principal_of(verifier.verify(token)));
  clock_.set(1'699'998'969'999);
  EXPECT_TRUE(is_refused(verifier.verify(token)));
}

TEST_F(JwtTest, WhatIsNotOfOurIssuersIsNotJudged) {
  const JwtVerifier verifier = hs256();
  const std::string other =
      R"({"iss":"https://elsewhere.example","aud":"pacs","sub":"u","exp":1700000600})";
  const std::string no_issuer = R"({"aud":"pacs","sub":"u","exp":1700000600})";
  for (const std::string& token :
       {std::string(), std::string("abc"), std::string("a.b.c"), std::string("a.b.c.d"),
        std::string("...."), hs256_token(header("HS256"), other, kJwtSecret),
        hs256_token(header("HS256"), no_issuer, kJwtSecret), hs256_token("[]", kClaims, kJwtSecret),
        std::string(JwtVerifier::kTokenBytesMax + 1, 'a'),
        hs256_token(header("HS256"), std::string(6'200, '['), kJwtSecret)}) {
    EXPECT_TRUE(is_foreign(verifier.verify(token))) << token.substr(0, 60);
  }
  EXPECT_TRUE(is_foreign(
      JwtVerifier({}, clock_).verify(hs256_token(header("HS256"), kClaims, kJwtSecret))));
}

TEST_F(JwtTest, TwoIssuersNeverMakeOnePrincipal) {
  JwtKeySetting plain = setting("HS256", kJwtSecret);
  plain.issuer = "a";
  JwtKeySetting barred = setting("HS256", kJwtSecret);
  barred.issuer = "a|b";
  const JwtVerifier verifier = this->verifier({plain, barred});
  const auto first = verifier.verify(hs256_token(
      header("HS256"), R"({"iss":"a","aud":"pacs","sub":"b|c","exp":1700000600})", kJwtSecret));
  const auto second = verifier.verify(hs256_token(
      header("HS256"), R"({"iss":"a|b","aud":"pacs","sub":"c","exp":1700000600})", kJwtSecret));
  ASSERT_TRUE(principal_of(first));
  ASSERT_TRUE(principal_of(second));
  EXPECT_EQ(principal_of(first)->id, "jwt:a|b|c");
  EXPECT_EQ(principal_of(second)->id, "jwt:a%7Cb|c");
}

TEST_F(JwtTest, AKeyThatIsTooWeakOrOfAnotherKindIsRefusedAtStart) {
  struct KeyCase {
    const char* what;
    JwtKeySetting setting;
    const char* reason;
  };
  const KeyCase cases[] = {
      {"31 bytes", setting("HS256", std::string(kJwtSecret).substr(1)), "short_secret"},
      {"31 bytes and a line end", setting("HS256", std::string(kJwtSecret).substr(1) + "\n"),
       "short_secret"},
      {"a public key as a secret", setting("HS256", signer(KeyKind::p256).public_pem()),
       "bad_jwt_key"},
      {"1024 bits", setting("RS256", signer(KeyKind::rsa_1024).public_pem()), "bad_jwt_key"},
      {"EC for RSA", setting("RS256", signer(KeyKind::p256).public_pem()), "bad_jwt_key"},
      {"P-384", setting("ES256", signer(KeyKind::p384).public_pem()), "bad_jwt_key"},
      {"private key", setting("ES256", signer(KeyKind::p256).private_pem()), "bad_jwt_key"},
      {"no PEM", setting("EdDSA", "hello"), "bad_jwt_key"},
      {"none", setting("none", kJwtSecret), "bad_jwt_key"},
  };
  for (const KeyCase& one : cases) {
    const auto key = JwtKey::load(one.setting);
    ASSERT_FALSE(key) << one.what;
    EXPECT_EQ(key.error().reason, one.reason) << one.what << ": " << key.error().detail;
    EXPECT_NE(key.error().detail.find(kIssuer), std::string::npos) << key.error().detail;
    EXPECT_EQ(key.error().detail.find(folder_.path().string()), std::string::npos);
  }
  JwtKeySetting absent = setting("HS256", kJwtSecret);
  absent.key_file += ".absent";
  EXPECT_EQ(JwtKey::load(absent).error().code, ErrorCode::not_found);
  const JwtKeySetting exposed = setting("HS256", kJwtSecret);
  ASSERT_EQ(::chmod(exposed.key_file.c_str(), 0644), 0);
  EXPECT_EQ(JwtKey::load(exposed).error().reason, "secret_exposed");
}

TEST_F(JwtTest, ALineEndBehindTheSecretIsNotPartOfIt) {
  const JwtVerifier verifier = this->verifier({setting("HS256", std::string(kJwtSecret) + "\r\n")});
  EXPECT_TRUE(principal_of(verifier.verify(hs256_token(header("HS256"), kClaims, kJwtSecret))));
}

}  // namespace
}  // namespace pacs::access
