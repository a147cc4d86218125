#include "storage/signing_keys.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/json_value.h"
#include "core/json_writer.h"
#include "storage/url_signer.h"

namespace pacs::storage {
namespace {

constexpr uint64_t kKeyFileBytesMax = 64 * 1024;
constexpr unsigned kKeyFileMode = 0600;
constexpr int64_t kFileVersion = 1;
constexpr size_t kIdCharacters = 12;
// A link ends at a whole second, and clocks of requests in flight differ: a minute covers both.
constexpr int64_t kValidAfterRotationMillis = (UrlSigner::kLifeSecondsMax + 60) * 1000;
// Who rotates more often than that in a week means to drop the old ones.
constexpr size_t kKeysMax = 64;

Error bad_file() {
  return corrupt("bad_signing_keys",
                 "the file of the URL signing keys cannot be read; move it away to start with new "
                 "keys, which ends all links that were handed out");
}

std::optional<SigningKey> parse_key(const JsonValue& value) {
  const JsonValue* id = value.find("kid");
  const JsonValue* secret = value.find("secret");
  const JsonValue* created_at = value.find("created_at");
  const JsonValue* valid_until = value.find("valid_until");
  if (id == nullptr || id->as_string() == nullptr || id->as_string()->size() != kIdCharacters ||
      secret == nullptr || secret->as_string() == nullptr || created_at == nullptr ||
      !created_at->as_int64() || valid_until == nullptr) {
    return std::nullopt;
  }
  const std::optional<ByteVector> bytes = from_base64url(*secret->as_string());
  if (!bytes || bytes->size() != SigningKeys::kSecretBytes) return std::nullopt;
  if (!valid_until->is_null() && !valid_until->as_int64()) return std::nullopt;
  return SigningKey{*id->as_string(), *bytes, *created_at->as_int64(), valid_until->as_int64()};
}

// The current key first. Nothing when the text is not what to_json() writes.
std::optional<std::vector<SigningKey>> parse_keys(std::string_view text) {
  const Result<JsonValue> value = JsonValue::parse(text);
  if (!value) return std::nullopt;
  const JsonValue* version = value->find("version");
  const JsonValue* list = value->find("keys");
  if (version == nullptr || version->as_int64() != kFileVersion || list == nullptr ||
      list->as_array() == nullptr || list->as_array()->empty()) {
    return std::nullopt;
  }
  std::vector<SigningKey> keys;
  for (const JsonValue& item : *list->as_array()) {
    std::optional<SigningKey> key = parse_key(item);
    // Just the first one signs.
    if (!key || keys.empty() == key->valid_until.has_value()) return std::nullopt;
    keys.push_back(std::move(*key));
  }
  return keys;
}

std::string to_json(const std::vector<SigningKey>& keys) {
  JsonWriter writer;
  writer.begin_object();
  writer.member("version", kFileVersion);
  writer.key("keys");
  writer.begin_array();
  for (const SigningKey& key : keys) {
    writer.begin_object();
    writer.member("kid", key.id);
    writer.member("secret", to_base64url(key.secret));
    writer.member("created_at", key.created_at);
    writer.member("valid_until", key.valid_until);
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  return writer.take() + "\n";
}

SigningKey make_key(Random& random, UnixMillis now) {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::array<std::byte, kIdCharacters> id_bytes{};
  random.fill(id_bytes);
  SigningKey key;
  for (const std::byte byte : id_bytes) {
    key.id += kAlphabet[std::to_integer<size_t>(byte) % kAlphabet.size()];
  }
  key.secret.resize(SigningKeys::kSecretBytes);
  random.fill(key.secret);
  key.created_at = now;
  return key;
}

bool is_valid_at(const SigningKey& key, UnixMillis now) {
  return !key.valid_until || now < *key.valid_until;
}

}  // namespace

struct SigningKeys::State {
  State(std::string file_path, const Clock& time, Random& source)
      : path(std::move(file_path)), clock(time), random(source) {}

  const std::string path;
  const Clock& clock;
  Random& random;
  std::mutex rotation;  // one at a time

  std::mutex mutex;
  std::vector<SigningKey> keys;  // guarded by mutex; the current one first
};

SigningKeys::SigningKeys(std::unique_ptr<State> state) : state_(std::move(state)) {}
SigningKeys::~SigningKeys() = default;

Result<std::unique_ptr<SigningKeys>> SigningKeys::open(std::string path, const Clock& clock,
                                                       Random& random) {
  std::unique_ptr<SigningKeys> keys(
      new SigningKeys(std::make_unique<State>(std::move(path), clock, random)));
  State& state = *keys->state_;
  const Result<UniqueFd> file =
      open_file(state.path, O_RDONLY | O_NOFOLLOW, 0, "opening the file of the URL signing keys");
  if (!file && file.error().code == ErrorCode::not_found) {
    state.keys.push_back(make_key(random, clock.now()));
    PACS_TRY(replace_file(state.path, as_bytes(to_json(state.keys)), kKeyFileMode));
    return keys;
  }
  if (!file) return file.error();
  struct ::stat status {};
  if (::fstat(file->get(), &status) != 0) return bad_file();
  if ((status.st_mode & 0077) != 0) {
    return permission_denied("signing_keys_exposed",
                             "others than the owner may use the file of the URL signing keys: set "
                             "its mode to 0600 and rotate the keys");
  }
  std::string text(kKeyFileBytesMax, '\0');
  text.resize(PACS_TRY(read_at(file->get(), 0, std::as_writable_bytes(std::span(text)))));
  std::optional<std::vector<SigningKey>> parsed = parse_keys(text);
  if (!parsed) return bad_file();
  state.keys = std::move(*parsed);
  return keys;
}

SigningKey SigningKeys::current() const {
  const std::lock_guard lock(state_->mutex);
  return state_->keys.front();
}

std::optional<SigningKey> SigningKeys::find_valid(std::string_view id) const {
  const UnixMillis now = state_->clock.now();
  const std::lock_guard lock(state_->mutex);
  for (const SigningKey& key : state_->keys) {
    if (key.id == id && is_valid_at(key, now)) return key;
  }
  return std::nullopt;
}

size_t SigningKeys::count() const {
  const std::lock_guard lock(state_->mutex);
  return state_->keys.size();
}

Result<void> SigningKeys::rotate(OldKeys old_keys) {
  const std::lock_guard one_at_a_time(state_->rotation);
  const UnixMillis now = state_->clock.now();
  std::vector<SigningKey> keys = {make_key(state_->random, now)};
  if (old_keys == OldKeys::valid_until_links_expire) {
    const std::lock_guard lock(state_->mutex);
    for (SigningKey key : state_->keys) {
      if (!key.valid_until) key.valid_until = now + kValidAfterRotationMillis;
      if (is_valid_at(key, now)) keys.push_back(std::move(key));
    }
  }
  if (keys.size() > kKeysMax) {
    return resource_exhausted("too_many_signing_keys",
                              "too many URL signing keys are still valid: rotate less often, or "
                              "drop the old ones now");
  }
  PACS_TRY(replace_file(state_->path, as_bytes(to_json(keys)), kKeyFileMode));
  const std::lock_guard lock(state_->mutex);
  state_->keys = std::move(keys);
  return {};
}

}  // namespace pacs::storage
