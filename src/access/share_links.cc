#include "access/share_links.h"

#include <algorithm>
#include <array>
#include <utility>

#include "access/actions.h"
#include "access/audit_lines.h"
#include "access/link_signature.h"
#include "access/pin_hash.h"
#include "access/printable.h"
#include "access/refusals.h"
#include "access/scope_maker.h"
#include "access/token_secret.h"
#include "access/token_verifier.h"
#include "core/text.h"

namespace pacs::access {
namespace {

constexpr size_t kPublicIdBytes = 12;  // 96 random bits: what a stranger could guess is no link

Error pin_blocked() {
  return resource_exhausted("pin_blocked", "too many wrong PINs; wait before the next one");
}

// After the nth wrong PIN in a row.
std::chrono::seconds pin_wait(int64_t failures) {
  if (failures < ShareLinks::kFreePinFailures) return std::chrono::seconds(0);
  constexpr int64_t kDoublingsMax = 10;
  const int64_t doublings = std::min(failures - ShareLinks::kFreePinFailures, kDoublingsMax);
  return std::min(ShareLinks::kPinWaitMin * (int64_t{1} << doublings), ShareLinks::kPinWaitMax);
}

std::vector<BoundStudy> bound_studies_of(const index::TokenRecord& token) {
  std::vector<BoundStudy> studies;
  studies.reserve(token.studies.size());
  for (const index::LinkedStudy& study : token.studies) studies.push_back({study.id, study.uid});
  return studies;
}

SignedLink signed_part_of(const index::ShareLinkRecord& link) {
  return {link.public_id, bound_studies_of(link.token), link.token.expires_at.value_or(0),
          link.key_id, link.pin_hash};
}

// A principal by whose word a link was made: "token:12", "proxy:user", …
bool may_end(const Principal& principal, const index::ShareLinkRecord& link) {
  return may(principal, Action::administer) || link.created_by == principal.id;
}

Result<void> check_order(const ShareOrder& order) {
  if (order.expires_in.count() < 1 || order.expires_in > ShareLinks::kExpiresInMax) {
    return invalid_argument("bad_expiry", "a link may expire in 1 to 604800 seconds");
  }
  if (order.study_ids.empty() || order.study_ids.size() > ShareLinks::kStudiesMax) {
    return invalid_argument("bad_studies", "a link opens 1 to 100 studies");
  }
  if (!order.label.empty() && !is_printable_name(order.label, ShareLinks::kLabelBytesMax)) {
    return invalid_argument("bad_label", "a label has at most 200 bytes, no control characters");
  }
  if (order.pin.empty()) return {};
  return check_pin(order.pin);
}

}  // namespace

std::string link_name(const std::string& principal_id) { return "link made by " + principal_id; }

ShareLinks::ShareLinks(index::Database& database, TokenVerifier& verifier, const Clock& clock,
                       Random& random, LinkKeys keys)
    : studies_(database),
      tokens_(database),
      links_(database),
      verifier_(verifier),
      clock_(clock),
      random_(random),
      keys_(std::move(keys)) {}

Result<std::vector<BoundStudy>> ShareLinks::find_studies(
    const Principal& principal, const std::vector<int64_t>& study_ids) const {
  const index::Scope scope = PACS_TRY(ScopeMaker::for_principal(principal, Purpose::read_images));
  std::vector<BoundStudy> found;
  for (const int64_t id : study_ids) {
    const auto study = PACS_TRY(studies_.find(scope, id));
    if (!study) return not_found("no_such_study", "there is no such study");
    BoundStudy bound{study->id, study->study_uid.str()};
    if (std::find(found.begin(), found.end(), bound) == found.end()) found.push_back(bound);
  }
  return found;
}

Result<ShareLink> ShareLinks::create(const Principal& principal, const ShareOrder& order,
                                     std::string_view request_id) {
  PACS_TRY(require(principal, Action::hand_out_links));
  PACS_TRY(check_order(order));
  const auto studies = PACS_TRY(find_studies(principal, order.study_ids));

  index::AuditLine line = audit_line(principal, audit_action::kLinkCreate, request_id, clock_);
  line.study_uid = studies.front().uid;
  for (size_t i = 1; i < studies.size(); ++i) {
    line.detail += (line.detail.empty() ? "also " : ", ") + studies[i].uid;
  }
  std::array<std::byte, kPublicIdBytes> name{};
  random_.fill(name);
  const LinkKeys::Key key = keys_.current();

  index::ShareLinkRequest request;
  request.public_id = to_base64url(name);
  request.label = order.label;
  request.created_by = principal.id;
  request.key_id = key.id;
  if (!order.pin.empty()) request.pin_hash = hash_of_pin(order.pin, random_);
  request.token.name = link_name(principal.id);
  request.token.roles = Roles{Role::reader}.str();
  for (const BoundStudy& study : studies) request.token.studies.push_back({study.id, study.uid});
  request.token.expires_at = line.time + std::chrono::milliseconds(order.expires_in).count();
  const SignedLink part{request.public_id, studies, *request.token.expires_at, key.id,
                        request.pin_hash};
  // Of a link with a PIN nobody has the secret: without the PIN there is no way in.
  const std::string secret =
      order.pin.empty() ? secret_of_link(part, key.secret) : make_secret(kShareLinkPrefix, random_);
  request.token.secret_sha256 = *digest_of_secret(secret);
  return shown(PACS_TRY(links_.create(request, line)));
}

Result<Principal> ShareLinks::authenticate(std::string_view secret) const {
  std::optional<Principal> principal = PACS_TRY(verifier_.find(secret));
  if (!principal || !principal->bound_studies) return unauthenticated();
  return std::move(*principal);
}

Result<index::ShareLinkRecord> ShareLinks::find_alive(std::string_view public_id) const {
  auto link = PACS_TRY(links_.find(ScopeMaker::of_server(), public_id));
  if (!link || link->token.revoked_at || !link->token.expires_at ||
      *link->token.expires_at <= clock_.now()) {
    return unauthenticated();
  }
  return std::move(*link);
}

Result<void> ShareLinks::check_typed_pin(const index::ShareLinkRecord& link,
                                         const std::optional<std::string>& pin,
                                         std::string_view request_id) {
  if (link.pin_hash.empty()) return {};
  if (!pin) return permission_denied("pin_needed", "this link wants a PIN");
  const UnixMillis now = clock_.now();
  if (link.pin_blocked_until && now < *link.pin_blocked_until) return pin_blocked();
  if (is_pin(*pin, link.pin_hash)) return {};
  index::AuditLine line = system_audit_line(audit_action::kLinkPin, clock_);
  line.outcome = index::AuditOutcome::refused;
  line.request_id = request_id;
  line.detail = "link " + std::to_string(link.token.id);
  const auto wait = pin_wait(link.pin_failures + 1);
  std::optional<UnixMillis> blocked_until;
  if (wait.count() > 0) blocked_until = now + std::chrono::milliseconds(wait).count();
  PACS_TRY(links_.note_pin_failure(link.token.id, blocked_until, line));
  return permission_denied("wrong_pin", "this is not the PIN of this link");
}

Result<OpenedLink> ShareLinks::open(std::string_view id_and_signature,
                                    const std::optional<std::string>& pin,
                                    std::string_view request_id) {
  const size_t dot = id_and_signature.find('.');
  if (dot == std::string_view::npos) return unauthenticated();
  const std::string_view public_id = id_and_signature.substr(0, dot);
  // One that was signed with a key that is gone cannot be told from a forged one.
  auto link = PACS_TRY(find_alive(public_id));
  const auto key = keys_.find_valid(link.key_id);
  if (!key) return unauthenticated();
  const std::string expected = signature_of_link(signed_part_of(link), key->secret);
  if (!equal_in_constant_time(as_bytes(id_and_signature.substr(dot + 1)), as_bytes(expected))) {
    return unauthenticated();
  }
  {
    const std::lock_guard turn(pin_turn_);
    if (!link.pin_hash.empty() && pin) link = PACS_TRY(find_alive(public_id));
    PACS_TRY(check_typed_pin(link, pin, request_id));
  }
  Principal principal;
  principal.id = "link:" + std::to_string(link.token.id);
  principal.display_name = link.token.name;
  index::AuditLine line = audit_line(principal, audit_action::kLinkOpen, request_id, clock_);
  line.study_uid = link.token.studies.front().uid;
  PACS_TRY(links_.note_use(link.token.id, line));
  return OpenedLink{link.public_id, cookie_of_link(signed_part_of(link), key->secret),
                    *link.token.expires_at};
}

Result<Principal> ShareLinks::authenticate_cookie(std::string_view public_id,
                                                  std::string_view cookie) const {
  const auto link = PACS_TRY(find_alive(public_id));
  const auto key = keys_.find_valid(link.key_id);
  if (!key) return unauthenticated();
  const std::string expected = cookie_of_link(signed_part_of(link), key->secret);
  if (!equal_in_constant_time(as_bytes(cookie), as_bytes(expected))) return unauthenticated();
  Principal principal;
  principal.id = "link:" + std::to_string(link.token.id);
  principal.display_name = link.token.name;
  principal.roles = {Role::reader};
  principal.bound_studies = bound_studies_of(link.token);
  principal.expires_at = link.token.expires_at;
  return principal;
}

ShareLink ShareLinks::shown(const index::ShareLinkRecord& record) const {
  ShareLink link;
  link.id = record.token.id;
  link.public_id = record.public_id;
  link.studies = bound_studies_of(record.token);
  link.label = record.label;
  link.created_by = record.created_by;
  link.has_pin = !record.pin_hash.empty();
  link.use_count = record.use_count;
  link.created_at = record.token.created_at;
  link.expires_at = record.token.expires_at.value_or(0);
  link.revoked_at = record.token.revoked_at;
  link.last_used_at = record.token.last_used_at;
  if (const auto key = keys_.find_valid(record.key_id)) {
    const SignedLink part = signed_part_of(record);
    link.path = "/s/" + record.public_id + "." + signature_of_link(part, key->secret);
    if (!link.has_pin) link.secret = secret_of_link(part, key->secret);
  }
  return link;
}

Result<std::vector<ShareLink>> ShareLinks::list(const Principal& principal) const {
  PACS_TRY(require(principal, Action::hand_out_links));
  std::optional<std::string> made_by;
  if (!may(principal, Action::administer)) made_by = principal.id;
  std::vector<ShareLink> links;
  for (const index::ShareLinkRecord& record :
       PACS_TRY(links_.list(ScopeMaker::of_server(), made_by))) {
    links.push_back(shown(record));
  }
  return links;
}

Result<ShareLink> ShareLinks::revoke(const Principal& principal, int64_t link_id,
                                     std::string_view request_id) {
  PACS_TRY(require(principal, Action::hand_out_links));
  auto link = PACS_TRY(links_.find_by_token(ScopeMaker::of_server(), link_id));
  if (!link || !may_end(principal, *link)) {
    return not_found("no_such_token", "there is no such link");
  }
  index::AuditLine line = audit_line(principal, audit_action::kLinkRevoke, request_id, clock_);
  line.detail = "link " + std::to_string(link_id);
  link->token = PACS_TRY(tokens_.revoke(link_id, line));
  verifier_.forget(link_id);
  return shown(*link);
}

}  // namespace pacs::access
