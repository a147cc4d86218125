// RFC 9562 identifiers, always shown as 36 lower-case characters.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/crypto.h"
#include "core/named_string.h"

namespace pacs {

class Uuid : public NamedString<Uuid> {
 public:
  // The 8-4-4-4-12 form in either case; nothing for anything else.
  [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);
  // Version 4, random (RFC 9562 5.4).
  [[nodiscard]] static Uuid random(Random& random);
  // Version 5: the same name in the same name space is the same UUID (RFC 9562 5.5).
  [[nodiscard]] static Uuid from_name(const Uuid& name_space, std::string_view name);

  [[nodiscard]] std::array<std::byte, 16> bytes() const;

 private:
  explicit Uuid(std::string text) : NamedString(std::move(text)) {}
  static Uuid from_bytes(std::array<std::byte, 16> bytes, unsigned version);
};

}  // namespace pacs
