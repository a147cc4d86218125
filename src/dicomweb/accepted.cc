#include "dicomweb/accepted.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "http/media_type.h"

namespace pacs::dicomweb {
namespace {

AcceptedType accepted_type_of(const http::MediaType& type) {
  AcceptedType accepted;
  accepted.essence = type.essence();
  if (accepted.essence == "multipart/related") {
    accepted.is_multipart = true;
    const std::string* payload = type.parameter("type");
    accepted.essence = payload == nullptr ? "*/*" : to_lower(*payload);
  }
  if (const std::string* syntax = type.parameter("transfer-syntax")) {
    accepted.transfer_syntax = *syntax;
  }
  return accepted;
}

}  // namespace

std::string accept_text(const http::Request& request) {
  std::string text;
  for (const std::string& value : request.query_parameters("accept")) {
    text += (text.empty() ? "" : ",") + value;
  }
  if (!text.empty()) return text;
  for (const std::string_view value : request.headers.all("Accept")) {
    text += (text.empty() ? "" : ",") + std::string(value);
  }
  return text;
}

bool AcceptedType::covers(std::string_view other_essence) const {
  if (essence == "*/*" || essence == other_essence) return true;
  return essence.ends_with("/*") &&
         other_essence.starts_with(std::string_view(essence).substr(0, essence.size() - 1));
}

std::vector<AcceptedType> accepted_types(const http::Request& request) {
  std::vector<AcceptedType> accepted;
  for (const http::AcceptRange& range : http::parse_accept(accept_text(request))) {
    if (range.quality_permille > 0) accepted.push_back(accepted_type_of(range.media_type));
  }
  if (accepted.empty()) accepted.push_back({.essence = "*/*"});
  return accepted;
}

Error not_acceptable(std::string_view what) {
  return unsupported("not_acceptable",
                     "none of the media types that the request accepts can be sent; there is " +
                         std::string(what));
}

}  // namespace pacs::dicomweb
