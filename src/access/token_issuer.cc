#include "access/token_issuer.h"

#include <algorithm>
#include <utility>

#include "access/actions.h"
#include "access/audit_lines.h"
#include "access/printable.h"
#include "access/scope_maker.h"
#include "access/share_links.h"
#include "access/token_secret.h"
#include "access/token_verifier.h"
#include "core/file.h"

namespace pacs::access {
namespace {

constexpr unsigned kSecretFileMode = 0600;

Result<void> check(const TokenOrder& order) {
  if (!is_printable_name(order.name, TokenIssuer::kNameBytesMax)) {
    return invalid_argument("bad_name",
                            "a token needs a name of 1 to 100 bytes without control characters");
  }
  if (order.roles.empty()) {
    return invalid_argument("no_roles", "a token needs a role: reader, uploader, admin or metrics");
  }
  if (order.expires_in &&
      (order.expires_in->count() < 1 || *order.expires_in > TokenIssuer::kExpiresInMax)) {
    return invalid_argument("bad_expiry", "a token may expire in 1 second to 3650 days, or never");
  }
  return {};
}

TokenSummary summary_of(const index::TokenRecord& record) {
  TokenSummary summary;
  summary.id = record.id;
  summary.name = record.name;
  summary.roles = Roles::parse_known(record.roles);
  summary.study_id = record.study_id;
  summary.created_at = record.created_at;
  summary.expires_at = record.expires_at;
  summary.revoked_at = record.revoked_at;
  summary.last_used_at = record.last_used_at;
  return summary;
}

index::TokenRequest request_of(const TokenOrder& order, const std::string& secret, UnixMillis now) {
  index::TokenRequest request;
  request.name = order.name;
  request.roles = order.roles.str();
  request.secret_sha256 = *digest_of_secret(secret);
  if (order.expires_in) {
    request.expires_at = now + std::chrono::milliseconds(*order.expires_in).count();
  }
  return request;
}

void describe(index::AuditLine& line, const TokenOrder& order) {
  line.detail = order.name + " (" + order.roles.str() + ")";
}

}  // namespace

TokenIssuer::TokenIssuer(index::Database& database, TokenVerifier& verifier, const Clock& clock,
                         Random& random)
    : tokens_(database), verifier_(verifier), clock_(clock), random_(random) {}

Result<NewToken> TokenIssuer::create(const Principal& principal, const TokenOrder& order,
                                     std::string_view request_id) {
  PACS_TRY(require(principal, Action::administer));
  PACS_TRY(check(order));
  index::AuditLine line = audit_line(principal, audit_action::kTokenCreate, request_id, clock_);
  describe(line, order);
  NewToken made;
  made.secret = make_secret(kTokenPrefix, random_);
  made.token =
      summary_of(PACS_TRY(tokens_.create(request_of(order, made.secret, line.time), line)));
  return made;
}

Result<std::vector<TokenSummary>> TokenIssuer::list(const Principal& principal) const {
  const index::Scope scope =
      PACS_TRY(ScopeMaker::for_principal(principal, Purpose::administration));
  std::vector<TokenSummary> summaries;
  for (const index::TokenRecord& record : PACS_TRY(tokens_.list(scope))) {
    summaries.push_back(summary_of(record));
  }
  return summaries;
}

Result<TokenSummary> TokenIssuer::revoke(const Principal& principal, int64_t token_id,
                                         std::string_view request_id) {
  PACS_TRY(require(principal, Action::administer));
  index::AuditLine line = audit_line(principal, audit_action::kTokenRevoke, request_id, clock_);
  line.detail = "token " + std::to_string(token_id);
  const index::TokenRecord record = PACS_TRY(tokens_.revoke(token_id, line));
  // After the commit: an answer of the index from before it is then no longer remembered.
  verifier_.forget(token_id);
  if (!record.study_id) PACS_TRY(revoke_links_of(principal, token_id, request_id));
  return summary_of(record);
}

// Who may no longer look must not have left a door open. After a crash on the way, revoking the
// token again ends the rest.
Result<void> TokenIssuer::revoke_links_of(const Principal& principal, int64_t token_id,
                                          std::string_view request_id) {
  const std::string name = link_name(principal_id_of_token(token_id));
  const auto tokens = PACS_TRY(tokens_.list(ScopeMaker::of_server()));
  for (const index::TokenRecord& link : tokens) {
    if (!link.study_id || link.revoked_at || link.name != name) continue;
    index::AuditLine line = audit_line(principal, audit_action::kLinkRevoke, request_id, clock_);
    line.detail = "link " + std::to_string(link.id) + ", with its token";
    PACS_TRY(tokens_.revoke(link.id, line));
    verifier_.forget(link.id);
  }
  return {};
}

Result<std::optional<std::string>> TokenIssuer::make_first(const std::string& data_folder) {
  const auto records = PACS_TRY(tokens_.list(ScopeMaker::of_server()));
  const bool has_token = std::any_of(records.begin(), records.end(),
                                     [](const auto& record) { return !record.study_id; });
  if (has_token) return std::optional<std::string>();

  TokenOrder order;
  order.name = "administrator (first start)";
  order.roles = {Role::admin};
  index::AuditLine line = system_audit_line(audit_action::kTokenCreate, clock_);
  describe(line, order);
  std::string secret = make_secret(kTokenPrefix, random_);
  // The file first: a token in the index whose secret nobody has would lock everybody out.
  PACS_TRY(replace_file(data_folder + "/" + std::string(kAdminTokenFile), as_bytes(secret + "\n"),
                        kSecretFileMode));
  PACS_TRY(tokens_.create(request_of(order, secret, line.time), line));
  return std::optional<std::string>(std::move(secret));
}

}  // namespace pacs::access
