#include "cli/network_rules.h"

#include <string>

#include <gtest/gtest.h>

namespace pacs::cli {
namespace {

Settings listening_on(const std::string& host) {
  Settings settings;
  settings.network.listen = {{host, 8042}};
  return settings;
}

TEST(NetworkRules, OnlyTheLoopbackMayBeBoundInTheClear) {
  for (const char* host : {"127.0.0.1", "127.9.9.9", "::1", "localhost", "LocalHost"}) {
    SettingProblems problems;
    check_listen_addresses(listening_on(host), problems);
    EXPECT_TRUE(problems.all().empty()) << host;
  }
  for (const char* host : {"0.0.0.0", "::", "10.0.0.5", "pacs.example", "128.0.0.1"}) {
    SettingProblems problems;
    check_listen_addresses(listening_on(host), problems);
    ASSERT_EQ(problems.all().size(), 1U) << host;
    EXPECT_EQ(problems.all()[0].name, "PACS_LITE_LISTEN");
    EXPECT_NE(problems.all()[0].text.find("PACS_LITE_TLS_CERTIFICATE"), std::string::npos);
  }
}

TEST(NetworkRules, TlsOrAStatedProxyOpensTheOthers) {
  Settings with_tls = listening_on("0.0.0.0");
  with_tls.network.tls = TlsSetting{"/c.pem", "/k.pem"};
  Settings behind_proxy = listening_on("0.0.0.0");
  behind_proxy.network.trusted_proxies = {"10.0.0.2"};
  for (const Settings& settings : {with_tls, behind_proxy}) {
    SettingProblems problems;
    check_listen_addresses(settings, problems);
    EXPECT_TRUE(problems.all().empty());
  }
}

TEST(NetworkRules, ProxiesAreAddressesOrBlocks) {
  Settings settings;
  settings.network.trusted_proxies = {"10.0.0.0/8", "::1", "192.0.2.1"};
  SettingProblems none;
  EXPECT_EQ(read_trusted_proxies(settings, none).size(), 3U);
  EXPECT_TRUE(none.all().empty());
  for (const char* text : {"10.0.0.0/33", "proxy.example", "10.0.0", "*"}) {
    settings.network.trusted_proxies = {text};
    SettingProblems problems;
    EXPECT_TRUE(read_trusted_proxies(settings, problems).empty());
    ASSERT_EQ(problems.all().size(), 1U) << text;
    EXPECT_NE(problems.all()[0].text.find(text), std::string::npos);
  }
}

TEST(NetworkRules, TheWholeInternetIsNoProxy) {
  Settings settings;
  for (const char* text :
       {"0.0.0.0/0", "::/0", "::ffff:0:0/96", "::/8", "0.0.0.0/1", "11.0.0.0/7", "8000::/1"}) {
    settings.network.trusted_proxies = {text};
    SettingProblems problems;
    EXPECT_TRUE(read_trusted_proxies(settings, problems).empty()) << text;
    ASSERT_EQ(problems.all().size(), 1U) << text;
    EXPECT_NE(problems.all()[0].text.find(text), std::string::npos);
  }
  settings.network.trusted_proxies = {"10.0.0.0/8", "fc00::/7", "2001:db8::/32"};
  SettingProblems none;
  EXPECT_EQ(read_trusted_proxies(settings, none).size(), 3U);
}

}  // namespace
}  // namespace pacs::cli
