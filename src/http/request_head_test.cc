// The head of a request: what is taken, and every trick that is refused.
#include "http/request_head.h"

#include <gtest/gtest.h>

namespace pacs::http {
namespace {

Result<RequestHead> parse(std::string_view bytes) { return parse_request_head(bytes, {}); }

TEST(RequestHead, ReadsAnOrdinaryOne) {
  const auto head = parse(
      "\r\nPOST /a?b=c HTTP/1.1\r\nHost: pacs.example:8042\r\nContent-Length: 12\r\n"
      "Expect: 100-Continue\r\nX-Empty:\r\nX-Spaces: \t v w \t\r\n\r\n");
  ASSERT_TRUE(head) << head.error().detail;
  EXPECT_EQ(head->method, Method::post);
  EXPECT_EQ(head->target.path, "/a");
  EXPECT_EQ(head->target.query, "b=c");
  EXPECT_EQ(head->host, "pacs.example:8042");
  EXPECT_EQ(head->content_length, 12u);
  EXPECT_TRUE(head->keep_alive);
  EXPECT_TRUE(head->expects_continue);
  EXPECT_EQ(head->headers.find("X-Empty"), "");
  EXPECT_EQ(head->headers.find("X-Spaces"), "v w");
}

TEST(RequestHead, KeepsAliveAsTheVersionHasIt) {
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n")->keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")->keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n")->keep_alive);
}

TEST(RequestHead, ALaterMinorVersionIsReadAsTheLatestKnown) {
  const auto head = parse("GET / HTTP/1.2\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(head) << head.error().detail;
  EXPECT_EQ(head->http_minor, 1);
  EXPECT_TRUE(head->keep_alive);
}

TEST(RequestHead, TheAbsoluteFormNamesTheHost) {
  const auto head = parse("GET http://b.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->host, "b.example");
  EXPECT_EQ(head->target.path, "/x");
  EXPECT_EQ(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")->target.path, "*");
}

TEST(RequestHead, RefusesWhatCanBeReadInTwoWays) {
  struct Case {
    const char* name;
    std::string bytes;
    const char* reason;
  };
  const std::string start = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::vector<Case> cases = {
      {"two lengths", start + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "bad_head"},
      {"same length twice", start + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", "bad_head"},
      {"list of lengths", start + "Content-Length: 1, 1\r\n\r\n", "bad_head"},
      {"signed length", start + "Content-Length: +1\r\n\r\n", "bad_head"},
      {"hexadecimal length", start + "Content-Length: 0x1\r\n\r\n", "bad_head"},
      {"huge length", start + "Content-Length: 9999999999999999999\r\n\r\n", "bad_head"},
      {"empty length", start + "Content-Length:\r\n\r\n", "bad_head"},
      {"length and chunks", start + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       "bad_head"},
      {"two codings", start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
       "bad_head"},
      {"chunked last of two", start + "Transfer-Encoding: gzip, chunked\r\n\r\n", "bad_head"},
      {"chunked first of two", start + "Transfer-Encoding: chunked, identity\r\n\r\n", "bad_head"},
      {"quoted coding", start + "Transfer-Encoding: \"chunked\"\r\n\r\n", "bad_head"},
      {"vertical tab coding", start + "Transfer-Encoding: \vchunked\r\n\r\n", "bad_head"},
      {"unknown coding", start + "Transfer-Encoding: gzip\r\n\r\n", "unknown_coding"},
      {"chunks in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "bad_head"},
      {"folded field", start + "X-A: b\r\n c\r\n\r\n", "bad_head"},
      {"folded with tab", start + "X-A: b\r\n\tContent-Length: 5\r\n\r\n", "bad_head"},
      {"space before colon", start + "Content-Length : 5\r\n\r\n", "bad_head"},
      {"no colon", start + "Content-Length 5\r\n\r\n", "bad_head"},
      {"empty name", start + ": 5\r\n\r\n", "bad_head"},
      {"bare LF", start + "X-A: b\nContent-Length: 5\r\n\r\n", "bad_head"},
      {"bare CR", start + "X-A: b\rContent-Length: 5\r\n\r\n", "bad_head"},
      {"NUL", start + std::string("X-A: b\0c\r\n\r\n", 12), "bad_head"},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", "bad_head"},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "bad_head"},
      {"bad Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "bad_head"},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "bad_head"},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "bad_head"},
      {"tab as space", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", "bad_head"},
      {"space in target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "bad_head"},
      {"no version", "GET /\r\n\r\n", "bad_head"},
      {"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", "bad_head"},
      {"version 2", "PRI * HTTP/2.0\r\n\r\n", "unknown_version"},
      {"version 0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", "unknown_version"},
      {"version 1.2 without Host", "GET / HTTP/1.2\r\n\r\n", "bad_head"},
      {"version 1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", "bad_head"},
      {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "unknown_method"},
      {"CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "unknown_method"},
      {"star for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", "bad_head"},
      {"expectation", start + "Expect: a-pony\r\nContent-Length: 1\r\n\r\n", "unknown_expectation"},
      {"space first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", "bad_head"},
      {"long target", "GET /" + std::string(13'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n",
       "target_too_long"},
  };
  for (const Case& test : cases) {
    const auto head = parse(test.bytes);
    ASSERT_FALSE(head) << test.name;
    EXPECT_EQ(head.error().reason, test.reason) << test.name << ": " << head.error().detail;
  }
}

TEST(RequestHead, CountsFields) {
  std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int count = 0; count < 100; ++count) bytes += "A: b\r\n";
  EXPECT_EQ(parse(bytes + "\r\n").error().reason, "head_too_large");
}

TEST(RequestHead, TheEndIsFoundWhereverTheBytesAreCut) {
  const std::string head = "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string bytes = head + "GET /next HTTP/1.1\r\n\r\n";
  size_t scanned = 0;
  for (size_t size = 0; size < head.size(); ++size) {
    EXPECT_FALSE(find_head_end(std::string_view(bytes).substr(0, size), scanned)) << size;
  }
  EXPECT_EQ(find_head_end(bytes, scanned), head.size());
  size_t fresh = 0;
  EXPECT_EQ(find_head_end(bytes, fresh), head.size());
  // A bare LF can never become a head: it is handed to the parser, which refuses it at once.
  size_t bare = 0;
  EXPECT_EQ(find_head_end("GET / HTTP/1.1\nHost", bare), 15u);
}

TEST(RequestHead, AnyCutOfAHeadIsRefusedOrWhole) {
  const std::string whole = "GET /a HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse(std::string_view(whole).substr(0, size))) << size;
  }
  EXPECT_TRUE(parse(whole));
}

}  // namespace
}  // namespace pacs::http
