#include "access/actions.h"

#include "access/refusals.h"

namespace pacs::access {

std::string_view to_string(Action action) {
  switch (action) {
    case Action::read_images:
      return "read_images";
    case Action::hand_out_links:
      return "hand_out_links";
    case Action::upload:
      return "upload";
    case Action::read_own_uploads:
      return "read_own_uploads";
    case Action::administer:
      return "administer";
    case Action::read_metrics:
      return "read_metrics";
  }
  return "unknown";
}

bool may(const Principal& principal, Action action) {
  // Whatever its roles say: who holds a link reads its studies, and that is all.
  if (principal.bound_studies) return action == Action::read_images;

  const Roles roles = principal.roles;
  if (roles.has(Role::admin)) return true;
  switch (action) {
    case Action::read_images:
    case Action::hand_out_links:
      return roles.has(Role::reader);
    case Action::upload:
    case Action::read_own_uploads:
      return roles.has(Role::uploader);
    case Action::administer:
      return false;
    case Action::read_metrics:
      return roles.has(Role::metrics);
  }
  return false;
}

Result<void> require(const Principal& principal, Action action) {
  if (!may(principal, action)) return forbidden();
  return {};
}

}  // namespace pacs::access
