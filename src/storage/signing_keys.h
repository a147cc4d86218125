// The secrets that sign media URLs: one signs, older ones still verify until the last URL that they
// may have signed has expired. Kept in a file of mode 0600 in the data folder.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"

namespace pacs::storage {

struct SigningKey {
  std::string id;  // 12 characters of [a-z2-7], public: it stands in each URL
  ByteVector secret;
  UnixMillis created_at = 0;
  std::optional<UnixMillis> valid_until;  // nothing while it signs
};

enum class OldKeys {
  valid_until_links_expire,
  dropped_now,  // after a leak: every link that was handed out stops working
};

// Any thread. One object per file and process.
class SigningKeys {
 public:
  static constexpr size_t kSecretBytes = 32;

  // Reads the file, or makes it with a first key, durably. `corrupt` (reason "bad_signing_keys")
  // when it cannot be read as such; `permission_denied` (reason "signing_keys_exposed") when others
  // than the owner may read or write it. `clock` and `random` must outlive the object.
  [[nodiscard]] static Result<std::unique_ptr<SigningKeys>> open(std::string path,
                                                                 const Clock& clock,
                                                                 Random& random);
  ~SigningKeys();

  // The one that signs.
  [[nodiscard]] SigningKey current() const;
  // The key of this id when it is valid now.
  [[nodiscard]] std::optional<SigningKey> find_valid(std::string_view id) const;
  [[nodiscard]] size_t count() const;

  // Makes a new current key. Success: the file holds it and the key signs from now on; keys whose
  // time is over are gone from the file. Failure: nothing has changed.
  [[nodiscard]] Result<void> rotate(OldKeys old_keys = OldKeys::valid_until_links_expire);

 private:
  struct State;
  explicit SigningKeys(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pacs::storage
