#include "http/response.h"

#include <utility>

namespace pacs::http {

Response json(Status status, std::string json_text) {
  return {status, {{"Content-Type", "application/json"}}, std::move(json_text)};
}

Response text(Status status, std::string plain_text) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(plain_text)};
}

Response empty(Status status) { return {status, {}, {}}; }

Response redirect(Status status, std::string_view location) {
  return {status, {{"Location", std::string(location)}}, {}};
}

}  // namespace pacs::http
