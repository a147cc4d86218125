// `pacs-lite list`: the studies of the archive, newest first.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/operator_command.h"
#include "core/json_writer.h"
#include "http/uri.h"

namespace pacs::cli {
namespace {

constexpr uint64_t kPageSizeMax = 500;  // of the API

struct ListOptions {
  std::string search;
  std::string patient_id;
  std::string patient_name;
  std::string modality;
  std::string study_date;
  std::string order_id;
  std::string request_id;
  uint64_t limit = 50;
  bool json = false;
};

struct StudyList {
  std::vector<JsonValue> studies;
  std::optional<int64_t> count;  // of all that match
};

std::string first_path(const ListOptions& options) {
  http::QueryParameters query;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) query.emplace_back(name, value);
  };
  add("search", options.search);
  add("patient_id", options.patient_id);
  add("patient_name", options.patient_name);
  add("modality", options.modality);
  add("study_date", options.study_date);
  add("radiology_order_id", options.order_id);
  add("radiology_request_id", options.request_id);
  const uint64_t wanted = options.limit == 0 ? kPageSizeMax : options.limit;
  query.emplace_back("page_size", std::to_string(std::min(wanted, kPageSizeMax)));
  return "/api/v1/radiology/studies/?" + http::encode_query(query);
}

// `next` is a whole URL, which may name a host that this machine cannot reach.
std::string path_of(const std::string& url) {
  const std::optional<http::Url> parsed = http::parse_url(url);
  return parsed ? parsed->target : url;
}

Result<StudyList> fetch(ApiClient& api, const ListOptions& options) {
  StudyList list;
  std::string path = first_path(options);
  while (!path.empty()) {
    const JsonValue page = PACS_TRY(api.get(path));
    const JsonValue* results = page.find("results");
    // With an order given, the answer is a bare array.
    const JsonValue::Array* studies = results != nullptr ? results->as_array() : page.as_array();
    if (studies == nullptr) return internal_error("bad_answer", "the server's list is no list");
    if (const auto count = number_of(page, "count")) list.count = count;
    for (const JsonValue& study : *studies) {
      if (options.limit != 0 && list.studies.size() == options.limit) return list;
      list.studies.push_back(study);
    }
    path = path_of(text_of(page, "next"));
  }
  return list;
}

std::string number_text(const JsonValue& study, std::string_view name) {
  return std::to_string(number_of(study, name).value_or(0));
}

void print_list(const StudyList& list) {
  std::vector<std::vector<std::string>> rows;
  for (const JsonValue& study : list.studies) {
    rows.push_back({number_text(study, "id"), text_of(study, "study_date"),
                    text_of(study, "modality"), printable(text_of(study, "patient_id")),
                    printable(text_of(study, "patient_name")),
                    printable(text_of(study, "study_description")),
                    number_text(study, "image_count"), text_of(study, "study_uid")});
  }
  print(as_table(
      {"ID", "DATE", "MODALITY", "PATIENT ID", "PATIENT", "DESCRIPTION", "IMAGES", "STUDY UID"},
      rows));
  const auto shown = static_cast<int64_t>(list.studies.size());
  if (list.count.value_or(shown) > shown) {
    print_line(std::to_string(shown) + " of " + std::to_string(*list.count) +
               " studies; --limit 0 lists all");
  }
}

ExitCode list_studies(const ListOptions& options, const ProgramSettings& program) {
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  ApiClient api(*connected.connection);
  const Result<StudyList> list = fetch(api, options);
  if (!list) return explain(list.error());
  if (!options.json) {
    print_list(*list);
    return ExitCode::ok;
  }
  JsonWriter json;
  json.begin_array();
  for (const JsonValue& study : list->studies) json.raw(study.to_json());
  json.end_array();
  print_line(json.take());
  return ExitCode::ok;
}

}  // namespace

Command list_command() {
  auto options = std::make_shared<ListOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "list";
  command.summary = "List studies, newest first";
  command.description =
      "A study is listed when it fits every filter that is given. IMAGES counts those whose bytes "
      "are\n"
      "here; a study that was only announced has none yet. What was removed is in `pacs-lite "
      "trash`.";
  command.examples = {
      "pacs-lite list",
      "pacs-lite list --search doe --modality CT",
      "pacs-lite list --order 4711",
      "pacs-lite list --study-date 2026-01-01..2026-01-31 --limit 0 --json | jq '.[].study_uid'",
  };
  command.arguments = {
      {"--search", "words in the patient's name or id, the description, the accession number",
       &options->search},
      {"--patient-id", "exactly this id", &options->patient_id},
      {"--patient-name", "words that all stand somewhere in the name", &options->patient_name},
      {"--modality", "CT, MR, US …", &options->modality},
      {"--study-date", "a day (2026-01-31), FROM..TO, FROM.. or ..TO", &options->study_date},
      {"--order", "the studies of this radiology order (radiology_order_id)", &options->order_id},
      {"--request", "the studies of this radiology request (radiology_request_id)",
       &options->request_id},
      {"--limit", "how many at most; 0: all (default 50)", &options->limit},
      {"--json", "print a JSON array", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return list_studies(*options, program); };
  return command;
}

}  // namespace pacs::cli
