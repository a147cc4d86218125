#include "access/roles.h"

#include <array>

#include "core/text.h"

namespace pacs::access {
namespace {

constexpr std::array<Role, 4> kAll = {Role::reader, Role::uploader, Role::admin, Role::metrics};

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::reader:
      return "reader";
    case Role::uploader:
      return "uploader";
    case Role::admin:
      return "admin";
    case Role::metrics:
      return "metrics";
  }
  return "unknown";
}

std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : kAll) {
    if (text == to_string(role)) return role;
  }
  return std::nullopt;
}

std::string Roles::str() const {
  std::string text;
  for (const Role role : kAll) {
    if (!has(role)) continue;
    if (!text.empty()) text += ',';
    text += to_string(role);
  }
  return text;
}

std::optional<Roles> Roles::parse(std::string_view text) {
  Roles roles;
  if (trim(text).empty()) return roles;
  for (const std::string_view word : split(text, ',')) {
    const std::optional<Role> role = parse_role(trim(word));
    if (!role) return std::nullopt;
    roles.add(*role);
  }
  return roles;
}

Roles Roles::parse_known(std::string_view text) {
  Roles roles;
  for (const std::string_view word : split(text, ',')) {
    if (const std::optional<Role> role = parse_role(trim(word))) roles.add(*role);
  }
  return roles;
}

}  // namespace pacs::access
