#include "edge/authorise.h"

#include <string>
#include <utility>

#include "access/audit_lines.h"
#include "access/authenticator.h"
#include "access/credentials.h"
#include "access/gathered_audit.h"
#include "access/principal.h"
#include "access/scope_maker.h"
#include "archive/store_request.h"
#include "core/log.h"
#include "http/cookie.h"

namespace pacs::edge {
namespace {

using access::Action;

constexpr std::string_view kLinkParameter = "share";  // of the routes below a link's own path

const std::string* link_of(const http::Request& request) {
  for (const auto& [name, value] : request.path_parameters) {
    if (name == kLinkParameter) return &value;
  }
  return nullptr;
}

access::Credentials credentials_of(const EdgeServices& services, const http::Request& request,
                                   std::string_view share_token) {
  access::Credentials credentials;
  if (request.client.address) credentials.client_address = request.client.address->bytes();
  if (const std::string* link = link_of(request)) {
    credentials.link_id = *link;
    credentials.link_cookie = http::find_cookie(request.headers, kLinkCookie).value_or("");
    return credentials;
  }
  credentials.authorization = request.headers.all("Authorization");
  if (!services.proxy_user_header.empty()) {
    credentials.proxy_user = request.headers.all(services.proxy_user_header);
    credentials.proxy_roles = request.headers.all(services.proxy_roles_header);
  }
  credentials.peer_is_trusted_proxy = request.from_trusted_proxy;
  credentials.local_user_id = request.peer.local_user_id;
  credentials.share_token = share_token;
  if (request.method == http::Method::get || request.method == http::Method::head) {
    credentials.session_token = http::find_cookie(request.headers, kSessionCookie).value_or("");
  }
  return credentials;
}

Result<index::Scope> scope_for(const access::Principal& principal, Action action) {
  switch (action) {
    case Action::read_images:
    case Action::hand_out_links:
      return access::ScopeMaker::for_principal(principal, access::Purpose::read_images);
    case Action::upload:
    case Action::read_own_uploads:
      return access::ScopeMaker::for_principal(principal, access::Purpose::own_uploads);
    case Action::administer:
      return access::ScopeMaker::for_principal(principal, access::Purpose::administration);
    case Action::read_metrics:
      break;
  }
  return index::Scope::nothing();
}

void note_refusal(const EdgeServices& services, const http::Request& request,
                  const access::Principal& principal, Action action) {
  index::AuditLine line =
      access::audit_line(principal, access::to_string(action), request.request_id, services.clock);
  line.outcome = index::AuditOutcome::refused;
  if (auto noted = services.audit.note(line); !noted) {
    log_warning("refusal_not_noted",
                {{"request_id", request.request_id}, {"reason", noted.error().reason}});
  }
}

Result<Caller> authorise_by(const EdgeServices& services, const http::Request& request,
                            Action action, const access::Credentials& credentials) {
  access::Principal principal = PACS_TRY(services.authenticator.authenticate(credentials));
  if (auto allowed = access::require(principal, action); !allowed) {
    note_refusal(services, request, principal, action);
    return std::move(allowed).error();
  }
  index::Scope scope = PACS_TRY(scope_for(principal, action));
  archive::Actor actor{
      .id = principal.id, .name = principal.display_name, .request_id = request.request_id};
  return Caller{std::move(principal), std::move(scope), std::move(actor)};
}

}  // namespace

Result<Caller> authorise(const EdgeServices& services, const http::Request& request,
                         Action action) {
  return authorise_by(services, request, action, credentials_of(services, request, {}));
}

Result<Caller> authorise_page(const EdgeServices& services, const http::Request& request) {
  const std::string token = request.query_parameter("token").value_or("");
  return authorise_by(services, request, Action::read_images,
                      credentials_of(services, request, token));
}

Result<Caller> authorise_token(const EdgeServices& services, const http::Request& request,
                               std::string_view token, Action action) {
  access::Credentials credentials;
  if (request.client.address) credentials.client_address = request.client.address->bytes();
  credentials.session_token = token;
  return authorise_by(services, request, action, credentials);
}

Result<access::OpenedLink> open_link(const EdgeServices& services, const http::Request& request,
                                     std::string_view id_and_signature,
                                     const std::optional<std::string>& pin) {
  access::Credentials credentials;
  if (request.client.address) credentials.client_address = request.client.address->bytes();
  return services.authenticator.open_link(credentials, id_and_signature, pin, request.request_id);
}

Result<void> note_read(const EdgeServices& services, const Caller& caller, std::string_view action,
                       std::string_view study_uid) {
  index::AuditLine line =
      access::audit_line(caller.principal, action, caller.actor.request_id, services.clock);
  line.study_uid = study_uid;
  return services.audit.note(line);
}

}  // namespace pacs::edge
