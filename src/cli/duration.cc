#include "cli/duration.h"

#include <cstdint>

#include "core/text.h"

namespace pacs::cli {
namespace {

constexpr uint64_t kSecondsMax = uint64_t{100} * 366 * 24 * 3600;

uint64_t seconds_of_unit(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 24 * 3600;
    case 'w':
      return 7 * 24 * 3600;
    default:
      return 0;
  }
}

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  uint64_t unit = 1;
  if (text.back() < '0' || text.back() > '9') {
    unit = seconds_of_unit(text.back());
    text.remove_suffix(1);
  }
  const std::optional<uint64_t> number = parse_unsigned(text);
  if (unit == 0 || !number || *number > kSecondsMax / unit) return std::nullopt;
  return std::chrono::seconds(*number * unit);
}

Error bad_duration(std::string_view option, std::string_view text) {
  return invalid_argument("bad_option", std::string(option) + " '" + std::string(text) +
                                            "' is not a time such as 90s, 30m, 12h or 7d");
}

}  // namespace pacs::cli
