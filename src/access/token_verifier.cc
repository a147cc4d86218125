#include "access/token_verifier.h"

#include <cstring>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "access/scope_maker.h"
#include "access/token_secret.h"
#include "core/log.h"
#include "index/tokens.h"

namespace pacs::access {
namespace {

// A SHA-256 is as good as any hash of it; whoever makes secrets that collide in 64 bits slows down
// two look-ups of his own.
struct HashOfDigest {
  size_t operator()(const Sha256Digest& digest) const {
    size_t hash = 0;
    std::memcpy(&hash, digest.bytes.data(), sizeof(hash));
    return hash;
  }
};

bool is_over(const std::optional<UnixMillis>& expires_at, UnixMillis now) {
  return expires_at && *expires_at <= now;
}

struct Remembered {
  Sha256Digest digest;
  int64_t token_id = 0;
  Principal principal;
  std::chrono::steady_clock::time_point until;
  std::optional<UnixMillis> last_used_at;
};

}  // namespace

struct TokenVerifier::State {
  State(index::Database& the_database, const Clock& the_clock)
      : tokens(the_database), clock(the_clock) {}

  std::optional<Principal> recall(const Sha256Digest& digest);
  Result<std::optional<Remembered>> look_up(const Sha256Digest& digest) const;
  void remember(Remembered entry, uint64_t generation_before);
  void note_use(Remembered& entry);

  index::Tokens tokens;
  const Clock& clock;

  std::mutex mutex;
  // Guarded by mutex: what is remembered, the oldest in front.
  std::list<Remembered> by_age;
  std::unordered_map<Sha256Digest, std::list<Remembered>::iterator, HashOfDigest> by_digest;
  // Guarded by mutex: goes up when something is forgotten, so that an answer of the index that is
  // older than that is not remembered.
  uint64_t generation = 0;
  // Guarded by mutex: uses that wait to be written.
  std::map<int64_t, UnixMillis> uses;
};

std::optional<Principal> TokenVerifier::State::recall(const Sha256Digest& digest) {
  const std::lock_guard lock(mutex);
  const auto found = by_digest.find(digest);
  if (found == by_digest.end()) return std::nullopt;
  Remembered& entry = *found->second;
  if (entry.until <= clock.monotonic() || is_over(entry.principal.expires_at, clock.now())) {
    by_age.erase(found->second);
    by_digest.erase(found);
    return std::nullopt;
  }
  note_use(entry);
  return entry.principal;
}

Result<std::optional<Remembered>> TokenVerifier::State::look_up(const Sha256Digest& digest) const {
  const index::Scope scope = ScopeMaker::of_server();
  const std::optional<index::TokenRecord> record = PACS_TRY(tokens.find_by_secret(scope, digest));
  if (!record || !equal_in_constant_time(record->secret_sha256.bytes, digest.bytes)) {
    return std::optional<Remembered>();
  }
  if (record->revoked_at || is_over(record->expires_at, clock.now())) {
    return std::optional<Remembered>();
  }
  const std::optional<Roles> roles = Roles::parse(record->roles);
  if (!roles) {
    log_error("token_with_unknown_roles", {{"token", record->id}});
    return std::optional<Remembered>();
  }
  Remembered entry;
  entry.digest = digest;
  entry.token_id = record->id;
  entry.until = clock.monotonic() + kRememberedFor;
  entry.last_used_at = record->last_used_at;
  entry.principal.roles = *roles;
  entry.principal.expires_at = record->expires_at;
  entry.principal.display_name = record->name;
  entry.principal.id =
      record->study_id ? "link:" + std::to_string(record->id) : principal_id_of_token(record->id);
  if (record->study_id) {
    entry.principal.bound_studies.emplace();
    for (const index::LinkedStudy& study : record->studies) {
      entry.principal.bound_studies->push_back({study.id, study.uid});
    }
  }
  return std::optional<Remembered>(std::move(entry));
}

void TokenVerifier::State::remember(Remembered entry, uint64_t generation_before) {
  const std::lock_guard lock(mutex);
  note_use(entry);
  if (generation != generation_before) return;
  if (const auto known = by_digest.find(entry.digest); known != by_digest.end()) {
    by_age.erase(known->second);
    by_digest.erase(known);
  }
  if (by_age.size() >= kRememberedMax) {
    by_digest.erase(by_age.front().digest);
    by_age.pop_front();
  }
  by_age.push_back(std::move(entry));
  by_digest.emplace(by_age.back().digest, std::prev(by_age.end()));
}

void TokenVerifier::State::note_use(Remembered& entry) {
  const UnixMillis now = clock.now();
  const UnixMillis interval = std::chrono::milliseconds(kUseInterval).count();
  if (entry.last_used_at && now < *entry.last_used_at + interval) return;
  if (uses.size() >= kUsesMax && !uses.contains(entry.token_id)) return;
  uses[entry.token_id] = now;
  entry.last_used_at = now;
}

std::string principal_id_of_token(int64_t token_id) { return "token:" + std::to_string(token_id); }

TokenVerifier::TokenVerifier(index::Database& database, const Clock& clock)
    : state_(std::make_unique<State>(database, clock)) {}
TokenVerifier::~TokenVerifier() = default;

Result<std::optional<Principal>> TokenVerifier::find(std::string_view secret) {
  const std::optional<Sha256Digest> digest = digest_of_secret(secret);
  if (!digest) return std::optional<Principal>();
  if (std::optional<Principal> principal = state_->recall(*digest)) return principal;

  uint64_t generation = 0;
  {
    const std::lock_guard lock(state_->mutex);
    generation = state_->generation;
  }
  std::optional<Remembered> found = PACS_TRY(state_->look_up(*digest));
  if (!found) return std::optional<Principal>();
  std::optional<Principal> principal = found->principal;
  state_->remember(std::move(*found), generation);
  return principal;
}

std::optional<Principal> TokenVerifier::find_remembered(std::string_view secret) {
  const std::optional<Sha256Digest> digest = digest_of_secret(secret);
  return digest ? state_->recall(*digest) : std::nullopt;
}

void TokenVerifier::forget(int64_t token_id) {
  const std::lock_guard lock(state_->mutex);
  ++state_->generation;
  for (auto entry = state_->by_age.begin(); entry != state_->by_age.end();) {
    if (entry->token_id == token_id) {
      state_->by_digest.erase(entry->digest);
      entry = state_->by_age.erase(entry);
    } else {
      ++entry;
    }
  }
}

void TokenVerifier::write_uses() {
  std::map<int64_t, UnixMillis> uses;
  {
    const std::lock_guard lock(state_->mutex);
    uses.swap(state_->uses);
  }
  for (const auto& [token_id, used_at] : uses) {
    const Result<void> written = state_->tokens.touch(token_id, used_at);
    // A share link may have gone with its study meanwhile.
    if (written || written.error().code == ErrorCode::not_found) continue;
    log_warning("token_use_not_written",
                {{"token", token_id}, {"error", to_string(written.error())}});
  }
}

}  // namespace pacs::access
