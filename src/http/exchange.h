// One request and its answer on a connection: the head is checked, the handler called, what it left
// of the body dropped, the access log written.
#pragma once

#include <atomic>
#include <string>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/metrics.h"
#include "http/connection.h"
#include "http/cors.h"
#include "http/handler.h"
#include "http/request_body.h"
#include "http/request_head.h"
#include "http/request_ids.h"
#include "http/response_writer.h"
#include "http/server_options.h"
#include "http/transport.h"

namespace pacs::http {

// Any worker; what is passed by reference outlives it.
class Exchange {
 public:
  Exchange(const ServerOptions& options, Handler handler, const Clock& clock, Random& random,
           Metrics& metrics, const std::atomic<bool>& stopping);

  // What to do with the connection now.
  enum class Next {
    again,      // another request may be there already
    wait_more,  // no whole head is here; wait for `connection.wait_events`
    linger,     // the answer is out and no other follows: end, and read on for a while
    close,      // of no more use
    break_off,  // an answer was cut short: the client must see that
  };

  // Reads what is there without waiting; with a whole head it serves that one request.
  [[nodiscard]] Next advance(Connection& connection);

  // Answers a connection whose request nobody reads. Never waits, so that the event loop can call
  // it: a client that does not take the answer at once goes without one.
  void turn_away(Transport& transport, const Peer& peer, const Error& error);

 private:
  Next serve(Connection& connection, size_t head_bytes);
  Next refuse(Connection& connection, const Error& error);
  // True when the answer went out whole.
  bool answer_unread(Wire& wire, const Peer& peer, const Error& error);
  Next settle(ResponseWriter& writer, RequestBody& body) const;
  void call_handler(Request& request, ResponseWriter& writer) const;
  void describe(const RequestHead& head, const Connection& connection, Request& request);
  [[nodiscard]] ResponseTerms terms_for(const Request& request, const RequestHead& head) const;
  void log_access(const Request& request, const ResponseWriter& writer,
                  Connection::TimePoint start) const;

  const ServerOptions& options_;
  const PaceLimits pace_;
  const Handler handler_;
  const Clock& clock_;
  RequestIds request_ids_;
  const CorsPolicy cors_;
  Counter& refused_heads_;
  Counter& broken_answers_;
  const std::atomic<bool>& stopping_;
};

}  // namespace pacs::http
