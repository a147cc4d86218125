#include "access/authenticator.h"

#include <utility>

#include "access/gathered_audit.h"
#include "access/jwt_verifier.h"
#include "access/printable.h"
#include "access/refusals.h"
#include "access/share_links.h"
#include "access/token_secret.h"
#include "access/token_verifier.h"
#include "core/text.h"

namespace pacs::access {
namespace {

// RFC 9110 11.4: the scheme in any case, one or more spaces, the token. Nothing for other schemes.
std::optional<std::string_view> bearer_of(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer";
  if (authorization.size() <= kScheme.size() || authorization[kScheme.size()] != ' ' ||
      !equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) {
    return std::nullopt;
  }
  return trim(authorization.substr(kScheme.size()));
}

Principal local_administrator(uint32_t user_id) {
  Principal principal;
  principal.id = "socket:" + std::to_string(user_id);
  principal.display_name = user_id == 0 ? "root on this machine" : "the server's user";
  principal.roles = {Role::admin};
  return principal;
}

// "(null)" is what some servers send for a user that they do not know.
std::optional<Principal> named_by_proxy(const Credentials& credentials) {
  if (credentials.proxy_user.size() != 1) return std::nullopt;
  const std::string_view user = trim(credentials.proxy_user.front());
  if (!is_printable_name(user, Authenticator::kProxyUserBytesMax) || user == "(null)") {
    return std::nullopt;
  }
  Principal principal;
  principal.id = "proxy:" + std::string(user);
  principal.display_name = user;
  for (const std::string_view roles : credentials.proxy_roles) {
    principal.roles.add(Roles::parse_known(roles));
  }
  return principal;
}

// A proxy that sends the field empty says that it knows nobody.
bool proxy_names_somebody(const Credentials& credentials) {
  if (!credentials.peer_is_trusted_proxy) return false;
  return credentials.proxy_user.size() > 1 ||
         (credentials.proxy_user.size() == 1 && !trim(credentials.proxy_user.front()).empty());
}

}  // namespace

Authenticator::Authenticator(const Parts& parts, uint32_t own_user_id)
    : parts_(parts), own_user_id_(own_user_id), failed_(parts.clock) {}

Result<Principal> Authenticator::authenticate(const Credentials& credentials) {
  if (!credentials.link_id.empty()) return by_link_cookie(credentials);
  if (!credentials.authorization.empty()) {
    if (auto principal = PACS_TRY(by_authorization(credentials))) return std::move(*principal);
  }
  if (!credentials.share_token.empty()) return by_share_token(credentials);
  if (proxy_names_somebody(credentials)) {
    if (auto principal = named_by_proxy(credentials)) return std::move(*principal);
    return refuse(credentials);
  }
  if (credentials.local_user_id) {
    const uint32_t user_id = *credentials.local_user_id;
    if (user_id == own_user_id_ || user_id == 0) return local_administrator(user_id);
    return refuse(credentials);
  }
  if (!credentials.session_token.empty()) {
    if (auto principal = PACS_TRY(by_bearer(credentials, credentials.session_token))) {
      return std::move(*principal);
    }
    return refuse(credentials);
  }
  // Nothing was shown, as by every browser before it signs in: no failure to count.
  if (credentials.authorization.empty()) return unauthenticated();
  return refuse(credentials);
}

Result<std::optional<Principal>> Authenticator::by_authorization(const Credentials& credentials) {
  // Two fields: whoever checked the one in front of us may have looked at the other.
  if (credentials.authorization.size() > 1) return refuse(credentials);
  const std::optional<std::string_view> bearer = bearer_of(credentials.authorization.front());
  if (!bearer) return std::optional<Principal>();
  return by_bearer(credentials, *bearer);
}

Result<std::optional<Principal>> Authenticator::by_bearer(const Credentials& credentials,
                                                          std::string_view bearer) {
  if (looks_like_secret(bearer)) return by_secret(credentials, bearer);

  if (failed_.too_many(client_block(credentials.client_address))) return too_many_attempts();
  JwtVerifier::Verdict verdict = parts_.jwts.verify(bearer);
  if (auto* principal = std::get_if<Principal>(&verdict)) {
    return std::optional<Principal>(std::move(*principal));
  }
  if (std::holds_alternative<JwtVerifier::Refused>(verdict)) return refuse(credentials);
  return std::optional<Principal>();
}

Result<std::optional<Principal>> Authenticator::by_secret(const Credentials& credentials,
                                                          std::string_view secret) {
  if (auto remembered = parts_.tokens.find_remembered(secret)) return remembered;
  if (failed_.too_many(client_block(credentials.client_address))) return too_many_attempts();
  std::optional<Principal> principal = PACS_TRY(parts_.tokens.find(secret));
  if (!principal) return refuse(credentials);
  return principal;
}

Result<Principal> Authenticator::by_share_token(const Credentials& credentials) {
  if (failed_.too_many(client_block(credentials.client_address)) &&
      !parts_.tokens.find_remembered(credentials.share_token)) {
    return too_many_attempts();
  }
  Result<Principal> principal = parts_.share_links.authenticate(credentials.share_token);
  if (!principal && principal.error().reason == unauthenticated().reason) {
    return refuse(credentials);
  }
  return principal;
}

// A page that is still open asks on when its link has ended, hundreds of times: that must not shut
// out who has a good link behind the same address, so the cookie is looked at before the count.
Result<Principal> Authenticator::by_link_cookie(const Credentials& credentials) {
  if (credentials.link_cookie.empty()) return unauthenticated();
  Result<Principal> principal =
      parts_.share_links.authenticate_cookie(credentials.link_id, credentials.link_cookie);
  if (principal || principal.error().reason != unauthenticated().reason) return principal;
  if (failed_.too_many(client_block(credentials.client_address))) return too_many_attempts();
  return refuse(credentials);
}

Result<OpenedLink> Authenticator::open_link(const Credentials& credentials,
                                            std::string_view id_and_signature,
                                            const std::optional<std::string>& pin,
                                            std::string_view request_id) {
  if (failed_.too_many(client_block(credentials.client_address))) return too_many_attempts();
  Result<OpenedLink> opened = parts_.share_links.open(id_and_signature, pin, request_id);
  if (!opened) {
    const std::string& reason = opened.error().reason;
    if (reason == unauthenticated().reason || reason == "wrong_pin") {
      const Error refused = refuse(credentials);
      if (reason == refused.reason) return refused;
    }
  }
  return opened;
}

Error Authenticator::refuse(const Credentials& credentials) {
  const std::string block = client_block(credentials.client_address);
  failed_.note(block);
  parts_.audit.note_stranger(block);
  return unauthenticated();
}

}  // namespace pacs::access
