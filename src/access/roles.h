// What a principal was given the right to do, as a small set of words.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace pacs::access {

enum class Role : uint8_t {
  reader = 1,    // searches, views, hands out links
  uploader = 2,  // uploads, sees the state of its own uploads
  admin = 4,     // everything
  metrics = 8,   // reads the metrics, nothing else
};

// "reader", "uploader", "admin", "metrics".
[[nodiscard]] std::string_view to_string(Role role);
[[nodiscard]] std::optional<Role> parse_role(std::string_view text);

class Roles {
 public:
  constexpr Roles() = default;
  constexpr Roles(std::initializer_list<Role> roles) {
    for (const Role role : roles) add(role);
  }

  constexpr void add(Role role) {
    bits_ = static_cast<uint8_t>(bits_ | static_cast<uint8_t>(role));
  }
  constexpr void add(Roles roles) { bits_ = static_cast<uint8_t>(bits_ | roles.bits_); }
  [[nodiscard]] constexpr bool has(Role role) const {
    return (bits_ & static_cast<uint8_t>(role)) != 0;
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  friend constexpr bool operator==(const Roles&, const Roles&) = default;

  // "reader,uploader", in the order of the enumeration: what is stored with a token and shown.
  [[nodiscard]] std::string str() const;
  // The same with spaces allowed around commas; nothing when a word is no role. "" is no roles.
  [[nodiscard]] static std::optional<Roles> parse(std::string_view text);
  // For what others write (a proxy's header): words that are no role here grant nothing.
  [[nodiscard]] static Roles parse_known(std::string_view text);

 private:
  uint8_t bits_ = 0;
};

}  // namespace pacs::access
