// Verifying what is stored: for administrators.
#include <string>

#include "archive/verification.h"
#include "core/json_writer.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/router.h"
#include "rest/body_fields.h"
#include "rest/query_fields.h"
#include "rest/record_json.h"
#include "rest/routes.h"

namespace pacs::rest {
namespace {

using access::Action;

constexpr int64_t kFindingsPageMax = 1000;

Result<http::Response> start(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::administer));
  BodyFields fields = PACS_TRY(BodyFields::read_json(request));
  const bool hashes = PACS_TRY(fields.find_boolean("hashes")).value_or(true);
  const bool repair = PACS_TRY(fields.find_boolean("repair")).value_or(false);
  fields.warn_of_unknown(request);
  archive::VerifyOrder order;
  order.depth = hashes ? archive::VerifyDepth::hashes : archive::VerifyDepth::presence;
  order.mode = repair ? archive::VerifyMode::repair : archive::VerifyMode::check;
  order.actor = caller.actor;
  const int64_t number = PACS_TRY(services.verification.start(order));
  JsonWriter writer;
  writer.begin_object();
  writer.member("number", number);
  writer.end_object();
  return http::json(http::Status::accepted, writer.take());
}

void write_finding(JsonWriter& writer, const archive::VerifyFinding& finding) {
  const bool is_error = archive::severity_of(finding.fault.kind) == archive::FindingSeverity::error;
  writer.begin_object();
  writer.member("kind", archive::to_string(finding.fault.kind));
  writer.member("severity", is_error ? "error" : "notice");
  writer.member("detail", finding.fault.detail);
  writer.member("store", finding.store);
  writer.member("path", finding.path);
  writer.member("image_id", finding.image_id == 0 ? std::optional<int64_t>() : finding.image_id);
  write_text_or_null(writer, "study_uid", finding.study_uid);
  write_text_or_null(writer, "image_uid", finding.image_uid);
  writer.member("repair", archive::to_string(finding.repair.state));
  writer.member("repair_detail", finding.repair.detail);
  writer.end_object();
}

void write_report(JsonWriter& writer, const archive::VerifyReport& report) {
  writer.begin_object();
  writer.member("number", report.number);
  writer.member("hashes", report.depth == archive::VerifyDepth::hashes);
  writer.member("repair", report.mode == archive::VerifyMode::repair);
  writer.member("trigger", archive::to_string(report.trigger));
  writer.member("state", archive::to_string(report.state));
  write_time(writer, "started_at", report.started_at);
  write_time(writer, "ended_at", report.ended_at);
  writer.member("images", report.images);
  writer.member("files", report.files);
  writer.member("read_bytes", report.read_bytes);
  writer.member("findings_total", report.findings_total());
  writer.member("needing_attention", report.needing_attention);
  writer.key("counts");
  writer.begin_object();
  for (const archive::FindingKind kind : archive::all_finding_kinds()) {
    const uint64_t count = report.counts[static_cast<size_t>(kind)];
    if (count > 0) writer.member(archive::to_string(kind), count);
  }
  writer.end_object();
  writer.member("error", report.error);
  writer.key("findings");
  writer.begin_array();
  for (const archive::VerifyFinding& finding : report.findings) write_finding(writer, finding);
  writer.end_array();
  writer.end_object();
}

Result<http::Response> show_report(RestServices& services, http::Request& request) {
  PACS_TRY(authorise(services.edge, request, Action::administer));
  QueryFields fields(request);
  const auto skip = PACS_TRY(fields.find_integer("skip", 0, kIntegerMax));
  const auto limit = PACS_TRY(fields.find_integer("limit", 1, kFindingsPageMax));
  fields.warn_of_unknown();
  const auto report = services.verification.report(
      static_cast<size_t>(skip.value_or(0)), static_cast<size_t>(limit.value_or(kFindingsPageMax)));
  if (!report) {
    return not_found("no_verification", "nothing has been verified since the server started");
  }
  JsonWriter writer;
  write_report(writer, *report);
  return http::json(http::Status::ok, writer.take());
}

}  // namespace

void add_verify_routes(http::Router& router, RestServices& services) {
  router.add(http::Method::post, "/api/v1/archive/verify/", edge::answering(services, start));
  router.add(http::Method::get, "/api/v1/archive/verify/", edge::answering(services, show_report));
}

}  // namespace pacs::rest
