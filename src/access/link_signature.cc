#include "access/link_signature.h"

#include <algorithm>
#include <string_view>

#include "access/token_secret.h"
#include "core/crypto.h"

namespace pacs::access {
namespace {

// Lines, none of which can hold a line end: a name, the id, the studies in order of their UIDs, the
// end, the key, the PIN's hash.
std::string mac_of_link(std::string_view purpose, const SignedLink& link, Bytes key) {
  std::vector<std::string_view> uids;
  for (const BoundStudy& study : link.studies) uids.emplace_back(study.uid);
  std::sort(uids.begin(), uids.end());
  std::string message = "pacs-lite share " + std::string(purpose) + "\n" + link.public_id + "\n";
  for (const std::string_view uid : uids) message.append(uid).append(" ");
  message += "\n" + std::to_string(link.expires_at) + "\n" + link.key_id + "\n" + link.pin_hash;
  return to_base64url(hmac_sha256(key, as_bytes(message)).bytes);
}

}  // namespace

std::string signature_of_link(const SignedLink& link, Bytes key) {
  return mac_of_link("address", link, key);
}

std::string secret_of_link(const SignedLink& link, Bytes key) {
  return std::string(kShareLinkPrefix) + mac_of_link("token", link, key);
}

std::string cookie_of_link(const SignedLink& link, Bytes key) {
  return mac_of_link("cookie", link, key);
}

}  // namespace pacs::access
