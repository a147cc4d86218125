#include "cli/verify_watch.h"

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>

#include "cli/console.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

constexpr std::chrono::milliseconds kAskEvery{200};
constexpr const char* kPath = "/api/v1/archive/verify/";

bool is_true(const JsonValue& report, std::string_view name) {
  const JsonValue* member = report.find(name);
  return member != nullptr && member->to_json() == "true";
}

// The number of the pass to watch. One that an earlier call of the same command has ordered, and
// that goes on in the server, is watched again.
Result<int64_t> start(ApiClient& api, const VerifyWish& wish) {
  JsonWriter json;
  json.begin_object();
  json.member("hashes", !wish.quick);
  json.member("repair", wish.repair);
  json.end_object();
  const std::string order = json.take();
  for (;;) {
    const Result<JsonValue> started = api.post(kPath, order);
    if (started) return number_of(*started, "number").value_or(0);
    if (started.error().reason != "verify_running") return started.error();
    const Result<JsonValue> running = api.get(std::string(kPath) + "?limit=1");
    if (running && text_of(*running, "trigger") == "order" &&
        text_of(*running, "state") == "running") {
      if (is_true(*running, "hashes") == !wish.quick &&
          is_true(*running, "repair") == wish.repair) {
        print_error("The same verification runs already; showing that one.");
        return number_of(*running, "number").value_or(0);
      }
      return conflict("verify_running",
                      "another verification runs; wait for its end, or look at it with the same "
                      "options");
    }
    std::this_thread::sleep_for(kAskEvery);
  }
}

void print_finding(const JsonValue& finding) {
  print_line(text_of(finding, "severity") + "  " + text_of(finding, "kind") + "  " +
             printable(text_of(finding, "path")) + ": " + printable(text_of(finding, "detail")));
  if (text_of(finding, "repair") != "not_asked") {
    print_line("        " + text_of(finding, "repair") + ": " +
               printable(text_of(finding, "repair_detail")));
  }
}

void draw_progress(const JsonValue& report) {
  if (!error_is_terminal()) return;
  std::fputs(("\r" + std::to_string(number_of(report, "images").value_or(0)) + " images, " +
              std::to_string(number_of(report, "files").value_or(0)) + " files, " +
              std::to_string(number_of(report, "findings_total").value_or(0)) + " findings  ")
                 .c_str(),
             stderr);
}

// Takes over what has been found since the last time; prints it as it comes.
void take_findings(const JsonValue& report, const VerifyWish& wish, WatchedVerification& watched) {
  const JsonValue* findings = report.find("findings");
  if (findings == nullptr || findings->as_array() == nullptr) return;
  for (const JsonValue& finding : *findings->as_array()) {
    if (!wish.is_quiet && watched.findings.size() < kVerifyLinesPrintedMax) print_finding(finding);
    watched.findings.push_back(finding);
  }
}

Result<WatchedVerification> watch(ApiClient& api, int64_t number, const VerifyWish& wish) {
  WatchedVerification watched;
  for (;;) {
    const Result<JsonValue> asked =
        api.get(std::string(kPath) + "?skip=" + std::to_string(watched.findings.size()));
    if (!asked && asked.error().reason != "no_verification") return asked.error();
    const int64_t shown = asked ? number_of(*asked, "number").value_or(0) : 0;
    if (shown > number) {
      return internal_error("verify_replaced",
                            "a later verification has begun; its findings and those before are in "
                            "the audit log");
    }
    if (shown == number) {
      const size_t before = watched.findings.size();
      take_findings(*asked, wish, watched);
      const bool is_done = text_of(*asked, "state") != "running";
      if (is_done && watched.findings.size() == before) {
        watched.report = *asked;
        if (error_is_terminal() && !wish.is_quiet) std::fputs("\n", stderr);
        return watched;
      }
      if (!wish.is_quiet) draw_progress(*asked);
      if (is_done) continue;  // the rest of the findings
    }
    std::this_thread::sleep_for(kAskEvery);
  }
}

}  // namespace

Result<WatchedVerification> verify_and_watch(ApiClient& api, const VerifyWish& wish) {
  const int64_t number = PACS_TRY(start(api, wish));
  return watch(api, number, wish);
}

void write_verification(JsonWriter& json, const WatchedVerification& watched) {
  json.begin_object();
  for (const auto& [name, member] : *watched.report.as_object()) {
    if (name == "findings") continue;
    json.key(name);
    json.raw(member.to_json());
  }
  json.key("findings");
  json.begin_array();
  for (const JsonValue& finding : watched.findings) json.raw(finding.to_json());
  json.end_array();
  json.end_object();
}

}  // namespace pacs::cli
