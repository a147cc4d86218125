// The audit log, newest first, and whether it is what was written: for administrators.
#include <string>

#include "access/principal.h"
#include "core/json_writer.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/router.h"
#include "rest/body_fields.h"
#include "rest/query_fields.h"
#include "rest/record_json.h"
#include "rest/routes.h"
#include "rest/upload_lists.h"

namespace pacs::rest {
namespace {

std::string_view name_of(index::AuditOutcome outcome) {
  switch (outcome) {
    case index::AuditOutcome::success:
      return "success";
    case index::AuditOutcome::refused:
      return "refused";
    case index::AuditOutcome::failed:
      return "failed";
  }
  return "failed";
}

void write_line(JsonWriter& writer, const index::StoredAuditLine& stored) {
  const index::AuditLine& line = stored.line;
  writer.begin_object();
  writer.member("id", stored.id);
  write_time(writer, "time", line.time);
  writer.member("actor", line.actor);
  writer.member("action", line.action);
  writer.member("outcome", name_of(line.outcome));
  write_text_or_null(writer, "study_uid", line.study_uid);
  write_text_or_null(writer, "image_uid", line.image_uid);
  writer.member("request_id", line.request_id);
  writer.member("detail", line.detail);
  writer.member("chain", stored.chain_id);
  writer.member("sequence", stored.sequence);
  writer.member("hash", stored.hash);
  writer.end_object();
}

Result<std::optional<UnixMillis>> find_time(QueryFields& fields, std::string_view name) {
  const auto text = PACS_TRY(fields.find_text(name));
  if (!text) return std::optional<UnixMillis>();
  const auto time = from_rfc3339(*text);
  if (!time) return bad_parameter(name, "must be a time such as 2026-11-22T16:50:00Z");
  return time;
}

Result<http::Response> list(RestServices& services, http::Request& request) {
  const edge::Caller caller =
      PACS_TRY(authorise(services.edge, request, access::Action::administer));
  QueryFields fields(request);
  index::AuditQuery query;
  query.actor = PACS_TRY(fields.find_text("actor", access::Principal::kIdBytesMax));
  query.action = PACS_TRY(fields.find_text("action"));
  query.study_uid = PACS_TRY(fields.find_text("study_uid"));
  query.from = PACS_TRY(find_time(fields, "from"));
  query.before = PACS_TRY(find_time(fields, "before"));
  query.before_id = PACS_TRY(fields.find_integer("before_id", 1, kIntegerMax));
  const auto limit =
      PACS_TRY(fields.find_integer("limit", 1, static_cast<int64_t>(index::AuditLog::kPageMax)));
  if (limit) query.limit = static_cast<size_t>(*limit);
  fields.warn_of_unknown();

  const auto lines = PACS_TRY(services.audit_log.list(caller.scope, query));
  JsonWriter writer;
  writer.begin_array();
  for (const index::StoredAuditLine& line : lines) write_line(writer, line);
  writer.end_array();
  http::Response response = http::json(http::Status::ok, writer.take());
  if (lines.size() == query.limit) {
    add_next_link(response, services, request, "before_id", lines.back().id);
  }
  return response;
}

Result<http::Response> verify_log(RestServices& services, http::Request& request) {
  const edge::Caller caller =
      PACS_TRY(authorise(services.edge, request, access::Action::administer));
  // Taken before the walk, which so covers it.
  const auto newest = PACS_TRY(services.audit_log.list(caller.scope, {.limit = 1}));
  const auto broken = PACS_TRY(services.audit_log.verify_chain());
  JsonWriter writer;
  writer.begin_object();
  writer.member("whole", !broken);
  writer.key("broken");
  if (broken) {
    writer.begin_object();
    writer.member("chain", broken->chain_id);
    writer.member("sequence", broken->sequence);
    writer.member("reason", broken->reason);
    writer.end_object();
  } else {
    writer.null();
  }
  writer.key("newest");
  newest.empty() ? writer.null() : write_line(writer, newest.front());
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

}  // namespace

void add_audit_routes(http::Router& router, RestServices& services) {
  router.add(http::Method::get, "/api/v1/archive/audit/", edge::answering(services, list));
  router.add(http::Method::get, "/api/v1/archive/audit/verify/",
             edge::answering(services, verify_log));
}

}  // namespace pacs::rest
