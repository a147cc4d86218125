// The rules of the settings that need to know what an IP address is.
#pragma once

#include <vector>

#include "core/settings.h"
#include "http/address.h"

namespace pacs::cli {

// PACS_LITE_TRUSTED_PROXIES as blocks; a text that is none is a problem.
[[nodiscard]] std::vector<http::AddressBlock> read_trusted_proxies(const Settings& settings,
                                                                   SettingProblems& problems);

// Tokens and images must not cross a network in the clear: any address but the loopback's needs
// TLS, or a proxy that is named as trusted, which then has the TLS.
void check_listen_addresses(const Settings& settings, SettingProblems& problems);

// "127.0.0.1", "::1", "localhost".
[[nodiscard]] bool is_loopback_host(const std::string& host);

}  // namespace pacs::cli
