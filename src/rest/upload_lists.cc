#include "rest/upload_lists.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/text.h"
#include "edge/answer.h"
#include "rest/body_fields.h"
#include "rest/links.h"
#include "rest/query_fields.h"

namespace pacs::rest {

void add_next_link(http::Response& response, const RestServices& services,
                   const http::Request& request, std::string_view parameter, int64_t value) {
  http::QueryParameters query;
  for (const auto& entry : request.query) {
    if (entry.first != parameter) query.push_back(entry);
  }
  query.emplace_back(parameter, std::to_string(value));
  response.headers.add("Link", "<" + edge::public_base(services.edge, request) + request.raw_path +
                                   "?" + http::encode_query(query) + ">; rel=\"next\"");
}

Result<void> note_upload_read(RestServices& services, const edge::Caller& caller) {
  if (!caller.scope.covers_everything()) return {};
  return note_read(services.edge, caller, "upload.read");
}

Result<http::Response> answer_upload_list(RestServices& services, http::Request& request,
                                          const UploadList& list) {
  const edge::Caller caller =
      PACS_TRY(authorise(services.edge, request, access::Action::read_own_uploads));
  QueryFields fields(request);
  index::UploadQuery query;
  query.statuses = list.statuses;
  query.ordering = list.ordering;
  query.order = PACS_TRY(fields.find_order());
  query.after_id = PACS_TRY(fields.find_integer("after_id", 1, kIntegerMax));
  const auto limit =
      PACS_TRY(fields.find_integer("limit", 1, static_cast<int64_t>(index::UploadQuery::kPageMax)));
  if (limit) query.limit = static_cast<size_t>(*limit);
  fields.warn_of_unknown();
  PACS_TRY(note_upload_read(services, caller));

  const auto records = PACS_TRY(services.uploads.list(caller.scope, query));
  JsonWriter writer;
  writer.begin_array();
  for (const index::UploadRecord& record : records) list.write(writer, record);
  writer.end_array();
  http::Response response = http::json(http::Status::ok, writer.take());
  if (records.size() == query.limit) {
    add_next_link(response, services, request, "after_id", records.back().id);
  }
  return response;
}

Result<index::UploadRecord> find_upload(RestServices& services, const edge::Caller& caller,
                                        std::string_view id) {
  PACS_TRY(note_upload_read(services, caller));
  std::optional<index::UploadRecord> found;
  if (const auto number = parse_unsigned(id); number && *number <= uint64_t{kIntegerMax}) {
    found = PACS_TRY(services.uploads.find(caller.scope, static_cast<int64_t>(*number)));
  } else if (auto uuid = Uuid::parse(id)) {
    index::UploadQuery query;
    query.image_uuid = std::move(uuid);
    auto records = PACS_TRY(services.uploads.list(caller.scope, query));
    const auto own = std::find_if(records.begin(), records.end(), [&](const auto& record) {
      return record.key.owner == caller.principal.id;
    });
    if (own != records.end()) {
      found = std::move(*own);
    } else if (!records.empty()) {
      found = std::move(records.front());
    }
  }
  if (!found) return not_found("no_such_upload", "there is no such upload");
  return std::move(*found);
}

Result<void> check_owner(const edge::Caller& caller, std::string_view owner) {
  if (owner == caller.principal.id) return {};
  return permission_denied("not_the_owner",
                           "somebody else has announced this and has its bytes: only they go on "
                           "with it");
}

}  // namespace pacs::rest
