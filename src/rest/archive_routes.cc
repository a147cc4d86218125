// The archive itself: who it is, how receipts are checked, its signing keys.
#include <string>

#include "access/receipts.h"
#include "core/json_writer.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/router.h"
#include "rest/body_fields.h"
#include "rest/routes.h"
#include "storage/signing_keys.h"

namespace pacs::rest {
namespace {

using access::Action;

// Only for who has shown a token: an anonymous scanner learns no version.
Result<void> write_for_principals(RestServices& services, const http::Request& request,
                                  JsonWriter& writer) {
  if (!request.headers.contains("Authorization") && !request.peer.is_local_socket()) return {};
  auto reader = authorise(services.edge, request, Action::read_images);
  if (!reader && reader.error().reason == "unauthenticated") return std::move(reader).error();
  writer.member("version", services.settings.version);
  if (!reader || !access::may(reader->principal, Action::administer)) return {};
  const auto totals = PACS_TRY(services.archive_state.totals());
  writer.key("totals");
  writer.begin_object();
  writer.member("studies", totals.studies);
  writer.member("series", totals.series);
  writer.member("images", totals.images);
  writer.member("size_bytes", totals.size_bytes);
  writer.end_object();
  return {};
}

Result<http::Response> show(RestServices& services, http::Request& request) {
  JsonWriter writer;
  writer.begin_object();
  writer.member("archive_id", services.receipts.archive_id());
  writer.member("api", "v1");
  writer.member("max_image_bytes", services.settings.image_bytes_max);
  writer.member("receipt_algorithm", "Ed25519");
  writer.member("receipt_key_id", services.receipts.key_id());
  writer.member("receipt_public_key", services.receipts.public_key_text());
  PACS_TRY(write_for_principals(services, request, writer));
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

// A new key signs links from now on. Old links go on until they expire, or stop at once.
Result<http::Response> rotate_keys(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::administer));
  BodyFields fields = PACS_TRY(BodyFields::read_json(request));
  const bool drop_old = PACS_TRY(fields.find_boolean("drop_old")).value_or(false);
  fields.warn_of_unknown(request);
  index::AuditLine line = archive::audit_line(caller.actor, services.clock, "key.rotate");
  line.detail = drop_old ? "old keys dropped" : "old keys valid until their links expire";
  // The line first: a rotation that nobody can see must not happen.
  PACS_TRY(services.audit_log.append(line));
  PACS_TRY(services.signing_keys.rotate(drop_old ? storage::OldKeys::dropped_now
                                                 : storage::OldKeys::valid_until_links_expire));
  JsonWriter writer;
  writer.begin_object();
  writer.member("key_id", services.signing_keys.current().id);
  writer.member("valid_keys", static_cast<int64_t>(services.signing_keys.count()));
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

}  // namespace

void add_archive_routes(http::Router& router, RestServices& services) {
  router.add(http::Method::get, "/api/v1/archive/", edge::answering(services, show));
  router.add(http::Method::post, "/api/v1/archive/keys/rotate/",
             edge::answering(services, rotate_keys));
}

}  // namespace pacs::rest
