// The client against the server of this module.
#include "http/client.h"

#include <set>

#include <gtest/gtest.h>

#include "http/test_support.h"

namespace pacs::http {
namespace {

ClientRequest request_to(std::string url, std::string method = "GET") {
  ClientRequest request;
  request.url = std::move(url);
  request.method = std::move(method);
  return request;
}

TEST(Client, SendsAndReceives) {
  RunningServer server([](Request& request, ResponseWriter& writer) {
    auto body = read_all(request.body(), 1 << 20);
    ASSERT_TRUE(body);
    Response response = text(Status::created, *body);
    response.headers.add("X-Seen", request.headers.find("X-Asked").value_or("nothing"));
    response.headers.add("X-Length", request.content_length ? "sized" : "chunked");
    writer.send(std::move(response));
  });
  Client client;
  ClientRequest request = request_to(server.url("/a"), "POST");
  request.headers.add("X-Asked", "value");
  request.body = "the body";
  auto response = client.send(request);
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->status, Status::created);
  EXPECT_EQ(response->body, "the body");
  EXPECT_EQ(response->headers.find("X-Seen"), "value");

  const std::string streamed(100'000, 's');
  MemorySource source(as_bytes(streamed));
  request.body_source = &source;
  response = client.send(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->headers.find("X-Length"), "chunked");
  EXPECT_EQ(response->body, streamed);

  MemorySource again(as_bytes(streamed));
  request.body_source = &again;
  request.body_length = streamed.size();
  StringSink sink;
  request.response_sink = &sink;
  response = client.send(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->headers.find("X-Length"), "sized");
  EXPECT_EQ(response->body, "");
  EXPECT_EQ(sink.text(), streamed);

  response = client.send(request_to(server.url("/a"), "HEAD"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "");
}

TEST(Client, FollowsNothingAndLimitsAnswers) {
  RunningServer server([](Request& request, ResponseWriter& writer) {
    if (request.raw_path == "/large") return writer.send(text(Status::ok, std::string(1000, 'x')));
    writer.send(redirect(Status::see_other, "/elsewhere"));
  });
  Client client;
  auto response = client.send(request_to(server.url("/a")));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, Status::see_other);
  EXPECT_EQ(response->headers.find("Location"), "/elsewhere");
  ClientRequest large = request_to(server.url("/large"));
  large.response_bytes_max = 999;
  EXPECT_EQ(client.send(large).error().reason, "too_large");
  large.response_bytes_max = 1000;
  EXPECT_TRUE(client.send(large));
}

TEST(Client, ReusesItsConnection) {
  const TemporaryFolder folder;
  ServerOptions options;
  options.limits.connections_max = 1;
  RunningServer server(echo, options);
  Client client;
  for (int round = 0; round < 5; ++round) {
    const auto response = client.send(request_to(server.url("/a")));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, Status::ok) << round;
  }
}

TEST(Client, SpeaksToAUnixSocket) {
  const TemporaryFolder folder;
  ServerOptions options;
  options.unix_socket_path = folder.file("s");
  RunningServer server(
      [](Request& request, ResponseWriter& writer) {
        writer.send(text(Status::ok, request.peer.text()));
      },
      options);
  Client client({.unix_socket_path = options.unix_socket_path});
  const auto response = client.send(request_to("http://localhost/a"));
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->body, "unix:" + std::to_string(getuid()));
}

TEST(Client, NamesWhatWentWrong) {
  uint16_t closed_port = 0;
  {
    RunningServer server(echo);
    closed_port = server.port();
  }
  Client client;
  const auto refused = client.send(request_to("http://127.0.0.1:" + std::to_string(closed_port)));
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_EQ(refused.error().reason, "connect_failed");
  EXPECT_EQ(client.send(request_to("file:///etc/passwd")).error().reason, "bad_url");
  ClientRequest split = request_to("http://127.0.0.1/");
  split.headers.add("X", "a\r\nY: b");
  EXPECT_EQ(client.send(split).error().reason, "bad_header");
  RunningServer silent([](Request&, ResponseWriter& writer) {
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    writer.send(text(Status::ok, ""));
  });
  Client hasty({.total_timeout = std::chrono::milliseconds(200)});
  const auto timed_out = hasty.send(request_to(silent.url("/")));
  EXPECT_EQ(timed_out.error().reason, "timed_out");
  RunningServer cutting([](Request&, ResponseWriter& writer) {
    EXPECT_TRUE(writer.start(Status::ok, {}, 100).write(as_bytes("too short")));
  });
  EXPECT_EQ(client.send(request_to(cutting.url("/"))).error().reason, "connection_lost");
}

}  // namespace
}  // namespace pacs::http
