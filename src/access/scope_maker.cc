#include "access/scope_maker.h"

#include <utility>
#include <vector>

#include "access/actions.h"
#include "access/refusals.h"

namespace pacs::access {
namespace {

Action action_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::read_images:
      return Action::read_images;
    case Purpose::own_uploads:
      return Action::read_own_uploads;
    case Purpose::administration:
      return Action::administer;
  }
  return Action::administer;
}

}  // namespace

Result<index::Scope> ScopeMaker::for_principal(const Principal& principal, Purpose purpose) {
  PACS_TRY(require(principal, action_of(purpose)));
  if (principal.bound_studies) {
    std::vector<int64_t> study_ids;
    for (const BoundStudy& study : *principal.bound_studies) study_ids.push_back(study.id);
    return index::Scope::studies(std::move(study_ids));
  }
  if (purpose == Purpose::own_uploads && !principal.roles.has(Role::admin)) {
    return index::Scope::uploads_of(principal.id);
  }
  return index::Scope::everything();
}

index::Scope ScopeMaker::of_server() { return index::Scope::everything(); }

}  // namespace pacs::access
