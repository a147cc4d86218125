#include "rest/page_links.h"

#include <utility>

#include "edge/answer.h"
#include "edge/page_cursor.h"
#include "http/uri.h"
#include "rest/links.h"
#include "storage/signing_keys.h"

namespace pacs::rest {
namespace {

constexpr std::string_view kCursor = "cursor";

}  // namespace

PageLinks::PageLinks(const RestServices& services, const http::Request& request,
                     const edge::Caller& caller)
    : services_(services),
      request_(request),
      list_(edge::list_of(request, caller, {kCursor, "page_size"})) {}

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
