// Bearer tokens: for administrators. A secret is in one answer, and never again.
#include <string>
#include <utility>

#include "access/token_issuer.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/router.h"
#include "rest/body_fields.h"
#include "rest/record_json.h"
#include "rest/routes.h"

namespace pacs::rest {
namespace {

using access::Action;
using access::TokenIssuer;
using access::TokenSummary;

void write_token_members(JsonWriter& writer, const TokenSummary& token, UnixMillis now) {
  const bool expired = token.expires_at && *token.expires_at <= now;
  writer.member("id", token.id);
  writer.member("kind", token.study_id ? "share_link" : "token");
  writer.member("name", token.name);
  writer.key("roles");
  writer.begin_array();
  const std::string roles = token.roles.str();
  for (const std::string_view role : split(roles, ',')) {
    if (!role.empty()) writer.string(role);
  }
  writer.end_array();
  writer.member("study", token.study_id);
  writer.member("status", token.revoked_at ? "revoked" : expired ? "expired" : "valid");
  write_time(writer, "created_at", token.created_at);
  write_time(writer, "expires_at", token.expires_at);
  write_time(writer, "revoked_at", token.revoked_at);
  write_time(writer, "last_used_at", token.last_used_at);
}

// An array of names, or "reader,uploader".
Result<access::Roles> read_roles(BodyFields& fields) {
  const JsonValue* value = fields.find_any("roles");
  if (value == nullptr) return missing_field("roles");
  std::string list;
  if (const std::string* text = value->as_string()) {
    list = *text;
  } else if (const JsonValue::Array* names = value->as_array()) {
    for (const JsonValue& name : *names) {
      if (name.as_string() == nullptr) return bad_field("roles", "must be an array of names");
      if (!list.empty()) list += ",";
      list += *name.as_string();
    }
  } else {
    return bad_field("roles", "must be an array of names");
  }
  const auto roles = access::Roles::parse(list);
  if (!roles || roles->empty()) {
    return bad_field("roles", "must be some of reader, uploader, admin, metrics");
  }
  return *roles;
}

Result<http::Response> list_tokens(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::administer));
  const auto tokens = PACS_TRY(services.tokens.list(caller.principal));
  const UnixMillis now = services.clock.now();
  JsonWriter writer;
  writer.begin_array();
  for (const TokenSummary& token : tokens) {
    writer.begin_object();
    write_token_members(writer, token, now);
    writer.end_object();
  }
  writer.end_array();
  return http::json(http::Status::ok, writer.take());
}

Result<http::Response> create_token(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::administer));
  BodyFields fields = PACS_TRY(BodyFields::read_json(request));
  access::TokenOrder order;
  order.name = PACS_TRY(fields.find_text("name", TokenIssuer::kNameBytesMax)).value_or("");
  if (order.name.empty()) return missing_field("name");
  order.roles = PACS_TRY(read_roles(fields));
  const auto expires_in =
      PACS_TRY(fields.find_integer("expires_in", 1, int64_t{TokenIssuer::kExpiresInMax.count()}));
  if (expires_in) order.expires_in = std::chrono::seconds(*expires_in);
  fields.warn_of_unknown(request);
  const auto created =
      PACS_TRY(services.tokens.create(caller.principal, order, request.request_id));
  JsonWriter writer;
  writer.begin_object();
  writer.member("token", created.secret);
  write_token_members(writer, created.token, services.clock.now());
  writer.end_object();
  return http::json(http::Status::created, writer.take());
}

Result<http::Response> revoke(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::administer));
  const auto id = parse_unsigned(request.path_parameter("id"));
  if (!id || *id > static_cast<uint64_t>(kIntegerMax)) {
    return not_found("no_such_token", "there is no such token");
  }
  const auto token = PACS_TRY(
      services.tokens.revoke(caller.principal, static_cast<int64_t>(*id), request.request_id));
  JsonWriter writer;
  writer.begin_object();
  write_token_members(writer, token, services.clock.now());
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

}  // namespace

void add_token_routes(http::Router& router, RestServices& services) {
  const std::string prefix = "/api/v1/archive/tokens/";
  router.add(http::Method::get, prefix, edge::answering(services, list_tokens));
  router.add(http::Method::post, prefix, edge::answering(services, create_token));
  router.add(http::Method::delete_, prefix + "{id}/", edge::answering(services, revoke));
}

}  // namespace pacs::rest
