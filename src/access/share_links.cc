#include "access/share_links.h"

#include <utility>

#include "access/actions.h"
#include "access/audit_lines.h"
#include "access/refusals.h"
#include "access/scope_maker.h"
#include "access/token_secret.h"
#include "access/token_verifier.h"

namespace pacs::access {

std::string link_name(const std::string& principal_id) { return "link made by " + principal_id; }

ShareLinks::ShareLinks(index::Database& database, TokenVerifier& verifier, const Clock& clock,
                       Random& random)
    : studies_(database), tokens_(database), verifier_(verifier), clock_(clock), random_(random) {}

Result<ShareLink> ShareLinks::create(const Principal& principal, int64_t study_id,
                                     std::chrono::seconds expires_in, std::string_view request_id) {
  PACS_TRY(require(principal, Action::hand_out_links));
  if (expires_in.count() < 1 || expires_in > kExpiresInMax) {
    return invalid_argument("bad_expiry", "a link may expire in 1 to 604800 seconds");
  }
  const index::Scope scope = PACS_TRY(ScopeMaker::for_principal(principal, Purpose::read_images));
  const std::optional<index::StudyRecord> study = PACS_TRY(studies_.find(scope, study_id));
  if (!study) return not_found("no_such_study", "there is no such study");

  index::AuditLine line = audit_line(principal, audit_action::kLinkCreate, request_id, clock_);
  line.study_uid = study->study_uid.str();
  ShareLink link;
  link.secret = make_secret(kShareLinkPrefix, random_);
  link.study = {study->id, study->study_uid.str()};
  link.expires_at = line.time + std::chrono::milliseconds(expires_in).count();

  index::TokenRequest request;
  request.name = link_name(principal.id);
  request.roles = Roles{Role::reader}.str();
  request.secret_sha256 = *digest_of_secret(link.secret);
  request.study_id = study->id;
  request.expires_at = link.expires_at;
  link.id = PACS_TRY(tokens_.create(request, line)).id;
  return link;
}

Result<Principal> ShareLinks::authenticate(std::string_view secret) const {
  std::optional<Principal> principal = PACS_TRY(verifier_.find(secret));
  if (!principal || !principal->bound_study) return unauthenticated();
  return std::move(*principal);
}

Result<void> ShareLinks::revoke(const Principal& principal, int64_t link_id,
                                std::string_view request_id) {
  const index::Scope scope =
      PACS_TRY(ScopeMaker::for_principal(principal, Purpose::administration));
  const std::optional<index::TokenRecord> record = PACS_TRY(tokens_.find(scope, link_id));
  if (!record || !record->study_id) return not_found("no_such_token", "there is no such link");
  index::AuditLine line = audit_line(principal, audit_action::kLinkRevoke, request_id, clock_);
  line.detail = "link " + std::to_string(link_id);
  PACS_TRY(tokens_.revoke(link_id, line));
  verifier_.forget(link_id);
  return {};
}

}  // namespace pacs::access
