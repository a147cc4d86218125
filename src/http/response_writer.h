// Sends the one answer to a request: whole, or streamed with a known length or in chunks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/stream.h"
#include "http/headers.h"
#include "http/method.h"
#include "http/response.h"
#include "http/status.h"

namespace pacs::http {

// The connection as the writer sees it.
class Wire : public ByteSink {
 public:
  // Like write, and tells the kernel that more follows at once, so that a head and the beginning
  // of its body leave in one segment (MSG_MORE).
  virtual Result<void> write_more(Bytes bytes) = 0;
};

// A wire that ends in a string, for tests of handlers.
class StringWire final : public Wire {
 public:
  Result<void> write(Bytes bytes) override;
  Result<void> write_more(Bytes bytes) override { return write(bytes); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// What the request and the server's settings demand of every answer.
struct ResponseTerms {
  Method method = Method::get;  // HEAD: the head of a GET, the body is swallowed
  int http_minor = 1;           // 0: no chunks, the end of the connection ends the body
  bool accepts_gzip = false;
  std::string request_id;
  std::string date;  // of the Date field
  Headers common;    // added where the answer has none of that name (security, CORS)
  // Asked once, when the head is sent: may this connection serve another request?
  std::function<bool()> may_keep_alive = [] { return true; };
};

// One thread at a time; belongs to one request.
class ResponseWriter {
 public:
  ResponseWriter(Wire& wire, ResponseTerms terms);
  ~ResponseWriter();
  ResponseWriter(const ResponseWriter&) = delete;
  ResponseWriter& operator=(const ResponseWriter&) = delete;

  // Sends a whole answer; JSON and text above 1 kB are compressed where the client accepts it. Must
  // not follow start(). A client that is gone leaves complete() false; nothing is left to do then.
  void send(Response response);

  // Starts a streamed answer; the head leaves with the first bytes. The sink lives as long as the
  // writer. With a length exactly that many bytes must follow, more fail; without one the body goes
  // out in chunks. The sink's write_file is sendfile(2) on a connection without TLS. Errors of the
  // sink: `unavailable` ("client_gone", "client_too_slow").
  ByteSink& start(Status status, Headers headers, std::optional<uint64_t> content_length);

  // Ends a streamed answer. Without it, or with bytes missing, the connection is broken off after
  // the handler, so that a client never takes a part for the whole: call it on success alone.
  Result<void> finish();

  [[nodiscard]] bool started() const;
  // Was the answer sent to its last byte?
  [[nodiscard]] bool complete() const;
  [[nodiscard]] Status status() const;        // once started
  [[nodiscard]] uint64_t body_bytes() const;  // that left, before chunking
  [[nodiscard]] bool keeps_alive() const;     // what the head that was sent said
  // A HEAD request: the sink swallows everything, so a handler may as well write nothing.
  [[nodiscard]] bool body_is_swallowed() const;
  [[nodiscard]] const std::string& request_id() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pacs::http
