// What a share link's address, its secret and its cookie are made of: HMAC-SHA-256 over the same
// facts, each under a name of its own, so that none can stand for another.
#pragma once

#include <string>
#include <vector>

#include "access/principal.h"
#include "core/bytes.h"

namespace pacs::access {

struct SignedLink {
  std::string public_id;
  std::vector<BoundStudy> studies;
  UnixMillis expires_at = 0;
  std::string key_id;
  std::string pin_hash;  // empty: none
};

// Of its address: 43 characters of base64url. Who has it may try PINs.
[[nodiscard]] std::string signature_of_link(const SignedLink& link, Bytes key);
// "pls_…": the same right, as a token.
[[nodiscard]] std::string secret_of_link(const SignedLink& link, Bytes key);
// Of a browser that has opened it, with its PIN where it has one.
[[nodiscard]] std::string cookie_of_link(const SignedLink& link, Bytes key);

}  // namespace pacs::access
