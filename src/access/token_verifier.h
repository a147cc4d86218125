// Finds the principal of a token or share link of ours. Positive answers are remembered for a few
// seconds, so that a viewer that fetches a thousand images costs a few look-ups.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "access/principal.h"
#include "core/clock.h"
#include "core/result.h"

namespace pacs::index {
class Database;
}

namespace pacs::access {

// "token:20": how a token's holder is called in the audit log and as an owner.
[[nodiscard]] std::string principal_id_of_token(int64_t token_id);

// Any thread. `database` and `clock` outlive the object.
class TokenVerifier {
 public:
  // How long an answer is believed: also how long a token lives on that another process revoked.
  static constexpr std::chrono::seconds kRememberedFor{10};
  // About 300 bytes each; with more tokens than this in use at once, the oldest are asked anew.
  static constexpr size_t kRememberedMax = 4096;
  // How exact `last_used_at` is.
  static constexpr std::chrono::seconds kUseInterval{60};
  // Tokens whose use waits to be written; beyond it, one is noted at its next use.
  static constexpr size_t kUsesMax = 4096;

  TokenVerifier(index::Database& database, const Clock& clock);
  ~TokenVerifier();
  TokenVerifier(const TokenVerifier&) = delete;
  TokenVerifier& operator=(const TokenVerifier&) = delete;

  // The principal; nothing when there is no such token, or it is expired or revoked. Errors are the
  // index's own (`unavailable`), which must not be told as "not authenticated".
  [[nodiscard]] Result<std::optional<Principal>> find(std::string_view secret);

  // The answer alone when it is remembered, without asking the index.
  [[nodiscard]] std::optional<Principal> find_remembered(std::string_view secret);

  // From the return on, no find() answers with this token unless the index says so afresh.
  void forget(int64_t token_id);

  // Writes when tokens were used last. Failure loses nothing but that; it is logged.
  void write_uses();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pacs::access
