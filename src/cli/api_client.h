// The REST API as the commands use it: JSON in, JSON out, problems as errors.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/server_connection.h"
#include "core/json_value.h"
#include "core/result.h"
#include "http/client.h"

namespace pacs::cli {

// One thread at a time.
class ApiClient {
 public:
  // The connection outlives it. A server that is silent for longer than `silence_max` is given up.
  explicit ApiClient(ServerConnection& connection,
                     std::chrono::milliseconds silence_max = http::ClientOptions().stall_timeout);

  // `path` is below the server's root and already percent-encoded: "/api/v1/radiology/studies/".
  // Errors: those of the transport, and what the server answered: `reason` is the problem's `code`,
  // `detail` its text.
  [[nodiscard]] Result<JsonValue> get(std::string_view path);
  [[nodiscard]] Result<JsonValue> post(std::string_view path, std::string json);
  [[nodiscard]] Result<JsonValue> put(std::string_view path, std::string json);
  [[nodiscard]] Result<JsonValue> remove(std::string_view path);

  // Any request; a status that is no success is an error as above. Where the server was that of
  // another command which has ended, another takes its place; what can be sent again is.
  [[nodiscard]] Result<http::ClientResponse> send(http::ClientRequest request,
                                                  std::string_view path);

 private:
  ServerConnection& connection_;
  http::Client client_;
};

// The error that an answer tells of: by its status and its problem document (RFC 9457).
[[nodiscard]] Error error_of(const http::ClientResponse& answer);

// Members of an object, empty or nothing where they are absent or of another type.
[[nodiscard]] std::string text_of(const JsonValue& object, std::string_view name);
[[nodiscard]] std::optional<int64_t> number_of(const JsonValue& object, std::string_view name);

}  // namespace pacs::cli
