// From a principal to what it may know of: the only place where an index::Scope that covers
// anything is made.
//
//   purpose           reader      uploader      admin       share link   metrics
//   read_images       everything  forbidden     everything  its studies  forbidden
//   own_uploads       forbidden   its uploads   everything  forbidden    forbidden
//   administration    forbidden   forbidden     everything  forbidden    forbidden
#pragma once

#include "access/principal.h"
#include "core/result.h"
#include "index/scope.h"

namespace pacs::access {

enum class Purpose { read_images, own_uploads, administration };

class ScopeMaker {
 public:
  // permission_denied/forbidden as the table above says. Any thread.
  [[nodiscard]] static Result<index::Scope> for_principal(const Principal& principal,
                                                          Purpose purpose);

  // For what the server reads on its own account (is this UID taken, which token is this): never
  // for an answer to a principal. Composition and this module use it, edges do not.
  [[nodiscard]] static index::Scope of_server();
};

}  // namespace pacs::access
