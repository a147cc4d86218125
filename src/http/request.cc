#include "http/request.h"

#include <algorithm>

#include "core/assert.h"

namespace pacs::http {

std::string Peer::text() const {
  if (local_user_id) return "unix:" + std::to_string(*local_user_id);
  return address ? address->text() : "unknown";
}

const std::string& Request::path_parameter(std::string_view name) const {
  const auto found = std::find_if(path_parameters.begin(), path_parameters.end(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  PACS_ASSERT(found != path_parameters.end());
  return found->second;
}

std::optional<std::string> Request::query_parameter(std::string_view name) const {
  for (const auto& [parameter, value] : query) {
    if (parameter == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string> Request::query_parameters(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [parameter, value] : query) {
    if (parameter == name) values.push_back(value);
  }
  return values;
}

std::string Request::base_url() const {
  return client.host.empty() ? std::string() : client.scheme + "://" + client.host;
}

}  // namespace pacs::http
