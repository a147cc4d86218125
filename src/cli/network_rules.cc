#include "cli/network_rules.h"

#include <optional>

#include "core/text.h"

namespace pacs::cli {

std::vector<http::AddressBlock> read_trusted_proxies(const Settings& settings,
                                                     SettingProblems& problems) {
  std::vector<http::AddressBlock> blocks;
  for (const std::string& text : settings.network.trusted_proxies) {
    const auto block = http::AddressBlock::parse(text);
    if (!block) {
      problems.error("PACS_LITE_TRUSTED_PROXIES",
                     "'" + text + "' is neither an address nor a block such as 10.0.0.0/8");
    } else if (block->is_wider_than_private()) {
      problems.error(
          "PACS_LITE_TRUSTED_PROXIES",
          "'" + text +
              "' holds more addresses than any private network: whoever has one of them "
              "could say in a forwarded header who he is. Name the address of the proxy");
    } else {
      blocks.push_back(*block);
    }
  }
  return blocks;
}

bool is_loopback_host(const std::string& host) {
  const std::optional<http::IpAddress> address = http::IpAddress::parse(host);
  return address ? address->is_loopback() : equals_ignoring_case(host, "localhost");
}

void check_listen_addresses(const Settings& settings, SettingProblems& problems) {
  const NetworkSettings& network = settings.network;
  if (network.tls || !network.trusted_proxies.empty()) return;
  for (const HostAndPort& address : network.listen) {
    if (is_loopback_host(address.host)) continue;
    problems.error(
        "PACS_LITE_LISTEN",
        "'" + address.host +
            "' can be reached from other machines, and tokens and "
            "images would cross the network in the clear: set PACS_LITE_TLS_CERTIFICATE and "
            "PACS_LITE_TLS_KEY, or name the proxy in front in PACS_LITE_TRUSTED_PROXIES");
  }
}

}  // namespace pacs::cli
