// Headers, targets, media types, statuses and problems.
#include <gtest/gtest.h>

#include "core/json_value.h"
#include "http/headers.h"
#include "http/media_type.h"
#include "http/problem.h"
#include "http/status_map.h"
#include "http/uri.h"

namespace pacs::http {
namespace {

TEST(Headers, FindsWithoutCaseAndKeepsOrder) {
  Headers headers{{"Accept", "a/b"}, {"X-One", "1"}, {"accept", "c/d"}};
  EXPECT_EQ(headers.find("ACCEPT"), "a/b");
  EXPECT_EQ(headers.joined("accept"), "a/b, c/d");
  EXPECT_EQ(headers.all("Accept").size(), 2u);
  EXPECT_EQ(headers.find("Absent"), std::nullopt);
  headers.set("Accept", "e/f");
  EXPECT_EQ(headers.joined("accept"), "e/f");
  headers.merge({{"X-One", "2"}, {"X-Two", "3"}});
  EXPECT_EQ(headers.joined("X-One"), "1");
  EXPECT_EQ(headers.find("x-two"), "3");
  headers.remove("x-ONE");
  EXPECT_FALSE(headers.contains("X-One"));
}

TEST(Headers, CutsListsOutsideQuotes) {
  const Headers headers{{"If-None-Match", "\"a,b\", W/\"c\""}, {"If-None-Match", " , \"d\\\",e\""}};
  EXPECT_EQ(headers.list("If-None-Match"),
            (std::vector<std::string>{"\"a,b\"", "W/\"c\"", "\"d\\\",e\""}));
}

TEST(Uri, DecodesStrictly) {
  EXPECT_EQ(percent_decode("a%20b%C3%A9+"), "a b\xC3\xA9+");
  for (const char* wrong : {"%", "%2", "%zz", "%00", "%0a", "%ff", "%C3"}) {
    EXPECT_EQ(percent_decode(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(percent_encode("a b/é~"), "a%20b%2F%C3%A9~");
  EXPECT_EQ(percent_encode_path("/a b/c"), "/a%20b/c");
}

TEST(Uri, ParsesQueries) {
  const auto query = parse_query("a=1&b=x+y%2Bz&&flag&a=2&=");
  ASSERT_TRUE(query);
  EXPECT_EQ(*query,
            (QueryParameters{{"a", "1"}, {"b", "x y+z"}, {"flag", ""}, {"a", "2"}, {"", ""}}));
  EXPECT_EQ(parse_query("a=%G1").error().reason, "bad_query");
  std::string many;
  for (size_t count = 0; count <= kQueryParametersMax; ++count) many += "a=1&";
  EXPECT_EQ(parse_query(many).error().reason, "bad_query");
  EXPECT_EQ(encode_query({{"a b", "1&2"}, {"c", ""}}), "a%20b=1%262&c=");
}

TEST(Uri, ParsesTargets) {
  const auto origin = parse_request_target("/a/b?c=d?e");
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->path, "/a/b");
  EXPECT_EQ(origin->query, "c=d?e");
  const auto absolute = parse_request_target("HTTP://Example:80?x");
  ASSERT_TRUE(absolute);
  EXPECT_EQ(absolute->path, "/");
  EXPECT_EQ(absolute->query, "x");
  EXPECT_EQ(absolute->authority, "Example:80");
  for (const char* wrong :
       {"", "a", "/a#b", "/a b", "ftp://x/", "http://", "http://u@h/", "/\x80"}) {
    EXPECT_FALSE(parse_request_target(wrong)) << wrong;
  }
  for (const char* right : {"a", "a.b:80", "127.0.0.1:8042", "[::1]", "[::1]:1"}) {
    EXPECT_TRUE(is_host(right)) << right;
  }
  for (const char* wrong : {"", "a b", "a:b", "a:70000", "[::1", "::1", "a/b", "a@b", ":80"}) {
    EXPECT_FALSE(is_host(wrong)) << wrong;
  }
  const auto url = parse_url("https://[::1]:8443/a?b");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "[::1]");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/a?b");
}

TEST(MediaType, ParsesParameters) {
  const auto type = parse_media_type("Multipart/Related; type=\"application/dicom\"; Boundary=a;");
  ASSERT_TRUE(type);
  EXPECT_EQ(type->essence(), "multipart/related");
  EXPECT_EQ(*type->parameter("type"), "application/dicom");
  EXPECT_EQ(*type->parameter("boundary"), "a");
  const auto bare = parse_media_type("multipart/related; type=application/dicom; boundary=a");
  ASSERT_TRUE(bare) << "viewers leave the quotes out";
  EXPECT_EQ(*bare->parameter("type"), "application/dicom");
  for (const char* wrong : {"a/b; c=d/", "a/b; c=/d", "a/b; c=d/e/f", "", "text", "text/", "/x",
                            "a/b; c", "a/b; c=\"d", "a/b;c=1;c=2", "; a=b"}) {
    EXPECT_FALSE(parse_media_type(wrong)) << wrong;
  }
}

TEST(MediaType, OrdersWhatIsAccepted) {
  const auto ranges = parse_accept("image/*;q=0.5, */*;q=0.1, image/png, broken, image/jpeg;q=0");
  ASSERT_EQ(ranges.size(), 4u);
  EXPECT_EQ(ranges[0].media_type.essence(), "image/png");
  EXPECT_EQ(ranges[3].quality_permille, 0);
  const std::string accept = "image/*;q=0.5, */*;q=0.1, image/jpeg;q=0";
  EXPECT_EQ(accept_quality(accept, "image/png"), 500);
  EXPECT_EQ(accept_quality(accept, "image/jpeg"), 0);
  EXPECT_EQ(accept_quality(accept, "text/html"), 100);
  EXPECT_EQ(accept_quality(std::nullopt, "text/html"), 1000);
  EXPECT_TRUE(accepts_gzip("br, gzip;q=0.5"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0, *"));
  EXPECT_FALSE(accepts_gzip(std::nullopt));
}

TEST(StatusMap, EveryErrorHasItsStatus) {
  const std::vector<std::pair<Error, int>> cases = {
      {invalid_argument("bad_json", ""), 400},
      {invalid_argument("checksum_mismatch", ""), 422},
      {invalid_argument("missing_attribute", ""), 422},
      {permission_denied("unauthenticated", ""), 401},
      {permission_denied("not_allowed", ""), 403},
      {not_found("no_study", ""), 404},
      {not_found("gone", ""), 410},
      {already_exists("x", ""), 409},
      {conflict("x", ""), 409},
      {unsupported("media_type", ""), 415},
      {unsupported("method_not_allowed", ""), 405},
      {resource_exhausted("no_space", ""), 507},
      {resource_exhausted("too_large", ""), 413},
      {resource_exhausted("no_descriptors", ""), 503},
      {resource_exhausted("anything", ""), 503},
      {unavailable("busy", ""), 503},
      {corrupt("checksum_mismatch", ""), 500},
      {internal_error("x", ""), 500},
  };
  for (const auto& [error, status] : cases) {
    EXPECT_EQ(number_of(status_of(error)), status) << to_string(error);
  }
}

TEST(Problem, IsJsonThatClientsCanShow) {
  const Response response = problem(unavailable("busy", "try \"again\""), "id-1");
  EXPECT_EQ(response.status, Status::service_unavailable);
  EXPECT_EQ(response.headers.find("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.headers.find("Retry-After"), "5");
  const auto parsed = JsonValue::parse(response.body);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed->find("detail")->as_string(), "try \"again\"");
  EXPECT_EQ(*parsed->find("code")->as_string(), "busy");
  EXPECT_EQ(parsed->find("status")->as_int64(), 503);
  EXPECT_EQ(*parsed->find("request_id")->as_string(), "id-1");
}

TEST(Problem, KeepsInternalDetailsInside) {
  const Response response = problem(internal_error("io_error", "disk sdb is on fire"), "id-1");
  EXPECT_EQ(response.body.find("sdb"), std::string::npos);
  EXPECT_NE(response.body.find("id-1"), std::string::npos);
  EXPECT_TRUE(
      problem(permission_denied("unauthenticated", "x"), "i").headers.contains("WWW-Authenticate"));
}

}  // namespace
}  // namespace pacs::http
