#include "cli/api_client.h"

#include <utility>

namespace pacs::cli {
namespace {

// As many commands can end one after the other while this one waits.
constexpr int kAttemptsMax = 10;

// The nearest of our ten words; what matters to a command is the reason and the detail.
ErrorCode code_of(int status) {
  switch (status) {
    case 401:
    case 403:
      return ErrorCode::permission_denied;
    case 404:
    case 410:
      return ErrorCode::not_found;
    case 409:
      return ErrorCode::conflict;
    case 413:
    case 507:
      return ErrorCode::resource_exhausted;
    case 415:
      return ErrorCode::unsupported;
    case 429:
    case 503:
      return ErrorCode::unavailable;
    default:
      return status < 500 ? ErrorCode::invalid_argument : ErrorCode::internal;
  }
}

}  // namespace

Error error_of(const http::ClientResponse& answer) {
  const int status = http::number_of(answer.status);
  Error error;
  error.code = code_of(status);
  error.reason = "status_" + std::to_string(status);
  error.detail = "the server answered " + std::to_string(status);
  const Result<JsonValue> problem = JsonValue::parse(answer.body);
  if (!problem) return error;
  if (std::string code = text_of(*problem, "code"); !code.empty()) error.reason = std::move(code);
  if (std::string detail = text_of(*problem, "detail"); !detail.empty()) {
    error.detail = std::move(detail);
  }
  return error;
}

std::string text_of(const JsonValue& object, std::string_view name) {
  const JsonValue* member = object.find(name);
  return member != nullptr && member->as_string() != nullptr ? *member->as_string() : std::string();
}

std::optional<int64_t> number_of(const JsonValue& object, std::string_view name) {
  const JsonValue* member = object.find(name);
  return member != nullptr ? member->as_int64() : std::nullopt;
}

ApiClient::ApiClient(ServerConnection& connection, std::chrono::milliseconds silence_max)
    : connection_(connection), client_(connection.new_client(silence_max)) {}

Result<http::ClientResponse> ApiClient::send(http::ClientRequest request, std::string_view path) {
  request.url = connection_.base_url() + std::string(path);
  for (int attempt = 1;; ++attempt) {
    Result<http::ClientResponse> answer = client_.send(request);
    if (answer) {
      if (http::is_success(answer->status)) return answer;
      return error_of(*answer);
    }
    const bool was_not_sent = answer.error().reason == "connect_failed";
    const bool was_lost = answer.error().reason == "connection_lost";
    if ((!was_not_sent && !was_lost) || attempt == kAttemptsMax) return answer;
    if (!connection_.renew()) return answer;
    // What may have been done must not be done twice, and a body is read once.
    const bool can_repeat = was_not_sent || request.method == "GET" || request.method == "DELETE";
    if (!can_repeat || request.body_source != nullptr) return answer;
  }
}

Result<JsonValue> ApiClient::get(std::string_view path) {
  const http::ClientResponse answer = PACS_TRY(send({}, path));
  return JsonValue::parse(answer.body);
}

Result<JsonValue> ApiClient::post(std::string_view path, std::string json) {
  http::ClientRequest request;
  request.method = "POST";
  request.headers.add("Content-Type", "application/json");
  request.body = std::move(json);
  const http::ClientResponse answer = PACS_TRY(send(std::move(request), path));
  return JsonValue::parse(answer.body);
}

Result<JsonValue> ApiClient::put(std::string_view path, std::string json) {
  http::ClientRequest request;
  request.method = "PUT";
  request.headers.add("Content-Type", "application/json");
  request.body = std::move(json);
  const http::ClientResponse answer = PACS_TRY(send(std::move(request), path));
  return JsonValue::parse(answer.body);
}

Result<JsonValue> ApiClient::remove(std::string_view path) {
  http::ClientRequest request;
  request.method = "DELETE";
  const http::ClientResponse answer = PACS_TRY(send(std::move(request), path));
  if (answer.body.empty()) return JsonValue();
  return JsonValue::parse(answer.body);
}

}  // namespace pacs::cli
