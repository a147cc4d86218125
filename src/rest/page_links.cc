#include "rest/page_links.h"

#include <algorithm>
#include <utility>

#include "edge/answer.h"
#include "http/uri.h"
#include "rest/links.h"
#include "storage/signing_keys.h"

namespace pacs::rest {
namespace {

constexpr std::string_view kCursor = "cursor";

// Everything that decides which records the list has, in one spelling. The size of a page does not.
std::string list_of(const http::Request& request, const edge::Caller& caller) {
  http::QueryParameters filters;
  for (const auto& parameter : request.query) {
    if (parameter.first != kCursor && parameter.first != "page_size" && !parameter.second.empty()) {
      filters.push_back(parameter);
    }
  }
  std::sort(filters.begin(), filters.end());
  std::string scope = std::to_string(static_cast<int>(caller.scope.kind()));
  for (const int64_t study_id : caller.scope.study_ids()) scope += ":" + std::to_string(study_id);
  return http::encode_query({{"route", request.route},
                             {"filters", http::encode_query(filters)},
                             {"reader", caller.principal.id},
                             {"roles", caller.principal.roles.str()},
                             {"scope", scope}});
}

}  // namespace

PageLinks::PageLinks(const RestServices& services, const http::Request& request,
                     const edge::Caller& caller)
    : services_(services), request_(request), list_(list_of(request, caller)) {}

Result<std::optional<Cursor>> PageLinks::read(std::optional<std::string> text) const {
  if (!text) return std::optional<Cursor>();
  return std::optional(PACS_TRY(read_cursor(*text, list_, services_.signing_keys)));
}

void PageLinks::write(JsonWriter& writer, std::string_view name,
                      const std::optional<Cursor>& cursor) const {
  writer.key(name);
  if (!cursor) {
    writer.null();
    return;
  }
  http::QueryParameters query;
  for (const auto& parameter : request_.query) {
    if (parameter.first != kCursor) query.push_back(parameter);
  }
  query.emplace_back(kCursor, write_cursor(*cursor, list_, services_.signing_keys));
  writer.string(edge::public_base(services_.edge, request_) + request_.raw_path + "?" +
                http::encode_query(query));
}

}  // namespace pacs::rest
