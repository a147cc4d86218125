// A share link that was opened by its address.
#pragma once

#include <string>

#include "core/clock.h"

namespace pacs::access {

struct OpenedLink {
  std::string public_id;
  std::string cookie;  // to be shown with each request below the link's own path
  UnixMillis expires_at = 0;
};

}  // namespace pacs::access
