#include "http/method.h"

#include <array>

namespace pacs::http {
namespace {
constexpr std::array<std::string_view, kMethodCount> kNames = {"GET",   "HEAD",   "POST",   "PUT",
                                                               "PATCH", "DELETE", "OPTIONS"};
}

std::string_view to_string(Method method) { return kNames[static_cast<size_t>(method)]; }

std::optional<Method> parse_method(std::string_view text) {
  for (size_t index = 0; index < kNames.size(); ++index) {
    if (kNames[index] == text) return static_cast<Method>(index);
  }
  return std::nullopt;
}

}  // namespace pacs::http
