#include "access/receipts.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "access/private_file.h"
#include "core/file.h"
#include "core/json_value.h"
#include "core/json_writer.h"
#include "core/text.h"

namespace pacs::access {
namespace {

constexpr std::string_view kVersionLine = "pacs-lite-receipt-v1";
constexpr size_t kSeedBytes = 32;  // RFC 8032 5.1.5
constexpr size_t kKeyFileBytesMax = 256;
constexpr unsigned kKeyFileMode = 0600;
constexpr size_t kArchiveIdSizeMax = 64;
constexpr size_t kKeyIdDigits = 16;  // to tell an archive's few keys apart, not to trust one
constexpr size_t kReceiptBytesMax = 16 * 1024;

bool is_archive_id(std::string_view text) {
  return !text.empty() && text.size() <= kArchiveIdSizeMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-';
         });
}

std::string_view first_line(std::string_view text) {
  return trim(text.substr(0, text.find_first_of("\r\n")));
}

Error bad_receipt(std::string_view why) { return invalid_argument("bad_receipt", why); }

Result<std::string> text_of(const JsonValue& json, std::string_view name) {
  const JsonValue* member = json.find(name);
  if (member == nullptr || member->as_string() == nullptr) {
    return bad_receipt("the receipt has no text '" + std::string(name) + "'");
  }
  return *member->as_string();
}

Error not_a(std::string_view name) {
  return bad_receipt("the receipt's '" + std::string(name) + "' is not written as a receipt's is");
}

// Only the one spelling that canonical_text() writes is taken, so that what a reader sees is what
// was signed.
Result<Receipt> parse_fields(const JsonValue& json) {
  const std::string image_uuid_text = PACS_TRY(text_of(json, "image_uuid"));
  const std::string image_uid_text = PACS_TRY(text_of(json, "image_uid"));
  const std::string sha256_text = PACS_TRY(text_of(json, "sha256"));
  const std::string file_key_text = PACS_TRY(text_of(json, "file_key"));
  const std::string archive_id = PACS_TRY(text_of(json, "archive_id"));
  const std::string stored_at_text = PACS_TRY(text_of(json, "stored_at"));

  const auto image_uuid = Uuid::parse(image_uuid_text);
  if (!image_uuid || image_uuid->str() != image_uuid_text) return not_a("image_uuid");
  const auto image_uid = dicom::SopInstanceUid::parse(image_uid_text);
  if (!image_uid || image_uid->str() != image_uid_text) return not_a("image_uid");
  const auto sha256 = Sha256Digest::from_hex(sha256_text);
  if (!sha256 || sha256->hex() != sha256_text) return not_a("sha256");
  const auto file_key = ObjectKey::parse(file_key_text);
  if (!file_key || file_key->str() != file_key_text) return not_a("file_key");
  const auto stored_at = from_rfc3339(stored_at_text);
  if (!stored_at || to_rfc3339(*stored_at) != stored_at_text) return not_a("stored_at");
  if (!is_archive_id(archive_id)) return not_a("archive_id");
  const JsonValue* size_member = json.find("file_size");
  const auto file_size = size_member == nullptr ? std::nullopt : size_member->as_int64();
  if (!file_size || *file_size < 0) return not_a("file_size");
  return Receipt{*image_uuid, *image_uid, *sha256, *file_size, *file_key, archive_id, *stored_at};
}

Result<ByteVector> read_or_make_seed(const std::string& path, Random& random) {
  Result<std::string> text = read_private_file(path, PrivateTo::owner, kKeyFileBytesMax);
  if (text) {
    std::optional<ByteVector> seed = from_base64url(first_line(*text));
    if (seed && seed->size() == kSeedBytes) return std::move(*seed);
  } else if (text.error().code == ErrorCode::not_found) {
    ByteVector seed(kSeedBytes);
    random.fill(seed);
    PACS_TRY(replace_file(path, as_bytes(to_base64url(seed) + "\n"), kKeyFileMode));
    return seed;
  } else if (text.error().code != ErrorCode::resource_exhausted) {
    return std::move(text).error();
  }
  // Never replaced in silence: receipts that clients hold were signed with it.
  return corrupt("bad_receipt_key",
                 "the file receipt-key in the data folder is not a key; restore it from a backup, "
                 "or remove it to begin with a new key");
}

}  // namespace

std::string canonical_text(const Receipt& receipt) {
  std::string text(kVersionLine);
  const auto line = [&text](std::string_view name, std::string_view value) {
    text += '\n';
    text += name;
    text += '=';
    text += value;
  };
  line("image_uuid", receipt.image_uuid.str());
  line("image_uid", receipt.image_uid.str());
  line("sha256", receipt.sha256.hex());
  line("file_size", std::to_string(receipt.file_size));
  line("file_key", receipt.file_key.str());
  line("archive_id", receipt.archive_id);
  line("stored_at", to_rfc3339(receipt.stored_at));
  text += '\n';
  return text;
}

std::string receipt_key_id(const ReceiptPublicKey& public_key) {
  return sha256(public_key).hex().substr(0, kKeyIdDigits);
}

Result<ReceiptPublicKey> parse_receipt_public_key(std::string_view text) {
  const std::optional<ByteVector> bytes = from_base64url(first_line(text));
  ReceiptPublicKey key{};
  if (!bytes || bytes->size() != key.size()) {
    return invalid_argument("bad_public_key", "a receipt's public key is 32 bytes as base64url");
  }
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

ReceiptSigner::ReceiptSigner(Ed25519Key key, std::string archive_id)
    : key_(std::move(key)),
      archive_id_(std::move(archive_id)),
      public_key_(key_.public_key()),
      key_id_(receipt_key_id(public_key_)) {}

Result<ReceiptSigner> ReceiptSigner::open(const std::string& data_folder, std::string archive_id,
                                          Random& random) {
  if (!is_archive_id(archive_id)) {
    return invalid_argument("bad_archive_id", "an archive's id has letters, digits and hyphens");
  }
  const ByteVector seed =
      PACS_TRY(read_or_make_seed(data_folder + "/" + std::string(kKeyFile), random));
  return ReceiptSigner(PACS_TRY(Ed25519Key::from_seed(seed)), std::move(archive_id));
}

std::string ReceiptSigner::public_key_text() const { return to_base64url(public_key_); }

// What is signed begins as no receipt does, and the signature is never shown.
Sha256Digest ReceiptSigner::secret_for(std::string_view purpose) const {
  return sha256(key_.sign(as_bytes("pacs-lite-secret-v1\n" + std::string(purpose))));
}

std::string ReceiptSigner::to_json(Receipt receipt) const {
  receipt.archive_id = archive_id_;
  const auto signature = key_.sign(as_bytes(canonical_text(receipt)));
  JsonWriter json;
  json.begin_object();
  json.member("image_uuid", receipt.image_uuid.str());
  json.member("image_uid", receipt.image_uid.str());
  json.member("sha256", receipt.sha256.hex());
  json.member("file_size", receipt.file_size);
  json.member("file_key", receipt.file_key.str());
  json.member("archive_id", receipt.archive_id);
  json.member("stored_at", to_rfc3339(receipt.stored_at));
  json.member("key_id", key_id_);
  json.member("signature", to_base64url(signature));
  json.end_object();
  return json.take();
}

Result<Receipt> verify_receipt(std::string_view json, const ReceiptPublicKey& public_key) {
  if (json.size() > kReceiptBytesMax) return bad_receipt("too large for a receipt");
  const Result<JsonValue> parsed = JsonValue::parse(json);
  if (!parsed || !parsed->is_object()) return bad_receipt("a receipt is a JSON object");
  Receipt receipt = PACS_TRY(parse_fields(*parsed));
  const std::optional<ByteVector> signature =
      from_base64url(PACS_TRY(text_of(*parsed, "signature")));
  if (!signature) return not_a("signature");
  if (!ed25519_verify(public_key, as_bytes(canonical_text(receipt)), *signature)) {
    return corrupt("bad_signature",
                   "the receipt was changed, or another archive's key has signed it");
  }
  return receipt;
}

}  // namespace pacs::access
