// A request as a handler sees it: head parsed and checked, body still on the wire.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/stream.h"
#include "http/address.h"
#include "http/forwarded.h"
#include "http/headers.h"
#include "http/method.h"
#include "http/uri.h"

namespace pacs::http {

// The other end of the connection itself.
struct Peer {
  std::optional<IpAddress> address;       // nothing for the Unix socket
  std::optional<uint32_t> local_user_id;  // of a Unix socket's other end (SO_PEERCRED)
  bool has_tls = false;                   // with this server itself, whatever a proxy says

  [[nodiscard]] bool is_local_socket() const { return local_user_id.has_value(); }
  // For logs: an address or "unix:UID".
  [[nodiscard]] std::string text() const;
};

struct Request {
  // `body_source` outlives the request; it is empty when there is no body.
  explicit Request(ByteSource& body_source) : body_(&body_source) {}

  Method method = Method::get;
  std::string target;     // exactly as sent
  std::string raw_path;   // exactly as sent, still percent-encoded; "*" for OPTIONS *
  std::string raw_query;  // without "?"; may carry signatures, so it is never logged
  Headers headers;
  std::optional<uint64_t> content_length;  // nothing: no body, or a chunked one
  bool has_body = false;

  Peer peer;
  ClientOrigin client;  // after trusted proxies were believed; `client.host` is checked
  bool from_trusted_proxy = false;
  std::string request_id;

  // Set by the router.
  std::string route;  // the pattern, "/api/v1/radiology/studies/{id}/"
  std::vector<std::pair<std::string, std::string>> path_parameters;  // percent-decoded
  QueryParameters query;                                             // percent-decoded

  // The first read sends "100 Continue" to a client that waits for it; a refusal before that
  // spares the upload. Errors of reading: `invalid_argument` (reason "bad_chunk"),
  // `resource_exhausted` ("too_large"), `unavailable` ("client_gone", "client_too_slow").
  [[nodiscard]] ByteSource& body() { return *body_; }
  void replace_body(ByteSource& body_source) { body_ = &body_source; }
  // Ends the reading of the body soon, as if the client had gone: for who knows that this
  // connection is dead before its deadline does. Any thread, while the handler runs.
  std::function<void()> break_off_body = [] {};

  // The parameter of the route's pattern; asserts when the pattern has no such name.
  [[nodiscard]] const std::string& path_parameter(std::string_view name) const;
  // The first of that name, or nothing.
  [[nodiscard]] std::optional<std::string> query_parameter(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> query_parameters(std::string_view name) const;
  // "https://pacs.example:8443" as the client addressed this server; empty without a Host.
  [[nodiscard]] std::string base_url() const;

 private:
  ByteSource* body_;
};

}  // namespace pacs::http
