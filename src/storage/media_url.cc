#include "storage/media_url.h"

#include <algorithm>
#include <optional>

#include "core/text.h"

namespace pacs::storage {
namespace {

// The first line of what is signed: another use of the same secret can never be taken for this one.
constexpr std::string_view kDomain = "pacs-lite-media-url-v1";
constexpr size_t kKeyIdCharactersMax = 32;
constexpr size_t kExpiryDigitsMax = 12;  // the year 33658
constexpr size_t kQueryBytesMax = 512;   // ours have about 100; no need to look at more

// One text for all that can be wrong, so that a guess teaches nothing.
Error link_refused() {
  return permission_denied("link_refused", "this link is not valid or has expired");
}

bool is_unreserved(char c) {  // RFC 3986 2.3
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string signature_of(Bytes secret, std::string_view raw_path, std::string_view expires,
                         std::string_view key_id) {
  std::string text(kDomain);
  for (const std::string_view line : {std::string_view("GET"), raw_path, expires, key_id}) {
    text.append("\n").append(line);
  }
  return to_base64url(hmac_sha256(secret, as_bytes(text)).bytes);
}

// The three parameters as they came, each present once and nothing else.
struct LinkParameters {
  std::optional<std::string_view> expires;
  std::optional<std::string_view> key_id;
  std::optional<std::string_view> signature;
};

std::optional<LinkParameters> parse_query(std::string_view raw_query) {
  if (raw_query.size() > kQueryBytesMax) return std::nullopt;
  LinkParameters parameters;
  for (const std::string_view pair : split(raw_query, '&')) {
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = pair.substr(0, equals);
    std::optional<std::string_view>* place = name == "expires"     ? &parameters.expires
                                             : name == "kid"       ? &parameters.key_id
                                             : name == "signature" ? &parameters.signature
                                                                   : nullptr;
    if (place == nullptr || place->has_value()) return std::nullopt;
    *place = pair.substr(equals + 1);
  }
  if (!parameters.expires || !parameters.key_id || !parameters.signature) return std::nullopt;
  if (parameters.expires->size() > kExpiryDigitsMax ||
      parameters.key_id->size() > kKeyIdCharactersMax) {
    return std::nullopt;
  }
  return parameters;
}

// A line more in what is signed would shift the fields.
bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const std::optional<ByteVector> byte = from_hex(text.substr(i + 1, 2));
    // An encoded "/" is no separator: a path has one spelling.
    if (!byte || byte->size() != 1 || (*byte)[0] == std::byte{'/'}) return std::nullopt;
    decoded += static_cast<char>((*byte)[0]);
    i += 2;
  }
  return decoded;
}

}  // namespace

std::string percent_encode_path(std::string_view path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(path.size());
  for (const char c : path) {
    if (is_unreserved(c) || c == '/') {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4U];
    encoded += kDigits[byte & 0xfU];
  }
  return encoded;
}

Result<MediaUrl> MediaUrl::create(std::string media_url, const SigningKeys& keys,
                                  const Clock& clock) {
  const Error bad = invalid_argument(
      "bad_media_url",
      "MEDIA_URL is a path like /media/ or an http(s) URL, ends in / and has no query");
  std::string origin;
  std::string path = std::move(media_url);
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!path.starts_with(scheme)) continue;
    const size_t slash = path.find('/', scheme.size());
    if (slash == std::string::npos || slash == scheme.size()) return bad;
    origin = path.substr(0, slash);
    path.erase(0, slash);
  }
  if (!path.starts_with('/') || !path.ends_with('/') || path.starts_with("//") ||
      path.find_first_of("?# ") != std::string::npos || has_control_characters(path)) {
    return bad;
  }
  return MediaUrl(std::move(origin), std::move(path), keys, clock);
}

Result<std::string> MediaUrl::sign(const ObjectKey& key, UnixMillis expires_at,
                                   const SignOptions& /*options*/) const {
  PACS_TRY(life_seconds(expires_at, clock_->now()));
  const SigningKey signing_key = keys_->current();
  const std::string path = path_prefix_ + percent_encode_path(key.str());
  const std::string expires = std::to_string(expires_at / 1000);
  return origin_ + path + "?expires=" + expires + "&kid=" + signing_key.id +
         "&signature=" + signature_of(signing_key.secret, path, expires, signing_key.id);
}

Result<void> MediaUrl::verify(std::string_view method, std::string_view raw_path,
                              std::string_view raw_query) const {
  if (method != "GET" && method != "HEAD") return link_refused();
  const std::optional<LinkParameters> parameters = parse_query(raw_query);
  if (!parameters || has_control_characters(raw_path)) return link_refused();

  const std::optional<SigningKey> key = keys_->find_valid(*parameters->key_id);
  // An unknown key costs the same time as a known one.
  const ByteVector secret = key ? key->secret : ByteVector(SigningKeys::kSecretBytes);
  const std::string expected =
      signature_of(secret, raw_path, *parameters->expires, *parameters->key_id);
  const bool is_ours = equal_in_constant_time(as_bytes(expected), as_bytes(*parameters->signature));
  if (!key || !is_ours) return link_refused();

  // Only now is anything of it looked at.
  const std::optional<uint64_t> expires = parse_unsigned(*parameters->expires);
  if (!expires || clock_->now() >= static_cast<int64_t>(*expires) * 1000) return link_refused();
  return {};
}

Result<ObjectKey> MediaUrl::key_of(std::string_view raw_path) const {
  if (raw_path.starts_with(path_prefix_)) {
    const std::optional<std::string> path = percent_decode(raw_path.substr(path_prefix_.size()));
    std::optional<ObjectKey> key = path ? ObjectKey::parse(*path) : std::nullopt;
    if (key) return std::move(*key);
  }
  return not_found("no_such_blob", "there is no stored object under this path");
}

}  // namespace pacs::storage
