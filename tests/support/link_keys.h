// Keys of share links for tests.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "access/link_keys.h"

namespace pacs::tests {

// One key that neither changes nor ends.
[[nodiscard]] inline access::LinkKeys fixed_link_keys() {
  const access::LinkKeys::Key key{"testkey", ByteVector(32, std::byte{7})};
  return {[key] { return key; },
          [key](std::string_view id) {
            return id == key.id ? std::optional<access::LinkKeys::Key>(key) : std::nullopt;
          }};
}

}  // namespace pacs::tests
