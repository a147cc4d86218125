// The proof that lets a client delete its only copy: seven facts about a stored image and an
// Ed25519 signature over them (docs/design/receipt.md shows the signed text byte by byte).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/object_key.h"
#include "core/result.h"
#include "core/uuid.h"
#include "index/image_record.h"

namespace pacs::access {

struct Receipt {
  Uuid image_uuid;
  dicom::SopInstanceUid image_uid;
  Sha256Digest sha256;
  int64_t file_size = 0;
  ObjectKey file_key;
  std::string archive_id;  // letters, digits and hyphens
  UnixMillis stored_at = 0;
};

// Exactly what is signed: a version line, then one `name=value` line for each field, each ended by
// a line feed.
[[nodiscard]] std::string canonical_text(const Receipt& receipt);

// The 32 bytes as base64url, and the 16 hexadecimal digits by which people tell keys apart.
using ReceiptPublicKey = std::array<std::byte, 32>;
[[nodiscard]] std::string receipt_key_id(const ReceiptPublicKey& public_key);
// Base64url of 32 bytes, also with a line end behind it. invalid_argument/bad_public_key.
[[nodiscard]] Result<ReceiptPublicKey> parse_receipt_public_key(std::string_view text);

// Any thread.
class ReceiptSigner {
 public:
  static constexpr std::string_view kKeyFile = "receipt-key";  // in the data folder, 0600

  // Reads the key in `data_folder`, or makes one, durably. `archive_id` goes into each receipt.
  // Errors: `corrupt` (reason "bad_receipt_key") when the file is not a key; permission_denied
  // (reason "secret_exposed") when others than its owner may read or write it;
  // invalid_argument/bad_archive_id; those of the file system.
  [[nodiscard]] static Result<ReceiptSigner> open(const std::string& data_folder,
                                                  std::string archive_id, Random& random);

  [[nodiscard]] const ReceiptPublicKey& public_key() const { return public_key_; }
  [[nodiscard]] std::string public_key_text() const;  // base64url
  [[nodiscard]] const std::string& key_id() const { return key_id_; }
  [[nodiscard]] const std::string& archive_id() const { return archive_id_; }

  // A secret of the archive's own, always the same for the same purpose: nobody without the key can
  // make it, and it says nothing of the key.
  [[nodiscard]] Sha256Digest secret_for(std::string_view purpose) const;

  // The receipt as a JSON object: the seven fields, `key_id`, `signature` (base64url). The
  // archive's own id takes the place of the receipt's. Ed25519 is deterministic: the same receipt
  // is the same text.
  [[nodiscard]] std::string to_json(Receipt receipt) const;

 private:
  ReceiptSigner(Ed25519Key key, std::string archive_id);

  Ed25519Key key_;
  std::string archive_id_;
  ReceiptPublicKey public_key_;
  std::string key_id_;
};

// Reads a receipt and checks its signature. Members that are not signed are ignored, and not
// returned. Errors: invalid_argument (reason "bad_receipt") when it is not a receipt, with what is
// missing; `corrupt` (reason "bad_signature") when it was not signed by this key, or was changed.
[[nodiscard]] Result<Receipt> verify_receipt(std::string_view json,
                                             const ReceiptPublicKey& public_key);

}  // namespace pacs::access
