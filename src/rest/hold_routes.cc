// Legal hold and retention date of a study: for administrators.
#include <string>
#include <utility>

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

constexpr size_t kReasonBytesMax = 500;  // a sentence and a file number
constexpr size_t kDayBytesMax = 10;

struct HeldStudy {
  int64_t id = 0;
  std::string study_uid;
  index::StudyHold hold;
};

// Whether it is in the trash or not.
Result<HeldStudy> get_held_study(RestServices& services, const edge::Caller& caller,
                                 std::string_view id) {
  HeldStudy study;
  const auto visible = get_study(services, caller.scope, id);
  if (visible) {
    study.id = visible->id;
    study.study_uid = visible->study_uid.str();
  } else {
    if (visible.error().code != ErrorCode::not_found) return visible.error();
    const auto place = PACS_TRY(services.trash.place(caller.scope, index::Trash::Noun::study, id));
    if (!place) return visible.error();
    study.id = *place->study_id;
    study.study_uid = place->study_uid.str();
  }
  study.hold = PACS_TRY(services.holds.find(caller.scope, study.id));
  return study;
}

http::Response show(const HeldStudy& study) {
  JsonWriter writer;
  writer.begin_object();
  writer.member("study", study.id);
  writer.member("study_uid", study.study_uid);
  writer.member("is_held", study.hold.is_held);
  writer.member("reason", study.hold.reason);
  write_text_or_null(writer, "retain_until", study.hold.retain_until);
  writer.member("set_by_name", study.hold.set_by);
  write_time(writer, "set_at",
             study.hold.set_at == 0 ? std::nullopt : std::optional(study.hold.set_at));
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

Result<http::Response> change(RestServices& services, const edge::Caller& caller, HeldStudy study,
                              std::string action, std::string detail) {
  index::AuditLine line = archive::audit_line(caller.actor, services.clock, std::move(action));
  line.study_uid = study.study_uid;
  line.detail = std::move(detail);
  study.hold.set_by = caller.actor.name;
  study.hold.set_at = line.time;
  PACS_TRY(services.holds.set(study.id, study.hold, line));
  return show(study);
}

Result<http::Response> show_hold(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::administer));
  return show(PACS_TRY(get_held_study(services, caller, request.path_parameter("id"))));
}

Result<http::Response> hold(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::administer));
  HeldStudy study = PACS_TRY(get_held_study(services, caller, request.path_parameter("id")));
  BodyFields fields = PACS_TRY(BodyFields::read_json(request));
  study.hold.reason = PACS_TRY(fields.find_text("reason", kReasonBytesMax)).value_or("");
  fields.warn_of_unknown(request);
  study.hold.is_held = true;
  std::string reason = study.hold.reason;
  return change(services, caller, std::move(study), "study.hold", std::move(reason));
}

Result<http::Response> release(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::administer));
  HeldStudy study = PACS_TRY(get_held_study(services, caller, request.path_parameter("id")));
  std::string reason = std::exchange(study.hold.reason, "");
  study.hold.is_held = false;
  return change(services, caller, std::move(study), "study.release", std::move(reason));
}

Result<http::Response> retain(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::administer));
  HeldStudy study = PACS_TRY(get_held_study(services, caller, request.path_parameter("id")));
  BodyFields fields = PACS_TRY(BodyFields::read_json(request));
  const auto day = PACS_TRY(fields.find_text("retain_until", kDayBytesMax));
  fields.warn_of_unknown(request);
  if (!day) return missing_field("retain_until");
  const auto midnight = from_rfc3339(*day + "T00:00:00Z");
  if (!midnight || index::day_of(*midnight) != *day) {
    return bad_field("retain_until", "must be a day, YYYY-MM-DD");
  }
  if (*day < index::day_of(services.clock.now())) {
    return bad_field("retain_until", "is over already; use DELETE to end a retention");
  }
  study.hold.retain_until = *day;
  return change(services, caller, std::move(study), "study.retain", *day);
}

Result<http::Response> end_retention(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::administer));
  HeldStudy study = PACS_TRY(get_held_study(services, caller, request.path_parameter("id")));
  std::string day = std::exchange(study.hold.retain_until, "");
  return change(services, caller, std::move(study), "study.end_retention", std::move(day));
}

}  // namespace

void add_hold_routes(http::Router& router, RestServices& services) {
  const std::string hold_path = "/api/v1/radiology/studies/{id}/hold/";
  const std::string retention_path = "/api/v1/radiology/studies/{id}/retention/";
  router.add(http::Method::get, hold_path, edge::answering(services, show_hold));
  router.add(http::Method::put, hold_path, edge::answering(services, hold));
  router.add(http::Method::delete_, hold_path, edge::answering(services, release));
  router.add(http::Method::put, retention_path, edge::answering(services, retain));
  router.add(http::Method::delete_, retention_path, edge::answering(services, end_retention));
}

}  // namespace pacs::rest
