// Addresses, blocks of them, and who the client behind proxies is.
#include "http/address.h"

#include <gtest/gtest.h>

#include "http/cors.h"
#include "http/forwarded.h"

namespace pacs::http {
namespace {

std::vector<AddressBlock> blocks(std::initializer_list<const char*> texts) {
  std::vector<AddressBlock> result;
  for (const char* text : texts) result.push_back(*AddressBlock::parse(text));
  return result;
}

TEST(IpAddress, ParsesBothFamilies) {
  EXPECT_EQ(IpAddress::parse("192.0.2.1")->text(), "192.0.2.1");
  EXPECT_EQ(IpAddress::parse("[2001:DB8::1]")->text(), "2001:db8::1");
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1"), IpAddress::parse("192.0.2.1"));
  EXPECT_TRUE(IpAddress::parse("127.9.9.9")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  for (const char* wrong : {"", "1.2.3", "1.2.3.4:5", "[1.2.3.4]", "fe80::1%eth0", "a"}) {
    EXPECT_FALSE(IpAddress::parse(wrong)) << wrong;
  }
  EXPECT_FALSE(IpAddress::parse(std::string_view("10.0.0.1\0.example", 17)));
}

TEST(AddressBlock, Contains) {
  const auto inside = blocks({"10.0.0.0/9", "2001:db8::/33", "192.0.2.7"});
  for (const char* in : {"10.127.255.255", "2001:db8:7fff::1", "192.0.2.7", "::ffff:10.1.1.1"}) {
    EXPECT_TRUE(contains(inside, *IpAddress::parse(in))) << in;
  }
  for (const char* out : {"10.128.0.0", "2001:db8:8000::", "192.0.2.8", "11.0.0.0"}) {
    EXPECT_FALSE(contains(inside, *IpAddress::parse(out))) << out;
  }
  for (const char* wrong : {"10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "x/8"}) {
    EXPECT_FALSE(AddressBlock::parse(wrong)) << wrong;
  }
}

ClientOrigin from(const char* address) { return {IpAddress::parse(address), "http", "direct"}; }

TEST(Forwarded, IsBelievedFromTrustedProxiesAlone) {
  const Headers headers{{"X-Forwarded-For", "198.51.100.9"},
                        {"X-Forwarded-Proto", "https"},
                        {"X-Forwarded-Host", "pacs.example"}};
  const auto trusted = blocks({"10.0.0.0/8"});
  const auto stranger = client_origin(from("192.0.2.1"), headers, trusted);
  EXPECT_EQ(stranger.address->text(), "192.0.2.1");
  EXPECT_EQ(stranger.scheme, "http");
  EXPECT_EQ(stranger.host, "direct");
  const auto proxied = client_origin(from("10.0.0.1"), headers, trusted);
  EXPECT_EQ(proxied.address->text(), "198.51.100.9");
  EXPECT_EQ(proxied.scheme, "https");
  EXPECT_EQ(proxied.host, "pacs.example");
}

TEST(Forwarded, AnInventedClientLeftOfTheRealOneDoesNotCount) {
  const auto trusted = blocks({"10.0.0.0/8"});
  const Headers headers{{"X-Forwarded-For", "127.0.0.1, 198.51.100.9"},
                        {"X-Forwarded-For", "10.0.0.2"}};
  EXPECT_EQ(client_origin(from("10.0.0.1"), headers, trusted).address->text(), "198.51.100.9");
}

TEST(Forwarded, AForgedForwardedBesideXForwardedForDoesNotCount) {
  const auto trusted = blocks({"10.0.0.1"});
  const Headers headers{{"Forwarded", "for=127.0.0.1;proto=https"},
                        {"X-Forwarded-For", "192.0.2.5"}};
  const auto origin = client_origin(from("10.0.0.1"), headers, trusted);
  EXPECT_EQ(origin.address->text(), "192.0.2.5");
  EXPECT_EQ(origin.scheme, "http");
}

TEST(Forwarded, ReadsTheStandardField) {
  const auto trusted = blocks({"10.0.0.1"});
  const Headers headers{
      {"Forwarded", "for=unknown, For=\"[2001:db8::9]:4711\";Proto=https;host=\"a.example\""}};
  const auto origin = client_origin(from("10.0.0.1"), headers, trusted);
  EXPECT_EQ(origin.address->text(), "2001:db8::9");
  EXPECT_EQ(origin.scheme, "https");
  EXPECT_EQ(origin.host, "a.example");
  // A proxy that hides its client: there is no address to take for the client's.
  EXPECT_FALSE(client_origin(from("10.0.0.1"), {{"Forwarded", "for=_hidden"}}, trusted).address);
}

TEST(Forwarded, NonsenseIsNotTaken) {
  const auto trusted = blocks({"10.0.0.1"});
  const Headers headers{{"X-Forwarded-Proto", "javascript"}, {"X-Forwarded-Host", "a/b\"c"}};
  const auto origin = client_origin(from("10.0.0.1"), headers, trusted);
  EXPECT_EQ(origin.scheme, "http");
  EXPECT_EQ(origin.host, "direct");
  EXPECT_EQ(origin.address->text(), "10.0.0.1");
}

TEST(Cors, AllowsWhatIsListed) {
  const CorsPolicy policy({"https://viewer.example"});
  const auto allowed = policy.fields_for(Method::get, {{"Origin", "https://viewer.example"}});
  EXPECT_EQ(allowed.find("Access-Control-Allow-Origin"), "https://viewer.example");
  EXPECT_EQ(allowed.find("Vary"), "Origin");
  EXPECT_FALSE(allowed.contains("Access-Control-Allow-Credentials"));
  for (const char* origin : {"https://evil.example", "https://viewer.example.evil", "null", ""}) {
    const auto refused = policy.fields_for(Method::get, {{"Origin", origin}});
    EXPECT_FALSE(refused.contains("Access-Control-Allow-Origin")) << origin;
    EXPECT_EQ(refused.find("Vary"), "Origin");
  }
  EXPECT_EQ(CorsPolicy().fields_for(Method::get, {{"Origin", "https://a"}}).size(), 0u);
}

TEST(Cors, AnswersPreflights) {
  const CorsPolicy policy({"*"});
  const auto fields = policy.fields_for(
      Method::options, {{"Origin", "https://a"}, {"Access-Control-Request-Method", "PUT"}});
  EXPECT_EQ(fields.find("Access-Control-Allow-Origin"), "*");
  EXPECT_NE(fields.find("Access-Control-Allow-Methods")->find("PUT"), std::string_view::npos);
  EXPECT_NE(fields.find("Access-Control-Allow-Headers")->find("Authorization"),
            std::string_view::npos);
}

}  // namespace
}  // namespace pacs::http
