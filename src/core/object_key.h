// The name of a stored object, the same on every backend (docs/design/keys.md):
//   radiology/{study_uid}/{series_uid}/{image_uid}/{filename}
// A key is a relative path that can be used as it is: no part is empty, "." or "..", starts with a
// dot, or holds a separator, a control character or a byte that is not UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/named_string.h"

namespace pacs {

class ObjectKey : public NamedString<ObjectKey> {
 public:
  static constexpr std::string_view kRoot = "radiology";
  static constexpr size_t kSizeBytesMax = 1024;     // the limit of S3
  static constexpr size_t kPartSizeBytesMax = 255;  // the limit of ext4 and XFS
  static constexpr size_t kFilenameBytesMax = 200;  // what a new key may use

  // Takes any key in the layout, also those that an adopted tree brought along.
  [[nodiscard]] static std::optional<ObjectKey> parse(std::string_view text);

  // The UIDs are taken as they are and must have passed their own grammar; `filename` must have
  // been through safe_filename().
  [[nodiscard]] static ObjectKey make(std::string_view study_uid, std::string_view series_uid,
                                      std::string_view image_uid, std::string_view filename);

  // The five parts, root first; views into the key.
  [[nodiscard]] std::vector<std::string_view> parts() const;

 private:
  explicit ObjectKey(std::string text) : NamedString(std::move(text)) {}
};

// A client's file name made safe as the last part of a key: the part behind the last separator is
// not guessed at, every one of / \ : * ? " < > |, control characters and spaces becomes "_", the
// rest is NFC, leading dots go, at most 200 bytes stay with the extension kept. Empty when nothing
// is left: the caller then names it after the image.
[[nodiscard]] std::string safe_filename(std::string_view filename);

}  // namespace pacs
