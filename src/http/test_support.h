// For the tests of this module: a server on a port of its own, and a client that sends exactly the
// bytes it is told to.
#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "core/file.h"
#include "core/log.h"
#include "core/text.h"
#include "http/problem.h"
#include "http/router.h"
#include "http/server.h"

namespace pacs::http {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pacs_http_XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, std::string_view content) const {
    std::ofstream(file(name), std::ios::binary) << content;
    return file(name);
  }

 private:
  std::string path_;
};

// One answer as it came over the wire, chunks joined.
struct RawAnswer {
  int status = 0;
  Headers headers;
  std::string body;
  bool whole = false;  // ended as its framing says
  [[nodiscard]] std::string field(std::string_view name) const {
    return std::string(headers.find(name).value_or("(none)"));
  }
};

// A blocking TCP connection to the loopback address.
class RawClient {
 public:
  // Not connected yet.
  RawClient() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  explicit RawClient(uint16_t port, int receive_buffer_bytes = 0) : RawClient() {
    if (receive_buffer_bytes > 0) {
      setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                 sizeof receive_buffer_bytes);
    }
    connect_to(port);
  }

  void connect_to(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ =
        connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int descriptor() const { return socket_.get(); }

  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      text.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }

  void end_sending() { shutdown(socket_.get(), SHUT_WR); }

  // Does the other side send or end within that time?
  [[nodiscard]] bool readable_within(int milliseconds) const {
    if (!buffer_.empty()) return true;
    pollfd waiting{socket_.get(), POLLIN, 0};
    return poll(&waiting, 1, milliseconds) > 0;
  }

  // Has the other side ended? Waits up to five seconds for it.
  [[nodiscard]] bool at_end() { return buffer_.empty() && !fill(); }

  // Reads through an interim answer ("100 Continue") and returns its status line.
  std::string interim() {
    while (buffer_.find("\r\n\r\n") == std::string::npos) {
      if (!fill()) return "(connection ended)";
    }
    const std::string line = buffer_.substr(0, buffer_.find("\r\n"));
    buffer_.erase(0, buffer_.find("\r\n\r\n") + 4);
    return line;
  }

  enum class Body { expected, none };

  RawAnswer receive(Body body = Body::expected) {
    RawAnswer answer;
    while (buffer_.find("\r\n\r\n") == std::string::npos) {
      if (!fill()) return answer;
    }
    const size_t end = buffer_.find("\r\n\r\n");
    read_head(std::string_view(buffer_).substr(0, end + 2), answer);
    buffer_.erase(0, end + 4);
    const bool bodiless = body == Body::none || answer.status == 204 || answer.status == 304;
    if (bodiless) {
      answer.whole = true;
    } else if (const auto length = answer.headers.find("Content-Length")) {
      const size_t size = parse_unsigned(*length).value_or(0);
      while (buffer_.size() < size && fill()) {
      }
      answer.whole = buffer_.size() >= size;
      answer.body = buffer_.substr(0, size);
      buffer_.erase(0, size);
    } else if (answer.headers.find("Transfer-Encoding") == "chunked") {
      read_chunks(answer);
    } else {
      while (fill()) {
      }
      answer.whole = !reset_;
      answer.body = std::exchange(buffer_, {});
    }
    return answer;
  }

  RawAnswer exchange(std::string_view request) {
    send(request);
    return receive();
  }

 private:
  bool fill() {
    pollfd waiting{socket_.get(), POLLIN, 0};
    if (poll(&waiting, 1, 5'000) <= 0) return false;
    char piece[65536];
    const ssize_t count = recv(socket_.get(), piece, sizeof piece, 0);
    if (count < 0) reset_ = true;
    if (count <= 0) return false;
    buffer_.append(piece, static_cast<size_t>(count));
    return true;
  }

  static void read_head(std::string_view head, RawAnswer& answer) {
    bool first = true;
    for (const std::string_view line : split(head, '\n')) {
      const std::string_view clean = line.substr(0, line.size() - line.ends_with('\r'));
      if (std::exchange(first, false)) {
        answer.status = clean.size() > 12 ? std::atoi(std::string(clean.substr(9, 3)).c_str()) : 0;
      } else if (const size_t colon = clean.find(':'); colon != std::string_view::npos) {
        answer.headers.add(clean.substr(0, colon), trim(clean.substr(colon + 1)));
      }
    }
  }

  void read_chunks(RawAnswer& answer) {
    while (true) {
      while (buffer_.find("\r\n") == std::string::npos) {
        if (!fill()) return;
      }
      const size_t line_end = buffer_.find("\r\n");
      const size_t size = std::stoul(buffer_.substr(0, line_end), nullptr, 16);
      while (buffer_.size() < line_end + 2 + size + 2) {
        if (!fill()) return;
      }
      answer.body.append(buffer_, line_end + 2, size);
      buffer_.erase(0, line_end + 2 + size + 2);
      if (size == 0) {
        answer.whole = true;
        return;
      }
    }
  }

  UniqueFd socket_;
  bool connected_ = false;
  bool reset_ = false;
  std::string buffer_;
};

// A server that runs in a thread of its own until the end of the test.
class RunningServer {
 public:
  explicit RunningServer(Handler handler, ServerOptions options = {}) {
    configure_log(LogLevel::off, LogFormat::text);
    if (options.listen.empty()) options.listen.push_back({"127.0.0.1", 0});
    auto created =
        Server::create(std::move(options), std::move(handler), clock_, random_, metrics_);
    if (!created) {
      std::fprintf(stderr, "the server of a test: %s\n", to_string(created.error()).c_str());
      std::abort();
    }
    server_ = std::move(*created);
    thread_ = std::thread([this] { server_->run(); });
  }
  ~RunningServer() { stop(); }

  void stop() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
  }

  [[nodiscard]] uint16_t port() const { return server_->ports().front(); }
  [[nodiscard]] Server& server() { return *server_; }
  [[nodiscard]] Metrics& metrics() { return metrics_; }
  [[nodiscard]] RawClient client() const { return RawClient(port()); }
  [[nodiscard]] std::string url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(port()) + std::string(path);
  }

 private:
  SystemClock clock_;
  SystemRandom random_;
  Metrics metrics_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

// Answers with what it was sent: method, path and body.
inline void echo(Request& request, ResponseWriter& writer) {
  auto body = read_all(request.body(), 64 << 20);
  if (!body) return writer.send(problem(body.error(), request.request_id));
  writer.send(text(Status::ok,
                   std::string(to_string(request.method)) + " " + request.raw_path + " " + *body));
}

}  // namespace pacs::http
