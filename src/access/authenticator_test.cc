// Every way in and every refusal, over a real index.
#include "access/authenticator.h"

#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "access/gathered_audit.h"
#include "access/jwt_verifier.h"
#include "access/refusals.h"
#include "access/scope_maker.h"
#include "access/share_links.h"
#include "access/token_issuer.h"
#include "access/token_verifier.h"
#include "core/file.h"
#include "tests/support/index_builder.h"
#include "tests/support/jwt_signer.h"
#include "tests/support/link_keys.h"

namespace pacs::access {
namespace {

using tests::hs256_token;
using tests::must;
using tests::reason_of;
using tests::TestIndex;

constexpr uint32_t kOwnUser = 1001;
constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";
constexpr const char* kHeader = R"({"alg":"HS256"})";
constexpr const char* kGoodClaims =
    R"({"iss":"https://login.example","aud":"pacs","sub":"u","exp":1700000600,"roles":"doctor"})";
constexpr const char* kExpiredClaims =
    R"({"iss":"https://login.example","aud":"pacs","sub":"u","exp":1600000000,"roles":"doctor"})";
constexpr const char* kForeignClaims =
    R"({"token_type":"access","exp":1700000600,"user_id":12})";  // as the application makes them

class AuthenticatorTest : public ::testing::Test {
 protected:
  AuthenticatorTest() {
    admin_.id = "token:900";
    admin_.roles = {Role::admin};
    const auto outcome = must(index_.ingests().commit(tests::ingest_of("1.2.1", "1.2.1.1", "1.2.9"),
                                                      tests::audit_line("image.store")));
    study_id_ = outcome.image.study_id;
    token_ = must(issuer_.create(admin_, {"desk", {Role::reader}, {}}, "r")).secret;
    link_ = must(links_.create(admin_, study_id_, std::chrono::seconds(600), "r")).secret;
  }

  std::vector<JwtKey> keys() {
    JwtKeySetting setting;
    setting.algorithm = "HS256";
    setting.key_file = index_.folder() / "jwt-secret";
    must(replace_file(setting.key_file, as_bytes(kSecret), 0600));
    setting.issuer = "https://login.example";
    setting.audience = "pacs";
    setting.user_claim = "sub";
    setting.role_claim = "roles";
    setting.roles = {{"doctor", {"reader"}}};
    return must(JwtKey::load_all({setting}));
  }

  static std::array<uint8_t, 16> address(uint8_t last) {
    return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, last};
  }

  // The views of a Credentials must outlive it, so texts are kept here.
  std::string_view keep(std::string text) { return *kept_.insert(std::move(text)).first; }

  Credentials bearer(const std::string& token) {
    Credentials credentials;
    credentials.client_address = address(1);
    credentials.authorization = {keep("Bearer " + token)};
    return credentials;
  }
  Credentials proxied(const std::string& user, const std::string& roles) {
    Credentials credentials;
    credentials.client_address = address(1);
    credentials.peer_is_trusted_proxy = true;
    credentials.proxy_user = {keep(user)};
    credentials.proxy_roles = {keep(roles)};
    return credentials;
  }

  std::string id_of(const Credentials& credentials) {
    const auto principal = authenticator_.authenticate(credentials);
    return principal ? principal->id : principal.error().reason;
  }

  TestIndex index_;
  ManualClock clock_;
  SystemRandom random_;
  std::set<std::string> kept_;
  TokenVerifier verifier_{index_.database(), clock_};
  TokenIssuer issuer_{index_.database(), verifier_, clock_, random_};
  ShareLinks links_{index_.database(), verifier_, clock_, random_, tests::fixed_link_keys()};
  JwtVerifier jwts_{keys(), clock_};
  GatheredAudit audit_{index_.database(), clock_};
  Authenticator authenticator_{{verifier_, links_, jwts_, audit_, clock_}, kOwnUser};
  Principal admin_;
  int64_t study_id_ = 0;
  std::string token_;
  std::string link_;
};

TEST_F(AuthenticatorTest, ATokenOfOursIsAPrincipal) {
  const auto principal = must(authenticator_.authenticate(bearer(token_)));
  EXPECT_TRUE(principal.id.starts_with("token:"));
  EXPECT_EQ(principal.roles.str(), "reader");
  for (const char* scheme : {"bearer ", "BEARER ", "Bearer   "}) {
    Credentials credentials;
    credentials.authorization = {keep(scheme + token_)};
    EXPECT_EQ(id_of(credentials), principal.id) << scheme;
  }
}

TEST_F(AuthenticatorTest, AJwtOfAConfiguredIssuerIsAPrincipal) {
  const auto principal =
      must(authenticator_.authenticate(bearer(hs256_token(kHeader, kGoodClaims, kSecret))));
  EXPECT_EQ(principal.id, "jwt:https://login.example|u");
  EXPECT_EQ(principal.roles.str(), "reader");
}

TEST_F(AuthenticatorTest, AShareLinkOpensByItsParameterAndAsABearer) {
  Credentials by_parameter;
  by_parameter.share_token = link_;
  const auto principal = must(authenticator_.authenticate(by_parameter));
  EXPECT_EQ(principal.bound_studies, (std::vector{BoundStudy{study_id_, "1.2.1"}}));
  EXPECT_EQ(must(authenticator_.authenticate(bearer(link_))).bound_studies,
            principal.bound_studies);

  Credentials token_in_url;
  token_in_url.share_token = token_;
  EXPECT_EQ(id_of(token_in_url), "unauthenticated") << "tokens do not belong in URLs";
}

TEST_F(AuthenticatorTest, ATrustedProxyNamesTheUserAndItsRoles) {
  const auto principal =
      must(authenticator_.authenticate(proxied("åse", "staff, reader,uploader")));
  EXPECT_EQ(principal.id, "proxy:åse");
  EXPECT_EQ(principal.display_name, "åse");
  EXPECT_EQ(principal.roles.str(), "reader,uploader");
  EXPECT_EQ(must(authenticator_.authenticate(proxied("bob", ""))).roles.str(), "");
}

TEST_F(AuthenticatorTest, ProxyHeadersOfAnybodyElseAreNotBelieved) {
  Credentials forged = proxied("root", "admin");
  forged.peer_is_trusted_proxy = false;
  EXPECT_EQ(id_of(forged), "unauthenticated");
  forged.authorization = {keep("Bearer " + token_)};
  EXPECT_TRUE(id_of(forged).starts_with("token:")) << "they are ignored";
}

TEST_F(AuthenticatorTest, AProxyThatNamesNobodyOrTwoIsNobody) {
  for (const std::string& user :
       {std::string("(null)"), std::string("a\nb"), std::string(256, 'x'), std::string("\xff")}) {
    EXPECT_EQ(id_of(proxied(user, "admin")), "unauthenticated") << user;
  }
  EXPECT_EQ(id_of(proxied("", "admin")), "unauthenticated");
  EXPECT_EQ(id_of(proxied("  ", "admin")), "unauthenticated");
  Credentials twice = proxied("alice", "reader");
  twice.proxy_user.push_back(keep("root"));
  EXPECT_EQ(id_of(twice), "unauthenticated");
}

TEST_F(AuthenticatorTest, TheUnixSocketIsForTheServersUserAndRoot) {
  Credentials local;
  local.local_user_id = kOwnUser;
  EXPECT_EQ(must(authenticator_.authenticate(local)).roles.str(), "admin");
  EXPECT_EQ(id_of(local), "socket:1001");
  local.local_user_id = 0;
  EXPECT_EQ(id_of(local), "socket:0");
  local.local_user_id = 1002;
  EXPECT_EQ(id_of(local), "unauthenticated");
  local.local_user_id = kOwnUser;
  local.authorization = {keep("Bearer " + token_)};
  EXPECT_TRUE(id_of(local).starts_with("token:")) << "who shows a token acts as that token";
}

TEST_F(AuthenticatorTest, ATokenThatIsNotGoodIsRefusedWhateverElseIsThere) {
  const std::string unknown = "pl_" + to_base64url(sha256(as_bytes("guess")).bytes);
  const std::string forged = hs256_token(kHeader, kGoodClaims, "another secret of thirty-two byt");
  for (const std::string& token : {unknown, std::string("pl_"), std::string("pls_short"), forged,
                                   hs256_token(kHeader, kExpiredClaims, kSecret),
                                   tests::unsigned_part(R"({"alg":"none"})", kGoodClaims) + "."}) {
    Credentials credentials = proxied("alice", "admin");
    credentials.authorization = {keep("Bearer " + token)};
    credentials.share_token = link_;
    credentials.local_user_id = kOwnUser;
    EXPECT_EQ(id_of(credentials), "unauthenticated") << token;
  }
  Credentials two = bearer(token_);
  two.authorization.push_back(two.authorization.front());
  EXPECT_EQ(id_of(two), "unauthenticated") << "two fields are refused, not guessed at";
}

TEST_F(AuthenticatorTest, TheApplicationsOwnTokenIsPassedOverWhenTheProxyVouches) {
  const std::string theirs =
      hs256_token(kHeader, kForeignClaims, "django-insecure-master-secret-!!");
  EXPECT_EQ(id_of(bearer(theirs)), "unauthenticated");
  Credentials credentials = proxied("alice", "reader");
  credentials.authorization = {keep("Bearer " + theirs)};
  EXPECT_EQ(id_of(credentials), "proxy:alice");
  credentials.authorization = {keep("Basic YWxpY2U6c2VjcmV0")};
  EXPECT_EQ(id_of(credentials), "proxy:alice");
  credentials.peer_is_trusted_proxy = false;
  EXPECT_EQ(id_of(credentials), "unauthenticated");
}

TEST_F(AuthenticatorTest, EveryRefusalHasTheSameText) {
  const NewToken expired =
      must(issuer_.create(admin_, {"guest", {Role::reader}, std::chrono::seconds(1)}, "r"));
  const NewToken revoked = must(issuer_.create(admin_, {"lost", {Role::reader}, {}}, "r"));
  must(issuer_.revoke(admin_, revoked.token.id, "r"));
  clock_.advance(std::chrono::seconds(2));
  Credentials basic;
  basic.authorization = {"Basic YWxpY2U6c2VjcmV0"};
  Credentials empty_bearer;
  empty_bearer.authorization = {"Bearer "};
  Credentials bad_link;
  bad_link.share_token = "pls_x";
  const Credentials cases[] = {
      Credentials(),
      bearer(expired.secret),
      bearer(revoked.secret),
      bearer("pl_" + to_base64url(sha256(as_bytes("unknown")).bytes)),
      bearer("hello"),
      bearer(hs256_token(kHeader, kExpiredClaims, kSecret)),
      bearer(hs256_token(kHeader, kGoodClaims, "another secret of thirty-two byt")),
      basic,
      empty_bearer,
      bad_link,
      proxied("(null)", "admin"),
  };
  for (const Credentials& credentials : cases) {
    const auto principal = authenticator_.authenticate(credentials);
    ASSERT_FALSE(principal);
    EXPECT_EQ(to_string(principal.error()), to_string(unauthenticated()));
  }
}

TEST_F(AuthenticatorTest, TooManyFailuresFromAnAddressMustWaitAndGoodTokensPass) {
  ASSERT_TRUE(authenticator_.authenticate(bearer(token_)));
  for (int i = 0; i < FailedAttempts::kBurst; ++i) {
    ASSERT_EQ(id_of(bearer("pl_wrong")), "unauthenticated") << i;
  }
  EXPECT_EQ(id_of(bearer("pl_wrong")), "too_many_attempts");
  EXPECT_EQ(id_of(bearer(hs256_token(kHeader, kGoodClaims, kSecret))), "too_many_attempts");
  Credentials link;
  link.client_address = address(1);
  link.share_token = "pls_wrong";
  EXPECT_EQ(id_of(link), "too_many_attempts");

  EXPECT_TRUE(authenticator_.authenticate(bearer(token_))) << "was good moments ago";
  EXPECT_EQ(id_of(proxied("alice", "reader")), "proxy:alice");
  Credentials elsewhere = bearer("pl_wrong");
  elsewhere.client_address = address(2);
  EXPECT_EQ(id_of(elsewhere), "unauthenticated");
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(id_of(bearer(hs256_token(kHeader, kGoodClaims, kSecret))),
            "jwt:https://login.example|u");
}

TEST_F(AuthenticatorTest, MissingCredentialsAreNoFailure) {
  Credentials none;
  none.client_address = address(1);
  for (int i = 0; i < 2 * FailedAttempts::kBurst; ++i) {
    ASSERT_EQ(id_of(none), "unauthenticated");
  }
  EXPECT_EQ(audit_.waiting(), 0U);
}

TEST_F(AuthenticatorTest, ARefusalIsInTheAuditLogByAddressWithoutTheToken) {
  (void)authenticator_.authenticate(bearer("pl_wrong"));
  (void)authenticator_.authenticate(bearer("pl_wronger"));
  must(audit_.flush());
  const auto lines = must(index_.audit_log().list(ScopeMaker::of_server(), {}));
  ASSERT_EQ(lines.size(), 4U) << "image, token, link, and one line for both refusals";
  EXPECT_EQ(lines[0].line.actor, "client:192.0.2.1");
  EXPECT_EQ(lines[0].line.action, "authenticate");
  EXPECT_EQ(lines[0].line.outcome, index::AuditOutcome::refused);
  EXPECT_EQ(lines[0].line.detail, "");
}

}  // namespace
}  // namespace pacs::access
