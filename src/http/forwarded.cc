#include "http/forwarded.h"

#include <algorithm>
#include <string_view>

#include "core/text.h"
#include "http/uri.h"

namespace pacs::http {
namespace {

struct Hop {
  std::optional<IpAddress> address;
  std::string scheme;
  std::string host;
};

// "192.0.2.1", "192.0.2.1:4711", "[2001:db8::1]:4711"; nothing for "unknown" and "_hidden".
std::optional<IpAddress> parse_node(std::string_view text) {
  if (const auto address = IpAddress::parse(text)) return address;
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !parse_unsigned(text.substr(colon + 1))) {
    return std::nullopt;
  }
  return IpAddress::parse(text.substr(0, colon));
}

std::string_view without_quotes(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

std::vector<Hop> hops_of_x_forwarded(const Headers& headers) {
  std::vector<Hop> hops;
  for (const std::string& node : headers.list("X-Forwarded-For")) {
    hops.push_back({parse_node(node), {}, {}});
  }
  if (hops.empty()) hops.emplace_back();
  const auto schemes = headers.list("X-Forwarded-Proto");
  const auto hosts = headers.list("X-Forwarded-Host");
  // Only the nearest proxy's word counts, which is the last one.
  if (!schemes.empty()) hops.back().scheme = to_lower(schemes.back());
  if (!hosts.empty()) hops.back().host = hosts.back();
  return hops;
}

// Forwarded: for=192.0.2.60;proto=https;host=pacs.example, for="[2001:db8::1]:4711"
std::vector<Hop> hops_of_forwarded(const Headers& headers) {
  std::vector<Hop> hops;
  for (const std::string& element : headers.list("Forwarded")) {
    Hop hop;
    for (const std::string& pair : split_outside_quotes(element, ';')) {
      const size_t equals = pair.find('=');
      if (equals == std::string::npos) continue;
      const std::string name = to_lower(trim(std::string_view(pair).substr(0, equals)));
      const std::string_view value =
          without_quotes(trim(std::string_view(pair).substr(equals + 1)));
      if (name == "for") hop.address = parse_node(value);
      if (name == "proto") hop.scheme = to_lower(value);
      if (name == "host") hop.host = value;
    }
    hops.push_back(std::move(hop));
  }
  return hops;
}

}  // namespace

ClientOrigin client_origin(const ClientOrigin& direct, const Headers& headers,
                           const std::vector<AddressBlock>& trusted) {
  if (!direct.address || !contains(trusted, *direct.address)) return direct;
  const bool has_x_forwarded = headers.contains("X-Forwarded-For") ||
                               headers.contains("X-Forwarded-Proto") ||
                               headers.contains("X-Forwarded-Host");
  const std::vector<Hop> hops =
      has_x_forwarded ? hops_of_x_forwarded(headers) : hops_of_forwarded(headers);
  ClientOrigin origin = direct;
  if (hops.empty()) return origin;
  const Hop& nearest = hops.back();
  if (nearest.scheme == "http" || nearest.scheme == "https") origin.scheme = nearest.scheme;
  if (is_host(nearest.host)) origin.host = nearest.host;
  const bool names_clients = headers.contains("X-Forwarded-For") || !has_x_forwarded;
  if (!names_clients) return origin;
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    origin.address = hop->address;
    if (!hop->address || !contains(trusted, *hop->address)) break;
  }
  return origin;
}

}  // namespace pacs::http
