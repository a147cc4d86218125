// `pacs-lite verify`: is everything that was stored still there and right?
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/operator_command.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

constexpr std::chrono::milliseconds kAskEvery{200};
constexpr size_t kLinesPrintedMax = 1000;  // then --json or the audit log is the place to look
constexpr const char* kPath = "/api/v1/archive/verify/";

struct VerifyOptions {
  bool quick = false;
  bool repair = false;
  bool json = false;
};

struct Watched {
  JsonValue report;  // the last one, without its findings
  std::vector<JsonValue> findings;
};

bool is_true(const JsonValue& report, std::string_view name) {
  const JsonValue* member = report.find(name);
  return member != nullptr && member->to_json() == "true";
}

// The number of the pass to watch. One that an earlier call of the same command has ordered, and
// that goes on in the server, is watched again.
Result<int64_t> start(ApiClient& api, const VerifyOptions& options) {
  JsonWriter json;
  json.begin_object();
  json.member("hashes", !options.quick);
  json.member("repair", options.repair);
  json.end_object();
  const std::string order = json.take();
  for (;;) {
    const Result<JsonValue> started = api.post(kPath, order);
    if (started) return number_of(*started, "number").value_or(0);
    if (started.error().reason != "verify_running") return started.error();
    const Result<JsonValue> running = api.get(std::string(kPath) + "?limit=1");
    if (running && text_of(*running, "trigger") == "order" &&
        text_of(*running, "state") == "running") {
      if (is_true(*running, "hashes") == !options.quick &&
          is_true(*running, "repair") == options.repair) {
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
void take_findings(const JsonValue& report, const VerifyOptions& options, Watched& watched) {
  const JsonValue* findings = report.find("findings");
  if (findings == nullptr || findings->as_array() == nullptr) return;
  for (const JsonValue& finding : *findings->as_array()) {
    if (!options.json && watched.findings.size() < kLinesPrintedMax) print_finding(finding);
    watched.findings.push_back(finding);
  }
}

Result<Watched> watch(ApiClient& api, int64_t number, const VerifyOptions& options) {
  Watched watched;
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
      take_findings(*asked, options, watched);
      const bool is_done = text_of(*asked, "state") != "running";
      if (is_done && watched.findings.size() == before) {
        watched.report = *asked;
        if (error_is_terminal() && !options.json) std::fputs("\n", stderr);
        return watched;
      }
      if (!options.json) draw_progress(*asked);
      if (is_done) continue;  // the rest of the findings
    }
    std::this_thread::sleep_for(kAskEvery);
  }
}

void print_as_json(const Watched& watched) {
  JsonWriter json;
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
  print_line(json.take());
}

void print_summary(const Watched& watched) {
  const JsonValue& report = watched.report;
  const auto count = [&](std::string_view name) {
    return std::to_string(number_of(report, name).value_or(0));
  };
  if (watched.findings.size() > kLinesPrintedMax) {
    print_line("… and " + std::to_string(watched.findings.size() - kLinesPrintedMax) +
               " more; --json prints all");
  }
  const JsonValue* counts = report.find("counts");
  if (counts != nullptr && counts->as_object() != nullptr) {
    for (const auto& [kind, number] : *counts->as_object()) {
      print_line(number.to_json() + " " + kind);
    }
  }
  print_line(count("images") + " images and " + count("files") + " files looked at, " +
             human_bytes(static_cast<uint64_t>(number_of(report, "read_bytes").value_or(0))) +
             " read; " + count("findings_total") + " findings, " + count("needing_attention") +
             " need attention");
}

ExitCode verify(const VerifyOptions& options, const ProgramSettings& program) {
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  ApiClient api(*connected.connection);
  const Result<int64_t> number = start(api, options);
  if (!number) return explain(number.error());
  const Result<Watched> watched = watch(api, *number, options);
  if (!watched) return explain(watched.error());
  options.json ? print_as_json(*watched) : print_summary(*watched);
  if (text_of(watched->report, "state") != "finished") {
    print_error("error: the verification did not come to its end: " +
                printable(text_of(watched->report, "error")));
    return ExitCode::failed;
  }
  return number_of(watched->report, "needing_attention").value_or(0) == 0 ? ExitCode::ok
                                                                          : ExitCode::failed;
}

}  // namespace

Command verify_command() {
  auto options = std::make_shared<VerifyOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "verify";
  command.summary = "Is everything that was stored still there and right?";
  command.description =
      "Reads and hashes every stored file and holds it against its row: size, SHA-256, "
      "attributes,\n"
      "DICOM header. Then looks for what no row names: blobs of ingests that were cut, renamed "
      "and\n"
      "damaged files, links, strangers' files. Changes nothing, unless --repair is given: that\n"
      "indexes whole files again, puts renamed ones back, and moves what is wrong to the "
      "quarantine\n"
      "(MEDIA_ROOT/.pacs-lite/quarantine). It deletes nothing, and can be stopped and run again.\n"
      "The running server does the work, and goes on when this command is interrupted; it does "
      "the\n"
      "same by itself on a schedule (PACS_LITE_VERIFY_*). Each finding is a line in the audit "
      "log.\n"
      "Exit code 0: nothing needs attention (a cut ingest is a notice); 1: findings that are "
      "still\n"
      "there, or the end was not reached; 2: usage; 3: no server. docs/operations.md tells what "
      "to\n"
      "do with each finding.";
  command.examples = {
      "pacs-lite verify",
      "pacs-lite verify --quick                  # sizes and presence alone",
      "pacs-lite verify --repair",
      "pacs-lite verify --json | jq '.findings[] | select(.severity == \"error\")'",
  };
  command.arguments = {
      {"--quick", "look whether each file is there and has its size; read none", &options->quick},
      {"--repair", "mend what can be mended; nothing is deleted", &options->repair},
      {"--json", "print JSON", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return verify(*options, program); };
  return command;
}

}  // namespace pacs::cli
