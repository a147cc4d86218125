#include "access/refusals.h"

namespace pacs::access {

Error unauthenticated() {
  return permission_denied("unauthenticated", "sign in: a valid token is needed for this");
}

Error forbidden() {
  return permission_denied("forbidden",
                           "you are signed in, but you do not have the right to do this");
}

Error too_many_attempts() {
  return resource_exhausted("too_many_attempts",
                            "too many requests with a token that is not valid; wait a minute");
}

}  // namespace pacs::access
