// What the bytes of a blob do not tell and must travel with them (order, uploader, SHA-256, time
// received …): an ordered map from names to text. The same on every backend, see
// docs/design/keys.md for the names in use and for how a backend keeps them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace pacs::storage {

// A value: copy it, compare it, hand it to another thread.
class BlobAttributes {
 public:
  static constexpr size_t kNameBytesMax =
      64;  // a header of S3 has room for far more; a name has not
  // What an image of any kind needs stays far below; what does not fit the extended attribute of
  // ext4 (4 kB) goes into a file of its own.
  static constexpr size_t kSizeBytesMax = 64 * 1024;

  using Map = std::map<std::string, std::string, std::less<>>;

  // A name is a lower-case letter, then lower-case letters, digits, "_" and "-". A value is UTF-8
  // without a zero byte. Replaces the value that a name has. `invalid_argument` (reason
  // "bad_attribute_name", "bad_attribute_value", or "attributes_too_large" when the whole would
  // pass kSizeBytesMax as JSON): nothing is changed then.
  [[nodiscard]] Result<void> set(std::string_view name, std::string_view value);
  void erase(std::string_view name);

  // nullptr when there is none; valid until the next change.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  [[nodiscard]] const Map& all() const { return values_; }
  [[nodiscard]] bool empty() const { return values_.empty(); }

  // One JSON object of strings, names in byte order, without spaces: equal attributes are equal
  // text.
  [[nodiscard]] std::string to_json() const;
  // `corrupt` (reason "bad_attributes") for anything that to_json() cannot have written.
  [[nodiscard]] static Result<BlobAttributes> from_json(std::string_view json);

  friend bool operator==(const BlobAttributes&, const BlobAttributes&) = default;

 private:
  Map values_;
  size_t size_bytes_ = 2;  // of to_json()
};

}  // namespace pacs::storage
