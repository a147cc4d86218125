#include "http/exchange.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include <sys/socket.h>

#include "core/log.h"
#include "core/text.h"
#include "http/connection_wire.h"
#include "http/media_type.h"
#include "http/problem.h"

namespace pacs::http {
namespace {

constexpr size_t kReadBytes = 16 * 1024;
constexpr size_t kRequestIdLengthMax = 64;
constexpr size_t kCodingBytesShownMax = 40;  // a stranger's text

// An id of a proxy is repeated in logs and headers, so it must not be able to forge either.
bool is_safe_request_id(std::string_view id) {
  return id.size() >= 8 && id.size() <= kRequestIdLengthMax &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-' || c == '_';
         });
}

// RFC 9112 allows no body to a request without one of the two fields; nothing to read then.
class NoBody final : public ByteSource {
 public:
  Result<size_t> read_some(MutableBytes) override { return size_t{0}; }
};

// What the kernel takes at once, or nothing.
class OneAttemptWire final : public Wire {
 public:
  explicit OneAttemptWire(Transport& transport) : transport_(transport) {}
  Result<void> write(Bytes bytes) override { return send(bytes, More::ends); }
  Result<void> write_more(Bytes bytes) override { return send(bytes, More::follows); }

 private:
  Result<void> send(Bytes bytes, More more) {
    if (bytes.empty() || transport_.send(bytes, more).count == bytes.size()) return {};
    return client_gone();
  }

  Transport& transport_;
};

// What is sent is stored or parsed as it is: a coding that nobody undoes would make other bytes of
// it (RFC 9110 8.4).
std::optional<std::string> unknown_content_coding(const RequestHead& head) {
  if (!head.has_body()) return std::nullopt;
  for (std::string& coding : head.headers.list("Content-Encoding")) {
    if (!equals_ignoring_case(coding, "identity")) return std::move(coding);
  }
  return std::nullopt;
}

Response refused_coding(std::string_view coding, std::string_view request_id) {
  const std::string name = replace_invalid_utf8(coding.substr(0, kCodingBytesShownMax));
  Response response = problem(
      unsupported("unsupported_content_coding",
                  "Content-Encoding: " + name + " is not taken here; send the body as it is"),
      request_id);
  response.headers.set("Accept-Encoding", "identity");  // RFC 9110 12.5.3
  return response;
}

}  // namespace

Exchange::Exchange(const ServerOptions& options, Handler handler, const Clock& clock,
                   Random& random, Metrics& metrics, const std::atomic<bool>& stopping)
    : options_(options),
      pace_{options.limits.bytes_per_second_min, options.limits.pace_grace,
            options.limits.stall_max},
      handler_(std::move(handler)),
      clock_(clock),
      request_ids_(random),
      cors_(options.cors_allowed_origins),
      refused_heads_(metrics.counter("pacs_lite_http_refused_heads_total",
                                     "Requests refused for the form of their head")),
      broken_answers_(metrics.counter("pacs_lite_http_broken_answers_total",
                                      "Answers that did not reach their end")),
      stopping_(stopping) {}

Exchange::Next Exchange::advance(Connection& connection) {
  const size_t head_bytes_max = options_.limits.head_bytes_max;
  while (true) {
    const auto head_end = find_head_end(connection.input(), connection.head_scanned);
    if (head_end && *head_end <= head_bytes_max) return serve(connection, *head_end);
    if (head_end || connection.input().size() > head_bytes_max) {
      return refuse(connection, invalid_argument("head_too_large",
                                                 "the head of the request is larger than this "
                                                 "server takes"));
    }
    const Transfer transfer = connection.fill(kReadBytes);
    switch (transfer.outcome) {
      case Transfer::Outcome::moved:
        break;
      case Transfer::Outcome::blocked:
        connection.wait_events = transfer.poll_events;
        return Next::wait_more;
      default:
        return Next::close;
    }
  }
}

Exchange::Next Exchange::serve(Connection& connection, size_t head_bytes) {
  const auto start = clock_.monotonic();
  const ServerLimits& limits = options_.limits;
  auto head = parse_request_head(connection.input().substr(0, head_bytes),
                                 {limits.head_fields_max, limits.target_bytes_max});
  if (!head) return refuse(connection, head.error());
  connection.consume(head_bytes);
  connection.head_scanned = 0;

  ConnectionWire wire(connection.transport(), pace_, clock_);
  ResponseWriter* answer = nullptr;
  RequestBody body(connection, *head,
                   {pace_, limits.body_bytes_max,
                    [&]() -> Result<void> {
                      // After the answer has begun, "100 Continue" would be taken for a part of it.
                      if (answer->started()) return {};
                      return wire.write(as_bytes("HTTP/1.1 100 Continue\r\n\r\n"));
                    }},
                   clock_);
  Request request(body);
  describe(*head, connection, request);
  request.break_off_body = [descriptor = connection.descriptor()] {
    ::shutdown(descriptor, SHUT_RD);  // wakes a wait for bytes
  };
  ResponseTerms terms = terms_for(request, *head);
  terms.may_keep_alive = [&] {
    return head->keep_alive && !stopping_.load(std::memory_order_relaxed) &&
           body.can_drain(limits.drained_bytes_max);
  };
  ResponseWriter writer(wire, std::move(terms));
  answer = &writer;
  if (request.content_length.value_or(0) > limits.body_bytes_max) {
    writer.send(
        problem(resource_exhausted("too_large", "the body is larger than this server takes"),
                request.request_id));
  } else if (const auto coding = unknown_content_coding(*head)) {
    writer.send(refused_coding(*coding, request.request_id));
  } else {
    call_handler(request, writer);
  }
  log_access(request, writer, start);
  return settle(writer, body);
}

Exchange::Next Exchange::settle(ResponseWriter& writer, RequestBody& body) const {
  if (!writer.complete()) {
    broken_answers_.add();
    return Next::break_off;
  }
  if (!writer.keeps_alive() || !body.drain(options_.limits.drained_bytes_max)) return Next::linger;
  return Next::again;
}

void Exchange::call_handler(Request& request, ResponseWriter& writer) const {
  // Our own code throws nothing, but the libraries under a handler do when memory is short.
  Error failure = internal_error("no_answer", "the handler gave no answer");
  try {
    handler_(request, writer);
  } catch (const std::bad_alloc&) {
    failure = resource_exhausted("no_memory", "the server is short of memory, try again later");
  } catch (const std::exception& thrown) {
    failure = internal_error("exception", thrown.what());
  }
  if (writer.started()) return;
  log_error("http_handler_failed", {{"request_id", request.request_id},
                                    {"route", request.route},
                                    {"error", to_string(failure)}});
  writer.send(problem(failure, request.request_id));
}

void Exchange::describe(const RequestHead& head, const Connection& connection, Request& request) {
  request.method = head.method;
  request.target = head.target_text;
  request.raw_path = head.target.path;
  request.raw_query = head.target.query;
  request.headers = head.headers;
  request.content_length = head.content_length;
  request.has_body = head.has_body();
  request.peer = connection.peer();
  const ClientOrigin direct{connection.peer().address, connection.scheme(), head.host};
  request.client = client_origin(direct, head.headers, options_.trusted_proxies);
  request.from_trusted_proxy =
      direct.address && contains(options_.trusted_proxies, *direct.address);
  const auto given = head.headers.find("X-Request-Id");
  request.request_id = given && request.from_trusted_proxy && is_safe_request_id(*given)
                           ? std::string(*given)
                           : request_ids_.next();
}

ResponseTerms Exchange::terms_for(const Request& request, const RequestHead& head) const {
  ResponseTerms terms;
  terms.method = head.method;
  terms.http_minor = head.http_minor;
  terms.accepts_gzip = accepts_gzip(head.headers.joined("Accept-Encoding"));
  terms.request_id = request.request_id;
  terms.date = to_http_date(clock_.now());
  terms.common = cors_.fields_for(head.method, head.headers);
  terms.common.add("X-Content-Type-Options", "nosniff");
  return terms;
}

Exchange::Next Exchange::refuse(Connection& connection, const Error& error) {
  refused_heads_.add();
  ConnectionWire wire(connection.transport(), pace_, clock_);
  return answer_unread(wire, connection.peer(), error) ? Next::linger : Next::break_off;
}

void Exchange::turn_away(Transport& transport, const Peer& peer, const Error& error) {
  OneAttemptWire wire(transport);
  answer_unread(wire, peer, error);
}

bool Exchange::answer_unread(Wire& wire, const Peer& peer, const Error& error) {
  const auto start = clock_.monotonic();
  NoBody body;
  Request request(body);
  request.peer = peer;
  request.client.address = peer.address;
  request.request_id = request_ids_.next();
  ResponseTerms terms = terms_for(request, RequestHead());
  terms.may_keep_alive = [] { return false; };
  ResponseWriter writer(wire, std::move(terms));
  writer.send(problem(error, request.request_id));
  log_access(request, writer, start);
  return writer.complete();
}

// The route's pattern stands for the path: the path itself can hold a file name with a patient's
// name in it, and the query signatures.
void Exchange::log_access(const Request& request, const ResponseWriter& writer,
                          Connection::TimePoint start) const {
  const std::chrono::duration<double, std::milli> elapsed = clock_.monotonic() - start;
  log_info("http_request",
           {{"request_id", request.request_id},
            {"method", to_string(request.method)},
            {"route", request.route.empty() ? std::string_view("(none)") : request.route},
            {"status", writer.started() ? number_of(writer.status()) : 0},
            {"bytes", writer.body_bytes()},
            {"complete", writer.complete()},
            {"duration_ms", elapsed.count()},
            {"peer", request.peer.text()},
            {"client", request.client.address ? request.client.address->text() : "-"}});
}

}  // namespace pacs::http
