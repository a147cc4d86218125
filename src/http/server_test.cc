// The server over real sockets: what a client notices.
#include "http/server.h"

#include <atomic>
#include <future>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "http/ranged_response.h"
#include "http/test_support.h"

namespace pacs::http {
namespace {

using std::chrono::milliseconds;

const std::string kGetA = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(Server, AnswersAndKeepsTheConnection) {
  RunningServer server(echo);
  RawClient client = server.client();
  const RawAnswer first = client.exchange(kGetA);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "GET /a ");
  EXPECT_EQ(first.field("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(first.field("Server"), "(none)");
  EXPECT_EQ(first.field("Connection"), "(none)");
  EXPECT_NE(first.field("Date"), "(none)");
  const RawAnswer second =
      client.exchange("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(second.body, "POST /b abc");
  EXPECT_EQ(second.field("X-Request-Id").size(), 32u);
  EXPECT_NE(first.field("X-Request-Id"), second.field("X-Request-Id"));
}

TEST(Server, ClosesWhenAskedTo) {
  RunningServer server(echo);
  RawClient client = server.client();
  const RawAnswer answer =
      client.exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_TRUE(client.at_end());
  RawClient old = server.client();
  EXPECT_EQ(old.exchange("GET / HTTP/1.0\r\n\r\n").body, "GET / ");
  EXPECT_TRUE(old.at_end());
  RawClient kept = server.client();
  const std::string keep = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  EXPECT_EQ(kept.exchange(keep).field("Connection"), "keep-alive");
  EXPECT_EQ(kept.exchange(keep).status, 200);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  RunningServer server(echo);
  RawClient client = server.client();
  std::string requests;
  for (int index = 0; index < 50; ++index) {
    requests +=
        "POST /" + std::to_string(index) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";
  }
  client.send(requests);
  for (int index = 0; index < 50; ++index) {
    EXPECT_EQ(client.receive().body, "POST /" + std::to_string(index) + " hi");
  }
}

TEST(Server, ReadsChunkedBodiesHoweverTheyArrive) {
  RunningServer server(echo);
  const std::string too_long =
      "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\nA\r\n 0123456789\r\n0\r\n\r\n";
  const std::string right =
      "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;name=value\r\nhello\r\nB\r\n 0123456789\r\n0\r\nX-Checksum: 1\r\n\r\n";
  RawClient client = server.client();
  EXPECT_EQ(client.exchange(right).body, "POST /c hello 0123456789");
  for (const char byte : right) ASSERT_TRUE(client.send(std::string_view(&byte, 1)));
  EXPECT_EQ(client.receive().body, "POST /c hello 0123456789");
  // A chunk that is longer than its size says.
  EXPECT_EQ(client.exchange(too_long).status, 400);
  EXPECT_TRUE(client.at_end());
}

TEST(Server, RefusesBadChunks) {
  RunningServer server(echo);
  for (const char* chunks : {"x\r\n", "\r\n\r\n", "-1\r\n", "5\nhello", "5 \r\nhello",
                             "0x5\r\nhello", "FFFFFFFFFFFFFFFFF\r\n", "5\rhello",
                             "0\r\nbad trailer\r\n\r\n", "0\r\n X: y\r\n\r\n", ";a\r\n"}) {
    RawClient client = server.client();
    client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                std::string(chunks));
    const RawAnswer answer = client.receive();
    EXPECT_EQ(answer.status, 400) << chunks;
    EXPECT_TRUE(client.at_end()) << chunks;
  }
}

TEST(Server, RefusesSmugglingAndCloses) {
  std::atomic<int> handled = 0;
  RunningServer server([&](Request& request, ResponseWriter& writer) {
    ++handled;
    echo(request, writer);
  });
  const std::string hidden = "0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string start = "POST / HTTP/1.1\r\nHost: x\r\n";
  for (const std::string& head :
       {start + "Content-Length: 5\r\nContent-Length: 50\r\n\r\n",
        start + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        start + "Transfer-Encoding: xchunked\r\n\r\n",
        start + "Transfer-Encoding : chunked\r\n\r\n", start + "X: a\r\n Content-Length: 5\r\n\r\n",
        start + "X: a\nContent-Length: 5\r\n\r\n", start + "X: a\rContent-Length: 5\r\n\r\n",
        std::string("GET / HTTP/1.1\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")}) {
    RawClient client = server.client();
    client.send(head + hidden);
    const RawAnswer answer = client.receive();
    EXPECT_EQ(answer.status, 400) << head;
    EXPECT_EQ(answer.field("Connection"), "close") << head;
    EXPECT_TRUE(client.at_end()) << head;
  }
  EXPECT_EQ(handled, 0);
}

TEST(Server, LimitsHeads) {
  RunningServer server(echo);
  RawClient client = server.client();
  EXPECT_EQ(client.exchange("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'a')).status, 431);
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(server.client()
                .exchange("GET /" + std::string(13'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n")
                .status,
            414);
}

TEST(Server, AsksForTheBodyOnlyWhenItIsWanted) {
  RunningServer server([](Request& request, ResponseWriter& writer) {
    if (request.raw_path == "/no") return writer.send(empty(Status::forbidden));
    echo(request, writer);
  });
  const std::string fields =
      " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
  RawClient wanted = server.client();
  wanted.send("PUT /yes" + fields);
  EXPECT_EQ(wanted.interim(), "HTTP/1.1 100 Continue");
  wanted.send("hello");
  EXPECT_EQ(wanted.receive().body, "PUT /yes hello");
  RawClient refused = server.client();
  refused.send("PUT /no" + fields);
  const RawAnswer answer = refused.receive();
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.field("Connection"), "close");
}

TEST(Server, DropsASmallUnreadBodyAndClosesOnALargeOne) {
  RunningServer server(
      [](Request&, ResponseWriter& writer) { writer.send(text(Status::ok, "no")); });
  RawClient client = server.client();
  client.send("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" +
              std::string(1000, 'b') + kGetA);
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(client.receive().status, 200);
  // The refusal reaches a client that is still sending.
  RawClient large = server.client();
  const std::string body(8 << 20, 'b');
  large.send("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
             "\r\n\r\n");
  large.send(body);
  const RawAnswer answer = large.receive();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_TRUE(large.at_end());
}

TEST(Server, StreamsWithAndWithoutALength) {
  RunningServer server([](Request& request, ResponseWriter& writer) {
    const bool chunked = request.raw_path != "/sized";
    ByteSink& sink =
        writer.start(Status::ok, {}, chunked ? std::nullopt : std::optional<uint64_t>(10));
    ASSERT_TRUE(sink.write(as_bytes("01234")));
    ASSERT_TRUE(sink.write(as_bytes("56789")));
    if (request.raw_path == "/cut") return;
    EXPECT_TRUE(writer.finish());
  });
  RawClient client = server.client();
  for (const char* path : {"/sized", "/chunked"}) {
    const RawAnswer answer =
        client.exchange("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(answer.body, "0123456789") << path;
    EXPECT_TRUE(answer.whole) << path;
  }
  // What was not finished must never look whole.
  EXPECT_FALSE(client.exchange("GET /cut HTTP/1.1\r\nHost: x\r\n\r\n").whole);
  EXPECT_FALSE(server.client().exchange("GET /cut HTTP/1.0\r\n\r\n").whole);
  const RawAnswer old = server.client().exchange("GET /chunked HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.body, "0123456789");
  EXPECT_TRUE(old.whole);
}

TEST(Server, ASilentOrThrowingHandlerIsA500) {
  RunningServer server([](Request& request, ResponseWriter&) {
    if (request.raw_path == "/throw") throw std::runtime_error("secret");
    if (request.raw_path == "/memory") throw std::bad_alloc();
  });
  RawClient client = server.client();
  EXPECT_EQ(client.exchange(kGetA).status, 500);
  const RawAnswer thrown = client.exchange("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(thrown.status, 500);
  EXPECT_EQ(thrown.body.find("secret"), std::string::npos);
  EXPECT_EQ(client.exchange("GET /memory HTTP/1.1\r\nHost: x\r\n\r\n").status, 503);
}

TEST(Server, SendsFilesInRanges) {
  const TemporaryFolder folder;
  std::string content;
  while (content.size() < 3'000'000) content += std::to_string(content.size()) + ",";
  const UniqueFd file(open(folder.write("f", content).c_str(), O_RDONLY));
  RunningServer server([&](Request& request, ResponseWriter& writer) {
    FileBody body(file.get(), content.size());
    ASSERT_TRUE(
        send_ranged(request, writer, body, {"application/dicom", "", "", {"\"e\"", {}}, {}}));
  });
  RawClient client = server.client();
  EXPECT_TRUE(client.exchange(kGetA).body == content);
  const RawAnswer part =
      client.exchange("GET /a HTTP/1.1\r\nHost: x\r\nRange: bytes=1000000-\r\n\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_TRUE(part.body == content.substr(1'000'000));
  const RawAnswer parts =
      client.exchange("GET /a HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9,2000000-2000009\r\n\r\n");
  EXPECT_EQ(parts.status, 206);
  EXPECT_NE(parts.body.find(content.substr(2'000'000, 10)), std::string::npos);
  client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.receive(RawClient::Body::none).field("Content-Length"),
            std::to_string(content.size()));
  EXPECT_EQ(client.exchange("GET /a HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"e\"\r\n\r\n").status,
            304);
}

TEST(Server, CompressesJsonWhereItIsAccepted) {
  const std::string json_text = "[\"" + std::string(5000, 'x') + "\"]";
  RunningServer server(
      [&](Request&, ResponseWriter& writer) { writer.send(json(Status::ok, json_text)); });
  RawClient client = server.client();
  const RawAnswer packed =
      client.exchange("GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  EXPECT_EQ(packed.field("Content-Encoding"), "gzip");
  EXPECT_EQ(packed.field("Vary"), "Accept-Encoding");
  EXPECT_LT(packed.body.size(), 200u);
  EXPECT_EQ(packed.body.substr(0, 2), "\x1f\x8b");
  const RawAnswer plain = client.exchange(kGetA);
  EXPECT_EQ(plain.field("Content-Encoding"), "(none)");
  EXPECT_EQ(plain.field("Vary"), "Accept-Encoding");
  EXPECT_EQ(plain.body, json_text);
}

TEST(Server, ACodedBodyIsRefusedBeforeAnybodyTakesItForPlain) {
  RunningServer server(
      [](Request&, ResponseWriter& writer) { writer.send(text(Status::ok, "taken")); });
  RawClient client = server.client();
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n";
  for (const char* codings : {"gzip", "identity, br", "identity\r\nContent-Encoding: DEFLATE"}) {
    const RawAnswer refused = client.exchange(post + "Content-Encoding: " + codings + "\r\n\r\n{}");
    EXPECT_EQ(refused.status, 415) << codings;
    EXPECT_NE(refused.body.find("unsupported_content_coding"), std::string::npos) << refused.body;
    EXPECT_EQ(refused.field("Accept-Encoding"), "identity");
  }
  EXPECT_EQ(client.exchange(post + "Content-Encoding: Identity\r\n\r\n{}").body, "taken");
  EXPECT_EQ(client.exchange("GET / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n\r\n").status,
            200)
      << "there is no body that it could be about";
}

TEST(Server, RequestIdsComeFromTrustedProxiesAlone) {
  const std::string request =
      "GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: my-request-1\r\nX-Forwarded-For: "
      "192.0.2.9\r\n\r\n";
  const Handler show = [](Request& asked, ResponseWriter& writer) {
    writer.send(text(Status::ok, asked.client.address->text()));
  };
  RunningServer wary(show);
  RawAnswer answer = wary.client().exchange(request);
  EXPECT_NE(answer.field("X-Request-Id"), "my-request-1");
  EXPECT_EQ(answer.body, "127.0.0.1");
  ServerOptions options;
  options.trusted_proxies = {*AddressBlock::parse("127.0.0.0/8")};
  RunningServer trusting(show, options);
  answer = trusting.client().exchange(request);
  EXPECT_EQ(answer.field("X-Request-Id"), "my-request-1");
  EXPECT_EQ(answer.body, "192.0.2.9");
  EXPECT_EQ(trusting.client()
                .exchange("GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: a b\"c\r\n\r\n")
                .field("X-Request-Id")
                .size(),
            32u);
}

TEST(Server, HeadersOfAHandlerCannotSplitTheAnswer) {
  RunningServer server([](Request&, ResponseWriter& writer) {
    Response response = text(Status::ok, "x");
    response.headers.add("X-Name", "a\r\nX-Evil: b\r\n\r\nHTTP/1.1 200 OK");
    writer.send(std::move(response));
  });
  const RawAnswer answer = server.client().exchange(kGetA);
  EXPECT_EQ(answer.field("X-Evil"), "(none)");
  EXPECT_EQ(answer.body, "x");
}

TEST(Server, CorsFieldsAreOnErrorsToo) {
  ServerOptions options;
  options.cors_allowed_origins = {"https://viewer.example"};
  RunningServer server(
      [](Request& request, ResponseWriter& writer) {
        writer.send(problem(not_found("x", "y"), request.request_id));
      },
      options);
  const RawAnswer answer = server.client().exchange(
      "GET / HTTP/1.1\r\nHost: x\r\nOrigin: https://viewer.example\r\n\r\n");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "https://viewer.example");
  EXPECT_EQ(answer.field("Vary"), "Origin");
}

TEST(Server, TheUnixSocketIsPrivateAndNamesItsUser) {
  const TemporaryFolder folder;
  ServerOptions options;
  options.unix_socket_path = folder.file("s");
  folder.write("plain", "");
  RunningServer server(
      [](Request& request, ResponseWriter& writer) {
        writer.send(text(Status::ok, request.peer.text()));
      },
      options);
  struct stat status {};
  ASSERT_EQ(stat(options.unix_socket_path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const ServerOptions again{{}, folder.file("plain"), {}, {}, {}, {}};
  SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  EXPECT_EQ(Server::create(again, echo, clock, random, metrics).error().reason, "file_exists");
  const ServerOptions taken{{{"127.0.0.1", server.port()}}, "", {}, {}, {}, {}};
  EXPECT_EQ(Server::create(taken, echo, clock, random, metrics).error().reason, "address_in_use");
  const ServerOptions nowhere{{{"192.0.2.1", 0}}, "", {}, {}, {}, {}};
  EXPECT_EQ(Server::create(nowhere, echo, clock, random, metrics).error().reason, "bad_address");
}

TEST(Server, StopsGracefully) {
  std::promise<void> entered;
  ServerOptions options;
  RunningServer server(
      [&](Request& request, ResponseWriter& writer) {
        if (request.raw_path == "/slow") {
          entered.set_value();
          std::this_thread::sleep_for(milliseconds(400));
        }
        writer.send(text(Status::ok, "done"));
      },
      options);
  RawClient idle = server.client();
  EXPECT_EQ(idle.exchange(kGetA).status, 200);
  RawClient busy = server.client();
  busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  entered.get_future().wait();
  const uint16_t port = server.port();
  server.stop();
  const RawAnswer answer = busy.receive();
  EXPECT_EQ(answer.body, "done");
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_TRUE(idle.at_end());
  EXPECT_FALSE(RawClient(port).connected());
}

TEST(Server, BreaksOffWhatOutlivesTheGrace) {
  std::promise<void> entered;
  ServerOptions options;
  options.limits.stop_grace = milliseconds(200);
  RunningServer server(
      [&](Request& request, ResponseWriter& writer) {
        entered.set_value();
        echo(request, writer);
      },
      options);
  RawClient client = server.client();
  client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this");
  entered.get_future().wait();
  const auto start = std::chrono::steady_clock::now();
  server.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(3000));
}

}  // namespace
}  // namespace pacs::http
