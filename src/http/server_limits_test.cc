// The server under slow, silent, many and too many clients.
#include <atomic>
#include <future>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "core/json_value.h"
#include "http/test_support.h"

namespace pacs::http {
namespace {

using std::chrono::milliseconds;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

// What every refusal has, also one of a request that nobody has read.
void expect_problem(const RawAnswer& answer, std::string_view code) {
  EXPECT_EQ(answer.field("Content-Type"), "application/problem+json");
  EXPECT_TRUE(answer.whole);
  const Result<JsonValue> parsed = JsonValue::parse(answer.body);
  ASSERT_TRUE(parsed) << answer.body;
  EXPECT_EQ(*parsed->find("code")->as_string(), code);
  EXPECT_EQ(parsed->find("status")->as_int64(), answer.status);
  EXPECT_EQ(*parsed->find("request_id")->as_string(), answer.field("X-Request-Id"));
}

uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t total = 0;
  uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

TEST(ServerLimits, ClientsWithSlowHeadsStopNobody) {
  ServerOptions options;
  options.limits.workers_max = 2;
  RunningServer server(echo, options);
  std::vector<RawClient> slow;
  for (int index = 0; index < 200; ++index) {
    slow.push_back(server.client());
    slow.back().send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  }
  RawClient fast = server.client();
  for (int round = 0; round < 20; ++round) {
    for (RawClient& client : slow) client.send("a");
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(fast.exchange(kGet).status, 200);
    EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1000));
  }
  for (RawClient& client : slow) EXPECT_EQ(client.exchange("b\r\n\r\n").status, 200);
}

TEST(ServerLimits, HeadsHaveADeadline) {
  ServerOptions options;
  options.limits.head_time_max = milliseconds(300);
  RunningServer server(echo, options);
  RawClient client = server.client();
  client.send("GET / HTTP/1.1\r\n");
  const RawAnswer answer = client.receive();
  EXPECT_EQ(answer.status, 408);
  expect_problem(answer, "head_too_slow");
  EXPECT_TRUE(client.at_end());
}

TEST(ServerLimits, IdleConnectionsAreClosed) {
  ServerOptions options;
  options.limits.idle_time_max = milliseconds(300);
  RunningServer server(echo, options);
  RawClient silent = server.client();
  RawClient used = server.client();
  EXPECT_EQ(used.exchange(kGet).status, 200);
  EXPECT_TRUE(silent.at_end());
  EXPECT_TRUE(used.at_end());
}

TEST(ServerLimits, AStalledBodyIsGivenUp) {
  ServerOptions options;
  options.limits.stall_max = milliseconds(300);
  RunningServer server(echo, options);
  RawClient client = server.client();
  client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_TRUE(client.at_end());
}

TEST(ServerLimits, ABodyBelowTheFloorIsGivenUp) {
  ServerOptions options;
  options.limits.pace_grace = milliseconds(300);
  RunningServer server(echo, options);
  RawClient client = server.client();
  client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  int sent = 0;
  while (sent < 100 && !client.readable_within(20)) {
    client.send("a");  // 50 bytes a second
    ++sent;
  }
  EXPECT_LT(sent, 100);
  EXPECT_EQ(client.receive().status, 408);
}

TEST(ServerLimits, AClientThatReadsNothingIsGivenUp) {
  ServerOptions options;
  options.limits.stall_max = milliseconds(300);
  std::promise<Error> outcome;
  RunningServer server(
      [&](Request&, ResponseWriter& writer) {
        const std::string piece(1 << 20, 'x');
        ByteSink& sink = writer.start(Status::ok, {}, uint64_t{1} << 30);
        while (true) {
          if (auto written = sink.write(as_bytes(piece)); !written) {
            return outcome.set_value(written.error());
          }
        }
      },
      options);
  RawClient client(server.port(), 4096);
  client.send(kGet);
  auto future = outcome.get_future();
  ASSERT_EQ(future.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_EQ(future.get().reason, "client_too_slow");
}

TEST(ServerLimits, BodiesAboveTheLimitAreRefusedBeforeTheyAreSent) {
  ServerOptions options;
  options.limits.body_bytes_max = 1000;
  RunningServer server(echo, options);
  RawClient client = server.client();
  client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive().status, 413);
  const std::string chunk = "1f4\r\n" + std::string(500, 'a') + "\r\n";
  RawClient chunked = server.client();
  chunked.send("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk +
               chunk);
  EXPECT_EQ(chunked.receive().status, 413);
}

TEST(ServerLimits, AFullServerSays503AndComesBack) {
  ServerOptions options;
  options.limits.workers_max = 2;
  options.limits.queue_length_max = 1;
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  RunningServer server(
      [&](Request&, ResponseWriter& writer) {
        released.wait();
        writer.send(text(Status::ok, "done"));
      },
      options);
  std::vector<RawClient> clients;
  for (int index = 0; index < 3; ++index) {
    clients.push_back(server.client());
    clients.back().send(kGet);
    EXPECT_FALSE(clients.back().readable_within(100));
  }
  RawClient refused = server.client();
  const RawAnswer answer = refused.exchange(kGet);
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.field("Retry-After"), "(none)");
  expect_problem(answer, "busy");
  EXPECT_TRUE(refused.at_end());
  release.set_value();
  for (RawClient& client : clients) EXPECT_EQ(client.receive().body, "done");
  EXPECT_EQ(server.client().exchange(kGet).status, 200);
}

TEST(ServerLimits, ConnectionsAreLimitedInAll) {
  ServerOptions options;
  options.limits.connections_max = 3;
  RunningServer server(echo, options);
  std::vector<RawClient> clients;
  for (int index = 0; index < 3; ++index) {
    clients.push_back(server.client());
    EXPECT_EQ(clients.back().exchange(kGet).status, 200);
  }
  EXPECT_EQ(server.client().exchange(kGet).status, 503);
  clients.pop_back();
  for (int attempt = 0; attempt < 50; ++attempt) {
    if (server.client().exchange(kGet).status == 200) return;
    std::this_thread::sleep_for(milliseconds(20));
  }
  FAIL() << "a place that was given back was not given again";
}

TEST(ServerLimits, WithoutDescriptorsItRefusesAndComesBack) {
  RunningServer server(echo);
  RawClient known = server.client();
  EXPECT_EQ(known.exchange(kGet).status, 200);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  // The server shares this process and its limit, so the client's own descriptor is made first.
  RawClient refused;
  const int next = UniqueFd(dup(0)).get();
  const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  refused.connect_to(server.port());
  const RawAnswer answer = refused.receive();
  const RawAnswer served = known.exchange(kGet);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(answer.status, 503);
  expect_problem(answer, "busy");
  EXPECT_EQ(served.status, 200);
  EXPECT_EQ(server.client().exchange(kGet).status, 200);
}

TEST(ServerLimits, AThousandAtOnceAreAllAnswered) {
  RunningServer server([](Request&, ResponseWriter& writer) {
    std::this_thread::sleep_for(milliseconds(100));
    writer.send(text(Status::ok, "done"));
  });
  std::vector<RawClient> clients;
  for (int index = 0; index < 1000; ++index) {
    clients.push_back(server.client());
    ASSERT_TRUE(clients.back().connected());
  }
  const auto start = std::chrono::steady_clock::now();
  for (RawClient& client : clients) ASSERT_TRUE(client.send(kGet));
  for (RawClient& client : clients) EXPECT_EQ(client.receive().body, "done");
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  RecordProperty("seconds", std::to_string(elapsed.count()));
}

// Opens that many, and tells what each costs the server in memory.
void check_idle_connections(size_t count, uint64_t resident_bytes_max) {
  rlimit descriptors{};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  setrlimit(RLIMIT_NOFILE, &descriptors);
  if (descriptors.rlim_cur < 2 * count + 200) {
    GTEST_SKIP() << "only " << descriptors.rlim_cur << " descriptors are allowed";
  }
  RunningServer server(echo);
  EXPECT_EQ(server.client().exchange(kGet).status, 200);
  std::vector<RawClient> clients;
  clients.reserve(count);
  const uint64_t before = resident_bytes();
  for (size_t index = 0; index < count; ++index) {
    clients.push_back(server.client());
    ASSERT_EQ(clients.back().exchange(kGet).status, 200);
  }
  const uint64_t after = resident_bytes();
  // Both ends live in this process, so this is more than the server alone takes.
  testing::Test::RecordProperty("bytes_per_connection", std::to_string((after - before) / count));
  EXPECT_LT(after, resident_bytes_max);
  EXPECT_EQ(clients.front().exchange(kGet).status, 200);
  EXPECT_EQ(clients.back().exchange(kGet).status, 200);
}

TEST(ServerLimits, IdleConnectionsCostLittle) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own memory is not the server's";
#endif
  check_idle_connections(2'000, uint64_t{60} << 20);
}

TEST(ServerLimits, TenThousandIdleConnectionsStayBelow100Megabytes) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own memory is not the server's";
#endif
  check_idle_connections(9'800, uint64_t{100} << 20);
}

}  // namespace
}  // namespace pacs::http
