// Drives the server over HTTP on plain sockets, one thread a connection, and tells rate and
// latency.
//
//   load_driver upload HOST PORT TOKEN CONNECTIONS IMAGES RUN [SIDE]   POST of distinct CT slices,
//   of
//                      SIDE x SIDE pixels
//   load_driver stow   HOST PORT TOKEN CONNECTIONS REQUESTS RUN SIDE SLICES SERIES   the same by
//                      STOW-RS, SLICES in each request, SERIES of them in a study
//   load_driver fetch  HOST PORT URLS_FILE CONNECTIONS REQUESTS [TOKEN]   GET of the paths in a
//                      file, in turn
//   load_driver list   HOST PORT TOKEN CONNECTIONS REQUESTS PATH   GET of one path
//   load_driver large  HOST PORT TOKEN CONNECTIONS MEGABYTES      one upload of that size on each
//   load_driver crowd  HOST PORT TOKEN CONNECTIONS RATE SECONDS RUN   uploads at that rate in all,
//                      whatever the server does: what is refused (503) comes back never, its
//                      connection does
// TOKEN: "none" for a server that asks for none.
// prints: items per second, seconds, p50 ms, p99 ms, errors, and for crowd: how many were refused.
// The exit code is 1 when there were errors.
#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/ct_slice.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kImagesPerSeries = 100;
constexpr unsigned kSide = 512;
constexpr size_t kBufferBytes = 256 * 1024;

struct Target {
  std::string host;
  uint16_t port = 0;
  std::string token;
};

// One keep-alive connection. Any failure ends the run of its thread, and counts.
class Connection {
 public:
  explicit Connection(const Target& target) : buffer_(kBufferBytes, '\0') {
    address_.sin_family = AF_INET;
    address_.sin_port = htons(target.port);
    inet_pton(AF_INET, target.host.c_str(), &address_.sin_addr);
    connect();
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool send(std::string_view bytes) {
    while (good_ && !bytes.empty()) {
      const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      good_ = count > 0;
      if (good_) bytes.remove_prefix(static_cast<size_t>(count));
    }
    return good_;
  }

  // Reads one answer and drops its body; tells the status, 0 on failure.
  int receive() {
    filled_ = 0;
    size_t head_end = std::string::npos;
    while (head_end == std::string::npos) {
      if (!read_more()) return 0;
      head_end = std::string_view(buffer_.data(), filled_).find("\r\n\r\n");
    }
    std::string head(buffer_, 0, head_end);
    for (char& c : head) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const int status = std::atoi(buffer_.c_str() + 9);
    drop(head_end + 4);
    const size_t length = head.find("content-length: ");
    if (length != std::string::npos) {
      return skip(std::strtoull(head.c_str() + length + 16, nullptr, 10)) ? status : 0;
    }
    if (head.find("transfer-encoding: chunked") != std::string::npos) {
      return skip_chunks() ? status : 0;
    }
    if (status == 204 || status == 304) return status;
    if (head.find("connection: close") == std::string::npos) return 0;
    filled_ = 0;
    while (read_more()) filled_ = 0;
    ::close(socket_);
    connect();
    return status;
  }

 private:
  void connect() {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    good_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address_), sizeof address_) == 0;
  }

  bool read_more() {
    if (filled_ == buffer_.size()) return false;
    const ssize_t count = ::recv(socket_, buffer_.data() + filled_, buffer_.size() - filled_, 0);
    if (count > 0) filled_ += static_cast<size_t>(count);
    return count > 0;
  }

  // What stands in the buffer from its beginning on has been read.
  void drop(size_t bytes) {
    std::memmove(buffer_.data(), buffer_.data() + bytes, filled_ - bytes);
    filled_ -= bytes;
  }

  bool skip(uint64_t bytes) {
    for (;;) {
      const auto here = static_cast<size_t>(std::min<uint64_t>(bytes, filled_));
      drop(here);
      bytes -= here;
      if (bytes == 0) return true;
      if (!read_more()) return false;
    }
  }

  bool skip_chunks() {
    for (;;) {
      size_t line = std::string::npos;
      while ((line = std::string_view(buffer_.data(), filled_).find("\r\n")) == std::string::npos) {
        if (!read_more()) return false;
      }
      const uint64_t size = std::strtoull(buffer_.c_str(), nullptr, 16);
      drop(line + 2);
      if (!skip(size + 2)) return false;
      if (size == 0) return true;
    }
  }

  sockaddr_in address_{};
  int socket_ = -1;
  bool good_ = false;
  std::string buffer_;
  size_t filled_ = 0;  // of the buffer
};

std::string authorization(const Target& target) {
  return target.token == "none" ? "" : "Authorization: Bearer " + target.token + "\r\n";
}

std::string post_head(const Target& target, uint64_t length,
                      const std::string& path = "/api/v1/radiology/images/",
                      const std::string& type = "application/dicom") {
  return "POST " + path + " HTTP/1.1\r\nHost: " + target.host + "\r\n" + authorization(target) +
         "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

std::string get_head(const Target& target, const std::string& path) {
  std::string head = "GET " + path + " HTTP/1.1\r\nHost: " + target.host + ":" +
                     std::to_string(target.port) + "\r\n";
  if (!target.token.empty()) head += authorization(target);
  return head + "\r\n";
}

struct Totals {
  std::mutex mutex;
  std::vector<double> latencies_ms;
  size_t errors = 0;
};

int tell(Totals& totals, Clock::time_point start, const size_t* refused = nullptr) {
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  auto& all = totals.latencies_ms;
  std::sort(all.begin(), all.end());
  const auto at = [&](double share) {
    return all.empty() ? 0.0
                       : all[std::min(all.size() - 1, static_cast<size_t>(share * all.size()))];
  };
  std::printf("%.1f %.3f %.2f %.2f %zu", static_cast<double>(all.size()) / seconds, seconds,
              at(0.5), at(0.99), totals.errors);
  if (refused != nullptr) std::printf(" %zu", *refused);
  std::printf("\n");
  return totals.errors == 0 ? 0 : 1;
}

// Runs `one(connection, thread, i)` `items` times, spread over the connections.
int drive(const Target& target, unsigned connections, unsigned items,
          const std::function<int(Connection&, unsigned, unsigned)>& one) {
  Totals totals;
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (unsigned thread = 0; thread < connections; ++thread) {
    threads.emplace_back([&, thread] {
      Connection connection(target);
      std::vector<double> latencies;
      size_t errors = 0;
      for (unsigned i = 0; i < items / connections; ++i) {
        const auto begin = Clock::now();
        const int status = one(connection, thread, i);
        latencies.push_back(
            std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
        if (status < 200 || status > 299) ++errors;
        if (status == 0) break;
      }
      const std::lock_guard lock(totals.mutex);
      totals.latencies_ms.insert(totals.latencies_ms.end(), latencies.begin(), latencies.end());
      totals.errors += errors;
    });
  }
  for (std::thread& thread : threads) thread.join();
  return tell(totals, start);
}

int upload(const Target& target, unsigned connections, unsigned images, uint32_t run,
           unsigned side) {
  std::vector<pacs::bench::CtSlice> slices(connections, pacs::bench::CtSlice(side));
  const std::string head = post_head(target, slices.front().bytes().size());
  return drive(target, connections, images,
               [&](Connection& connection, unsigned thread, unsigned i) {
                 slices[thread].number(run * 1000 + thread, i / kImagesPerSeries, i);
                 connection.send(head);
                 connection.send(slices[thread].bytes());
                 return connection.receive();
               });
}

int stow(const Target& target, unsigned connections, unsigned requests, uint32_t run, unsigned side,
         unsigned slices, unsigned images_per_study) {
  const std::string type =
      "multipart/related; type=\"application/dicom\"; boundary=slice-of-the-bench";
  const std::string part = "--slice-of-the-bench\r\nContent-Type: application/dicom\r\n\r\n";
  const std::string end = "--slice-of-the-bench--\r\n";
  std::vector<pacs::bench::CtSlice> images(connections, pacs::bench::CtSlice(side));
  const uint64_t length = slices * (part.size() + images.front().bytes().size() + 2) + end.size();
  const std::string head = post_head(target, length, "/dicom-web/studies", type);
  return drive(target, connections, requests,
               [&](Connection& connection, unsigned thread, unsigned i) {
                 std::string body = head;
                 body.reserve(head.size() + length);
                 for (unsigned slice = 0; slice < slices; ++slice) {
                   const unsigned number = i * slices + slice;
                   images[thread].number(run * 1000 + thread, number / images_per_study, number);
                   body.append(part).append(images[thread].bytes()).append("\r\n");
                 }
                 body += end;
                 connection.send(body);
                 return connection.receive();
               });
}

int fetch(const Target& target, const char* urls_file, unsigned connections, unsigned requests) {
  std::vector<std::string> heads;
  std::ifstream file(urls_file);
  for (std::string path; std::getline(file, path);) heads.push_back(get_head(target, path));
  if (heads.empty()) return 2;
  return drive(target, connections, requests,
               [&](Connection& connection, unsigned thread, unsigned i) {
                 connection.send(heads[(thread + i * connections) % heads.size()]);
                 return connection.receive();
               });
}

// Each connection has its own time for its next image, so that a slow answer holds up nobody else.
int upload_as_a_crowd(const Target& target, unsigned connections, unsigned rate, unsigned seconds,
                      uint32_t run) {
  Totals totals;
  size_t refused = 0;
  const auto start = Clock::now();
  const auto end = start + std::chrono::seconds(seconds);
  const auto interval = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(static_cast<double>(connections) / rate));
  std::vector<std::thread> threads;
  for (unsigned thread = 0; thread < connections; ++thread) {
    threads.emplace_back([&, thread] {
      pacs::bench::CtSlice slice;
      const std::string head = post_head(target, slice.bytes().size());
      auto connection = std::make_unique<Connection>(target);
      std::vector<double> latencies;
      size_t errors = 0;
      size_t refusals = 0;
      auto due = start + interval * thread / connections;
      for (unsigned i = 0; due < end; ++i) {
        std::this_thread::sleep_until(due);
        const auto begin = Clock::now();
        due = std::max(due + interval, begin);
        slice.number(run * 1000 + thread, i / kImagesPerSeries, i);
        connection->send(head);
        connection->send(slice.bytes());
        const int status = connection->receive();
        if (status >= 200 && status < 300) {
          latencies.push_back(
              std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
          continue;
        }
        // A refusal may close the connection before the body is read, and be lost with it.
        status == 503 || status == 0 ? ++refusals : ++errors;
        connection = std::make_unique<Connection>(target);
      }
      const std::lock_guard lock(totals.mutex);
      totals.latencies_ms.insert(totals.latencies_ms.end(), latencies.begin(), latencies.end());
      totals.errors += errors;
      refused += refusals;
    });
  }
  for (std::thread& thread : threads) thread.join();
  return tell(totals, start, &refused);
}

// The pixels of one image repeated until it has the size: what matters is that it is large.
int upload_large(const Target& target, unsigned connections, uint64_t megabytes) {
  const uint64_t size = megabytes << 20;
  return drive(target, connections, connections,
               [&](Connection& connection, unsigned thread, unsigned) {
                 pacs::bench::CtSlice slice;
                 slice.number(900'000 + thread, 0, 0);
                 std::string bytes(slice.bytes());
                 // The length of the pixel data stands right before its value.
                 const size_t pixels_at = bytes.size() - kSide * kSide * 2;
                 const auto pixels = static_cast<uint32_t>(size - pixels_at);
                 std::memcpy(bytes.data() + pixels_at - 4, &pixels, 4);
                 connection.send(post_head(target, size));
                 connection.send(bytes);
                 for (uint64_t sent = bytes.size(); sent < size;) {
                   const size_t piece = std::min<uint64_t>(size - sent, kSide * kSide * 2);
                   if (!connection.send(std::string_view(bytes).substr(pixels_at, piece))) return 0;
                   sent += piece;
                 }
                 return connection.receive();
               });
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  const auto number = [&](int i) {
    return static_cast<unsigned>(std::strtoul(argv[i], nullptr, 10));
  };
  if (argc < 7) {
    std::fprintf(stderr, "usage: see the head of bench/load_driver.cc\n");
    return 2;
  }
  Target target{argv[2], static_cast<uint16_t>(number(3)), argv[4]};
  if (mode == "upload" && (argc == 8 || argc == 9)) {
    return upload(target, number(5), number(6), number(7), argc == 9 ? number(8) : kSide);
  }
  if (mode == "stow" && argc == 11) {
    return stow(target, number(5), number(6), number(7), number(8), number(9), number(10));
  }
  if (mode == "crowd" && argc == 9) {
    return upload_as_a_crowd(target, number(5), number(6), number(7), number(8));
  }
  if (mode == "large") return upload_large(target, number(5), number(6));
  if (mode == "list" && argc == 8) {
    const std::string head = get_head(target, argv[7]);
    return drive(target, number(5), number(6), [&](Connection& connection, unsigned, unsigned) {
      connection.send(head);
      return connection.receive();
    });
  }
  if (mode == "fetch") {
    target.token = argc == 8 ? argv[7] : "";
    return fetch(target, argv[4], number(5), number(6));
  }
  return 2;
}
