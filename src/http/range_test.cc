// Ranges, conditions, and the answers that they make.
#include <gtest/gtest.h>

#include "core/text.h"
#include "http/byte_range.h"
#include "http/conditions.h"
#include "http/ranged_response.h"

namespace pacs::http {
namespace {

using Kind = RangeRequest::Kind;

TEST(ByteRange, ReadsSingleRanges) {
  const std::vector<std::pair<const char*, ByteRange>> cases = {
      {"bytes=0-0", {0, 1}},     {"bytes=10-19", {10, 10}}, {"bytes=90-", {90, 10}},
      {"bytes=-5", {95, 5}},     {"bytes=-500", {0, 100}},  {"bytes=50-500", {50, 50}},
      {"Bytes = 1 - 2", {1, 2}},
  };
  for (const auto& [field, range] : cases) {
    const auto request = parse_range(field, 100);
    ASSERT_EQ(request.kind, Kind::ranges) << field;
    EXPECT_EQ(request.ranges, std::vector<ByteRange>{range}) << field;
  }
  for (const char* field : {"bytes=100-", "bytes=100-200", "bytes=-0"}) {
    EXPECT_EQ(parse_range(field, 100).kind, Kind::unsatisfiable) << field;
  }
  EXPECT_EQ(parse_range("bytes=0-", 0).kind, Kind::unsatisfiable);
  for (const char* field : {"", "bytes", "bytes=", "bytes=a-b", "bytes=5-4", "items=0-1", "bytes=1",
                            "bytes=0-1,x", "bytes=99999999999999999999-"}) {
    EXPECT_EQ(parse_range(field, 100).kind, Kind::whole) << field;
  }
}

TEST(ByteRange, JoinsAndLimits) {
  const auto joined = parse_range("bytes=5000-5099,0-9,5-19,100-120,-1", 10'000);
  EXPECT_EQ(joined.ranges, (std::vector<ByteRange>{{5000, 100}, {0, 121}, {9999, 1}}));
  // The last of the three closes the gap between the others.
  EXPECT_EQ(parse_range("bytes=0-9,1000-1009,5-1005", 10'000).ranges,
            (std::vector<ByteRange>{{0, 1010}}));
  std::string many = "bytes=";
  for (size_t index = 0; index <= kByteRangesMax; ++index) {
    many += std::to_string(index * 1000) + "-" + std::to_string(index * 1000) + ",";
  }
  EXPECT_EQ(parse_range(many, 1'000'000).kind, Kind::whole);
}

TEST(Conditions, ComparesEntityTags) {
  const Validators current{"\"abc\"", 1'700'000'000'123};
  const auto evaluate = [&](const char* name, const char* value, Method method = Method::get) {
    return evaluate_preconditions(method, {{name, value}}, current);
  };
  EXPECT_EQ(evaluate("If-None-Match", "\"x\", W/\"abc\""), Precondition::not_modified);
  EXPECT_EQ(evaluate("If-None-Match", "*"), Precondition::not_modified);
  EXPECT_EQ(evaluate("If-None-Match", "\"x\""), Precondition::proceed);
  EXPECT_EQ(evaluate("If-None-Match", "*", Method::put), Precondition::failed);
  EXPECT_EQ(evaluate("If-Match", "\"abc\""), Precondition::proceed);
  EXPECT_EQ(evaluate("If-Match", "W/\"abc\""), Precondition::failed);
  EXPECT_EQ(evaluate("If-Match", "*"), Precondition::proceed);
  EXPECT_EQ(evaluate("If-Match", "\"x\""), Precondition::failed);
  EXPECT_EQ(evaluate("If-Modified-Since", "Tue, 14 Nov 2023 22:13:20 GMT"),
            Precondition::not_modified);
  EXPECT_EQ(evaluate("If-Modified-Since", "Tue, 14 Nov 2023 22:13:19 GMT"), Precondition::proceed);
  EXPECT_EQ(evaluate("If-Modified-Since", "yesterday"), Precondition::proceed);
  EXPECT_EQ(evaluate("If-Unmodified-Since", "Tue, 14 Nov 2023 22:13:19 GMT"), Precondition::failed);
  EXPECT_EQ(parse_http_date("Tuesday, 14-Nov-23 22:13:20 GMT"), 1'700'000'000'000);
  EXPECT_EQ(parse_http_date("Tue Nov 14 22:13:20 2023"), 1'700'000'000'000);
}

// Runs send_ranged over "0123456789…" and gives back the bytes of the answer.
std::string answer_to(Headers headers, Method method = Method::get) {
  static const std::string content = [] {
    std::string text;
    for (int index = 0; index < 1000; ++index) text += std::to_string(index % 10);
    return text;
  }();
  MemorySource nothing({});
  Request request(nothing);
  request.method = method;
  request.headers = std::move(headers);
  StringWire wire;
  ResponseTerms terms;
  terms.method = method;
  terms.request_id = "0123456789abcdef";
  ResponseWriter writer(wire, terms);
  MemoryBody body(as_bytes(content));
  const RangedResponse response{
      "application/dicom", "attachment", "private, immutable", {"\"abc\"", std::nullopt}, {}};
  EXPECT_TRUE(send_ranged(request, writer, body, response));
  EXPECT_TRUE(writer.complete());
  return wire.text();
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(RangedResponse, SendsTheWhole) {
  const std::string whole = answer_to({});
  EXPECT_TRUE(whole.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(has(whole, "Content-Length: 1000\r\n"));
  EXPECT_TRUE(has(whole, "Accept-Ranges: bytes\r\n"));
  EXPECT_TRUE(has(whole, "ETag: \"abc\"\r\n"));
  EXPECT_TRUE(has(whole, "Content-Disposition: attachment\r\n"));
  EXPECT_TRUE(whole.ends_with("789"));
}

TEST(RangedResponse, SendsOneRange) {
  const std::string part = answer_to({{"Range", "bytes=10-14"}});
  EXPECT_TRUE(part.starts_with("HTTP/1.1 206 "));
  EXPECT_TRUE(has(part, "Content-Range: bytes 10-14/1000\r\n"));
  EXPECT_TRUE(has(part, "Content-Length: 5\r\n"));
  EXPECT_TRUE(part.ends_with("\r\n\r\n01234"));
}

TEST(RangedResponse, SendsSeveralRangesWithTheRightLength) {
  const std::string parts = answer_to({{"Range", "bytes=0-1,500-502"}});
  EXPECT_TRUE(parts.starts_with("HTTP/1.1 206 "));
  EXPECT_TRUE(has(parts, "Content-Type: multipart/byteranges; boundary=part-0123456789abcdef\r\n"));
  const size_t body = parts.find("\r\n\r\n") + 4;
  EXPECT_EQ(parts.substr(body),
            "--part-0123456789abcdef\r\nContent-Type: application/dicom\r\n"
            "Content-Range: bytes 0-1/1000\r\n\r\n01\r\n"
            "--part-0123456789abcdef\r\nContent-Type: application/dicom\r\n"
            "Content-Range: bytes 500-502/1000\r\n\r\n012\r\n"
            "--part-0123456789abcdef--\r\n");
  EXPECT_TRUE(has(parts, "Content-Length: " + std::to_string(parts.size() - body) + "\r\n"));
}

TEST(RangedResponse, HonoursConditions) {
  EXPECT_TRUE(answer_to({{"Range", "bytes=2000-"}}).starts_with("HTTP/1.1 416 "));
  EXPECT_TRUE(has(answer_to({{"Range", "bytes=2000-"}}), "Content-Range: bytes */1000\r\n"));
  EXPECT_TRUE(answer_to({{"If-None-Match", "\"abc\""}}).starts_with("HTTP/1.1 304 "));
  EXPECT_TRUE(answer_to({{"If-None-Match", "\"abc\""}}).ends_with("\r\n\r\n"));
  EXPECT_TRUE(answer_to({{"If-Match", "\"x\""}}).starts_with("HTTP/1.1 412 "));
  const auto with_range = [](const char* if_range) {
    return answer_to({{"Range", "bytes=0-1"}, {"If-Range", if_range}});
  };
  EXPECT_TRUE(with_range("\"abc\"").starts_with("HTTP/1.1 206 "));
  EXPECT_TRUE(with_range("W/\"abc\"").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(with_range("\"old\"").starts_with("HTTP/1.1 200 "));
}

TEST(RangedResponse, HeadTellsOfTheWholeAndSendsNothing) {
  const std::string head = answer_to({{"Range", "bytes=0-1"}}, Method::head);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(has(head, "Content-Length: 1000\r\n"));
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST(RangedResponse, DispositionIsSafeForAnyName) {
  EXPECT_EQ(content_disposition(Disposition::attachment, "a b.dcm"),
            "attachment; filename=\"a b.dcm\"");
  EXPECT_EQ(content_disposition(Disposition::inline_, "é\"\r\n.png"),
            "inline; filename=\"_____.png\"; filename*=UTF-8''%C3%A9%22%0D%0A.png");
}

}  // namespace
}  // namespace pacs::http
