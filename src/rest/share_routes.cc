// Share links as their makers see them: made, listed, revoked.
#include <string>
#include <utility>

#include "access/share_links.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/router.h"
#include "rest/body_fields.h"
#include "rest/find_records.h"
#include "rest/record_json.h"
#include "rest/routes.h"

namespace pacs::rest {
namespace {

using access::Action;
using access::ShareLink;
using access::ShareLinks;

constexpr size_t kPinFieldMax = 64;

void write_share(JsonWriter& writer, const RestServices& services, const http::Request& request,
                 const ShareLink& link) {
  const bool expired = link.expires_at <= services.clock.now();
  const bool is_over = expired || link.revoked_at.has_value() || link.path.empty();
  writer.begin_object();
  writer.member("id", link.id);
  writer.key("url");
  if (is_over) {
    writer.null();
  } else {
    writer.string(edge::public_base(services.edge, request) + link.path);
  }
  writer.member("status", link.revoked_at ? "revoked" : is_over ? "expired" : "valid");
  writer.key("studies");
  writer.begin_array();
  for (const access::BoundStudy& study : link.studies) {
    writer.begin_object();
    writer.member("id", study.id);
    writer.member("study_uid", study.uid);
    writer.end_object();
  }
  writer.end_array();
  writer.member("label", link.label);
  writer.member("has_pin", link.has_pin);
  writer.member("created_by", link.created_by);
  writer.member("use_count", link.use_count);
  write_time(writer, "created_at", link.created_at);
  write_time(writer, "expires_at", link.expires_at);
  write_time(writer, "revoked_at", link.revoked_at);
  write_time(writer, "last_used_at", link.last_used_at);
  writer.end_object();
}

http::Response share_answer(http::Status status, const RestServices& services,
                            const http::Request& request, const ShareLink& link) {
  JsonWriter writer;
  write_share(writer, services, request, link);
  return http::json(status, writer.take());
}

// Numbers or UIDs.
Result<std::vector<int64_t>> read_shared_studies(const RestServices& services,
                                                 const edge::Caller& caller, BodyFields& fields) {
  const JsonValue* value = fields.find_any("studies");
  if (value == nullptr) return missing_field("studies");
  const JsonValue::Array* all = value->as_array();
  if (all == nullptr || all->empty() || all->size() > ShareLinks::kStudiesMax) {
    return bad_field("studies", "must be an array of 1 to 100 studies");
  }
  std::vector<int64_t> ids;
  for (const JsonValue& each : *all) {
    const auto number = each.as_int64();
    const std::string* text = each.as_string();
    if (!number && text == nullptr) return bad_field("studies", "must be numbers or UIDs");
    const std::string id = number ? std::to_string(*number) : *text;
    ids.push_back(PACS_TRY(get_study(services, caller.scope, id)).id);
  }
  return ids;
}

Result<http::Response> create_share(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::hand_out_links));
  BodyFields fields = PACS_TRY(BodyFields::read_json(request));
  access::ShareOrder order;
  order.study_ids = PACS_TRY(read_shared_studies(services, caller, fields));
  order.label = PACS_TRY(fields.find_text("label", ShareLinks::kLabelBytesMax)).value_or("");
  const auto pin = PACS_TRY(fields.find_text("pin", kPinFieldMax));
  if (pin && pin->empty()) return bad_field("pin", "must have 4 to 64 bytes");
  order.pin = pin.value_or("");
  const auto expires_in =
      PACS_TRY(fields.find_integer("expires_in", 1, int64_t{ShareLinks::kExpiresInMax.count()}));
  order.expires_in = expires_in ? std::chrono::seconds(*expires_in) : services.settings.url_life;
  fields.warn_of_unknown(request);
  const auto link =
      PACS_TRY(services.share_links.create(caller.principal, order, request.request_id));
  return share_answer(http::Status::created, services, request, link);
}

Result<http::Response> list_shares(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::hand_out_links));
  JsonWriter writer;
  writer.begin_array();
  for (const ShareLink& link : PACS_TRY(services.share_links.list(caller.principal))) {
    write_share(writer, services, request, link);
  }
  writer.end_array();
  return http::json(http::Status::ok, writer.take());
}

Result<http::Response> revoke_share(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::hand_out_links));
  const auto id = parse_unsigned(request.path_parameter("id"));
  if (!id || *id > static_cast<uint64_t>(kIntegerMax)) {
    return not_found("no_such_token", "there is no such link");
  }
  const auto link = PACS_TRY(
      services.share_links.revoke(caller.principal, static_cast<int64_t>(*id), request.request_id));
  return share_answer(http::Status::ok, services, request, link);
}

}  // namespace

void add_share_routes(http::Router& router, RestServices& services) {
  const std::string prefix = "/api/v1/radiology/shares/";
  router.add(http::Method::post, prefix, edge::answering(services, create_share));
  router.add(http::Method::get, prefix, edge::answering(services, list_shares));
  router.add(http::Method::delete_, prefix + "{id}/", edge::answering(services, revoke_share));
}

}  // namespace pacs::rest
