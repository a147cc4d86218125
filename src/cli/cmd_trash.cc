// `pacs-lite trash`: what was removed and can still be restored.
#include <memory>
#include <string>
#include <vector>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/operator_command.h"
#include "core/json_writer.h"
#include "http/uri.h"

namespace pacs::cli {
namespace {

constexpr size_t kMinuteLength = 16;  // of 2026-11-22T16:50:00Z

struct TrashOptions {
  uint64_t limit = 50;
  bool json = false;
};

Result<std::vector<JsonValue>> fetch(ApiClient& api, const TrashOptions& options) {
  std::vector<JsonValue> studies;
  std::string path = "/api/v1/radiology/trash/?page_size=100";
  while (!path.empty()) {
    const JsonValue page = PACS_TRY(api.get(path));
    const JsonValue* results = page.find("results");
    if (results == nullptr || results->as_array() == nullptr) {
      return internal_error("bad_answer", "the server's list is no list");
    }
    for (const JsonValue& study : *results->as_array()) {
      if (options.limit != 0 && studies.size() == options.limit) return studies;
      studies.push_back(study);
    }
    const std::string next = text_of(page, "next");
    const auto url = http::parse_url(next);
    path = url ? url->target : next;
  }
  return studies;
}

void print_trash(const std::vector<JsonValue>& studies) {
  std::vector<std::vector<std::string>> rows;
  for (const JsonValue& study : studies) {
    const JsonValue* held = study.find("is_held");
    const bool is_held = held != nullptr && held->as_bool() != nullptr && *held->as_bool();
    rows.push_back({std::to_string(number_of(study, "id").value_or(0)),
                    text_of(study, "removed_at").substr(0, kMinuteLength),
                    is_held ? "held" : text_of(study, "purge_at").substr(0, kMinuteLength),
                    std::to_string(number_of(study, "image_count").value_or(0)),
                    human_bytes(static_cast<uint64_t>(number_of(study, "size_bytes").value_or(0))),
                    printable(text_of(study, "patient_id")),
                    printable(text_of(study, "patient_name")), text_of(study, "study_uid")});
  }
  print(as_table(
      {"ID", "REMOVED", "DELETED FROM", "IMAGES", "SIZE", "PATIENT ID", "PATIENT", "STUDY UID"},
      rows));
}

ExitCode show_trash(const TrashOptions& options, const ProgramSettings& program) {
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  ApiClient api(*connected.connection);
  const Result<std::vector<JsonValue>> studies = fetch(api, options);
  if (!studies) return explain(studies.error());
  if (!options.json) {
    print_trash(*studies);
    return ExitCode::ok;
  }
  JsonWriter json;
  json.begin_array();
  for (const JsonValue& study : *studies) json.raw(study.to_json());
  json.end_array();
  print_line(json.take());
  return ExitCode::ok;
}

}  // namespace

Command trash_command() {
  auto options = std::make_shared<TrashOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "trash";
  command.summary = "List what was removed and can be restored";
  command.description =
      "The studies that have images in the trash, the last removed first; counts and sizes are of\n"
      "these images alone. What is held is not deleted before the hold or the retention date ends.";
  command.examples = {"pacs-lite trash", "pacs-lite trash --json | jq '.[].study_uid'"};
  command.arguments = {
      {"--limit", "how many at most; 0: all (default 50)", &options->limit},
      {"--json", "print a JSON array", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return show_trash(*options, program); };
  return command;
}

}  // namespace pacs::cli
