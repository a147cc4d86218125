// The spellings of values that operators use. Pure functions: nothing where a text is none of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pacs {

// As Django people write them: True, False, true, 1, 0, yes, no, on, off, t, f, y, n.
[[nodiscard]] std::optional<bool> parse_boolean_setting(std::string_view text);

// 0640, 640 and Python's 0o640 are the same; at most 07777.
[[nodiscard]] std::optional<unsigned> parse_octal_mode(std::string_view text);

// Shown as four octal digits: 0640, 2750.
[[nodiscard]] std::string octal_mode_text(unsigned mode);

// "4294967296", "500 MB" (10^6), "4 GiB" (2^30); from B to TB and TiB, in either case. A bare
// "4G" is not taken, because half of the programs mean the one and half the other.
[[nodiscard]] std::optional<uint64_t> parse_byte_size(std::string_view text);

// Pieces between commas and spaces; a Python or JSON list's brackets and quotes around are dropped,
// except for single quotes within (CSP's 'self').
[[nodiscard]] std::vector<std::string> parse_list_setting(std::string_view text);

struct HostAndPort {
  std::string host;  // without brackets
  uint16_t port = 0;
};
// "127.0.0.1:8042", "[::1]:8042", "localhost:0".
[[nodiscard]] std::optional<HostAndPort> parse_host_and_port(std::string_view text);

// What stands in an http or https URL without user, query and fragment.
struct WebAddress {
  std::string scheme;  // lower case
  std::string host;    // lower case, brackets kept
  std::string port;    // digits, or empty
  std::string path;    // empty, or begins with "/"
};
[[nodiscard]] std::optional<WebAddress> parse_web_address(std::string_view text);

// A path as it may stand in a URL prefix: "/" first, no "//", no "." or ".." segment, and none but
// the characters that need no escape.
[[nodiscard]] bool is_plain_url_path(std::string_view path);

}  // namespace pacs
