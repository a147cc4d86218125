// Who sent a request, and may they? The one place of this module that asks.
#pragma once

#include <string_view>

#include "access/actions.h"
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
// authenticator.
[[nodiscard]] Result<Caller> authorise(const EdgeServices& services, const http::Request& request,
                                       access::Action action);

// The same for our own pages, where the link itself carries the secret of a share: `?token=`.
[[nodiscard]] Result<Caller> authorise_page(const EdgeServices& services,
                                            const http::Request& request);

// Notes that the caller reads or searches, before anything is shown. `unavailable` when it cannot
// be noted: then nothing may be shown.
[[nodiscard]] Result<void> note_read(const EdgeServices& services, const Caller& caller,
                                     std::string_view action, std::string_view study_uid = {});

}  // namespace pacs::edge
