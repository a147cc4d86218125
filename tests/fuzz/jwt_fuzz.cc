// JSON Web Tokens of strangers: none is believed that our key did not sign; of one that it signed,
// whatever its claims are, the principal is within the limits. Input: header, claims, then a token
// as a stranger sends it, a line each.
#include <string>
#include <variant>

#include "access/jwt_claims.h"
#include "access/jwt_verifier.h"
#include "core/crypto.h"
#include "core/text.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs;
using namespace pacs::access;

constexpr std::string_view kIssuer = "https://login.example";
constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";
const ManualClock clock_of_test{1'795'366'200'000};

std::vector<JwtKey> our_keys() {
  std::vector<JwtKey> keys(1);
  keys[0].algorithm = "HS256";
  keys[0].issuer = kIssuer;
  keys[0].audience = "pacs";
  keys[0].user_claim = "sub";
  keys[0].role_claim = "realm_access.roles";
  keys[0].roles = {{"doctor", {Role::reader}}, {"boss", {Role::admin}}};
  keys[0].secret.assign(as_bytes(kSecret).begin(), as_bytes(kSecret).end());
  return keys;
}

std::string mac_of(std::string_view text) {
  return to_base64url(hmac_sha256(as_bytes(kSecret), as_bytes(text)).bytes);
}

void check_principal(const Principal& principal, const Jwt& jwt) {
  const std::string* algorithm = find_text(jwt.header, "alg");
  FUZZ_CHECK(algorithm != nullptr && *algorithm == "HS256");
  FUZZ_CHECK(jwt.header.find("crit") == nullptr);
  FUZZ_CHECK(*find_text(jwt.claims, "iss") == kIssuer && has_audience(jwt.claims, "pacs"));
  FUZZ_CHECK(principal.expires_at && *principal.expires_at > clock_of_test.now());
  FUZZ_CHECK(principal.id.size() <= Principal::kIdBytesMax);
  FUZZ_CHECK(principal.id.starts_with("jwt:"));
  for (const std::string* text : {&principal.id, &principal.display_name}) {
    FUZZ_CHECK(!text->empty() && is_utf8(*text));
    FUZZ_CHECK(text->find_first_of(std::string_view("\0\n\r\x1b", 4)) == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const JwtVerifier verifier(our_keys(), clock_of_test);
  fuzz::Input input(data, size);
  const std::string_view header = input.take_line();
  const std::string_view claims = input.take_line();
  const std::string_view sent = input.rest();

  const std::string text = to_base64url(as_bytes(header)) + "." + to_base64url(as_bytes(claims));
  const std::string ours = text + "." + mac_of(text);
  const JwtVerifier::Verdict verdict = verifier.verify(ours);
  if (const auto* principal = std::get_if<Principal>(&verdict)) {
    const auto jwt = Jwt::parse(ours);
    FUZZ_CHECK(jwt.has_value());
    check_principal(*principal, *jwt);
    // The same with another signature, or none.
    FUZZ_CHECK(!std::holds_alternative<Principal>(verifier.verify(text + ".")));
    FUZZ_CHECK(!std::holds_alternative<Principal>(verifier.verify(text + "." + mac_of(ours))));
  }
  if (std::holds_alternative<Principal>(verifier.verify(sent))) {
    const size_t last = sent.rfind('.');
    FUZZ_CHECK(mac_of(sent.substr(0, last)) == sent.substr(last + 1));
  }
  if (const auto jwt = Jwt::parse(sent)) {
    static_cast<void>(find_time(jwt->claims, "exp"));
    static_cast<void>(claim_values(jwt->claims, "scope"));
    static_cast<void>(claim_values(jwt->claims, "realm_access.roles"));
  }
  return 0;
}
