// Who sent a request, and may they? The one place of this module that asks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "access/actions.h"
#include "access/opened_link.h"
#include "access/principal.h"
#include "archive/actor.h"
#include "core/result.h"
#include "edge/edge_services.h"
#include "http/request.h"
#include "index/scope.h"

namespace pacs::edge {

struct Caller {
  access::Principal principal;
  index::Scope scope;    // what the action may know of
  archive::Actor actor;  // on whose behalf a use case runs
};

// Errors: permission_denied/unauthenticated (401: missing, invalid or expired credentials),
// permission_denied/forbidden (403: a missing right, noted in the audit log), those of the
// authenticator. On a route with the parameter {share} that link's cookie alone counts.
[[nodiscard]] Result<Caller> authorise(const EdgeServices& services, const http::Request& request,
                                       access::Action action);

// The same for our own pages, where the link itself carries the secret of a share: `?token=`.
[[nodiscard]] Result<Caller> authorise_page(const EdgeServices& services,
                                            const http::Request& request);

// The cookie by which a browser has signed in to the viewer: its value is a token. It counts for
// GET and HEAD alone, which change nothing, whatever page made the browser send them.
inline constexpr std::string_view kSessionCookie = "pl_session";

// The same for a token that stands in a form, in place of all that the request brings.
[[nodiscard]] Result<Caller> authorise_token(const EdgeServices& services,
                                             const http::Request& request, std::string_view token,
                                             access::Action action);

// The cookie of a share link, for its own path alone.
inline constexpr std::string_view kLinkCookie = "pl_share";

// Opens a share link by its address, in the name of whoever sent the request. Errors: those of
// access::Authenticator::open_link().
[[nodiscard]] Result<access::OpenedLink> open_link(const EdgeServices& services,
                                                   const http::Request& request,
                                                   std::string_view id_and_signature,
                                                   const std::optional<std::string>& pin);

// Notes that the caller reads or searches, before anything is shown. `unavailable` when it cannot
// be noted: then nothing may be shown.
[[nodiscard]] Result<void> note_read(const EdgeServices& services, const Caller& caller,
                                     std::string_view action, std::string_view study_uid = {});

}  // namespace pacs::edge
