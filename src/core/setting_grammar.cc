#include "core/setting_grammar.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "core/text.h"

namespace pacs {
namespace {

constexpr unsigned kModeMax = 07777;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_host_character(char c) {
  return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
}

bool is_address_character(char c) { return is_digit(c) || is_letter(c) || c == ':' || c == '.'; }

bool is_host_text(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    return std::all_of(host.begin(), host.end(), is_address_character);
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), is_host_character);
}

std::optional<uint16_t> parse_port(std::string_view text) {
  const std::optional<uint64_t> number = parse_unsigned(text);
  if (!number || *number > std::numeric_limits<uint16_t>::max()) return std::nullopt;
  return static_cast<uint16_t>(*number);
}

// Cuts "host:port" and "[v6]:port"; the port is empty when there is none.
std::pair<std::string_view, std::string_view> cut_port(std::string_view authority) {
  const size_t bracket = authority.rfind(']');
  const size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) {
    return {authority, {}};
  }
  return {authority.substr(0, colon), authority.substr(colon + 1)};
}

std::string_view without_quotes(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

}  // namespace

std::optional<bool> parse_boolean_setting(std::string_view text) {
  const std::string word = to_lower(trim(text));
  for (const char* yes : {"true", "1", "yes", "on", "t", "y"}) {
    if (word == yes) return true;
  }
  for (const char* no : {"false", "0", "no", "off", "f", "n"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

std::optional<unsigned> parse_octal_mode(std::string_view text) {
  text = trim(text);
  if (text.starts_with("0o") || text.starts_with("0O")) text.remove_prefix(2);
  if (text.empty() || text.size() > 8) return std::nullopt;
  unsigned mode = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    mode = mode * 8 + static_cast<unsigned>(c - '0');
  }
  if (mode > kModeMax) return std::nullopt;
  return mode;
}

std::string octal_mode_text(unsigned mode) {
  std::string text;
  for (int shift = 9; shift >= 0; shift -= 3) {
    text += static_cast<char>('0' + ((mode >> shift) & 7));
  }
  return text;
}

std::optional<uint64_t> parse_byte_size(std::string_view text) {
  text = trim(text);
  const size_t digits =
      static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  const std::optional<uint64_t> number = parse_unsigned(text.substr(0, digits));
  if (!number) return std::nullopt;
  static constexpr std::array<std::pair<std::string_view, uint64_t>, 10> kUnits = {{
      {"", 1},
      {"b", 1},
      {"kb", 1'000},
      {"mb", 1'000'000},
      {"gb", 1'000'000'000},
      {"tb", 1'000'000'000'000},
      {"kib", uint64_t{1} << 10},
      {"mib", uint64_t{1} << 20},
      {"gib", uint64_t{1} << 30},
      {"tib", uint64_t{1} << 40},
  }};
  const std::string unit = to_lower(trim(text.substr(digits)));
  for (const auto& [name, bytes] : kUnits) {
    if (unit != name) continue;
    if (*number > std::numeric_limits<uint64_t>::max() / bytes) return std::nullopt;
    return *number * bytes;
  }
  return std::nullopt;
}

std::vector<std::string> parse_list_setting(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']' &&
      text.find(']') == text.size() - 1) {
    // '[::1]:80' and '[::1]' are addresses; a list's bracket is followed by a quote or closes at
    // once.
    const std::string_view inside = trim(text.substr(1, text.size() - 2));
    if (inside.empty() || inside.front() == '"') text = inside;
  }
  std::vector<std::string> pieces;
  std::string piece;
  const auto finish = [&] {
    const std::string_view bare = without_quotes(piece);
    if (!bare.empty()) pieces.emplace_back(bare);
    piece.clear();
  };
  for (const char c : text) {
    if (c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      finish();
    } else {
      piece += c;
    }
  }
  finish();
  return pieces;
}

std::optional<HostAndPort> parse_host_and_port(std::string_view text) {
  const auto [host, port_text] = cut_port(trim(text));
  const std::optional<uint16_t> port = parse_port(port_text);
  if (!port || !is_host_text(host)) return std::nullopt;
  const bool is_bracketed = host.front() == '[';
  return HostAndPort{std::string(is_bracketed ? host.substr(1, host.size() - 2) : host), *port};
}

std::optional<WebAddress> parse_web_address(std::string_view text) {
  const size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  WebAddress address;
  address.scheme = to_lower(text.substr(0, scheme_end));
  if (address.scheme != "http" && address.scheme != "https") return std::nullopt;
  const std::string_view rest = text.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const std::string_view path = rest.substr(authority.size());
  const auto [host, port] = cut_port(authority);
  if (!is_host_text(host)) return std::nullopt;
  if (authority.size() != host.size() && (!parse_port(port) || port == "0")) return std::nullopt;
  if (!path.empty() && !is_plain_url_path(path)) return std::nullopt;
  address.host = to_lower(host);
  address.port = std::string(port);
  address.path = std::string(path);
  return address;
}

bool is_plain_url_path(std::string_view path) {
  if (path.empty() || path.front() != '/') return false;
  static constexpr std::string_view kOther = "/-._~!$&'()*+,;=:@";
  for (const char c : path) {
    if (!is_letter(c) && !is_digit(c) && kOther.find(c) == std::string_view::npos) return false;
  }
  const std::vector<std::string_view> segments = split(path.substr(1), '/');
  for (size_t i = 0; i < segments.size(); ++i) {
    if (segments[i] == "." || segments[i] == "..") return false;
    if (segments[i].empty() && i + 1 != segments.size()) return false;
  }
  return true;
}

}  // namespace pacs
