// The keys that sign share links, from whoever keeps them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.h"

namespace pacs::access {

// Both may be called from any thread.
struct LinkKeys {
  struct Key {
    std::string id;
    ByteVector secret;
  };
  std::function<Key()> current;  // the one that signs
  // Nothing for a key that was dropped or is too old: what it signed is no longer good.
  std::function<std::optional<Key>(std::string_view id)> find_valid;
};

}  // namespace pacs::access
