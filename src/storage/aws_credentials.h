// Who signs a request to an object store: a pair of keys, and a token where they are lent for a
// while alone.
#pragma once

#include <string>

#include "core/clock.h"

namespace pacs::storage {

// A value. Holds a secret: never logged, never shown.
struct AwsCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // empty: none
  UnixMillis expires_at = 0;  // 0: never
};

}  // namespace pacs::storage
