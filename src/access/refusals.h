// The two ways to say no. Whoever is refused learns nothing about why: a token that never was, one
// that is expired and one that was revoked have the same answer.
#pragma once

#include "core/error.h"

namespace pacs::access {

// permission_denied/unauthenticated: nobody is known; HTTP answers 401.
[[nodiscard]] Error unauthenticated();
// permission_denied/forbidden: a known principal lacks the right; HTTP answers 403.
[[nodiscard]] Error forbidden();
// resource_exhausted/too_many_attempts: so many failures came from this address that it must wait.
[[nodiscard]] Error too_many_attempts();

}  // namespace pacs::access
