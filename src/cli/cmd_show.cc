// `pacs-lite show`: what the archive knows of one study, series or image.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/operator_command.h"
#include "cli/record_name.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

struct ShowOptions {
  std::vector<std::string> name;
  bool json = false;
};

std::string text_of_scalar(const JsonValue& value) {
  if (value.is_null()) return "-";
  return value.as_string() != nullptr ? printable(*value.as_string()) : value.to_json();
}

// Links are left out: they are long, expire, and are what `url` is for.
void print_members(const JsonValue& record) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : *record.as_object()) {
    const bool is_link = name.ends_with("_url");
    if (is_link || value.as_array() != nullptr || value.is_object()) continue;
    rows.push_back({name, text_of_scalar(value)});
  }
  print(as_table({"FIELD", "VALUE"}, rows));
}

std::vector<std::string> image_row(const std::string& series, const JsonValue& image) {
  const auto instance_number = number_of(image, "instance_number");
  return {series,
          instance_number ? std::to_string(*instance_number) : "-",
          std::to_string(number_of(image, "id").value_or(0)),
          text_of(image, "mime_type"),
          human_bytes(static_cast<uint64_t>(number_of(image, "file_size").value_or(0))),
          printable(text_of(image, "filename")),
          text_of(image, "pixels"),
          text_of(image, "image_uid")};
}

void add_image_rows(const JsonValue& series, std::vector<std::vector<std::string>>& rows) {
  const auto series_number = number_of(series, "series_number");
  const std::string label = (series_number ? std::to_string(*series_number) : "-") + " " +
                            printable(text_of(series, "series_description"));
  const JsonValue* images = series.find("images");
  if (images == nullptr || images->as_array() == nullptr) return;
  for (const JsonValue& image : *images->as_array()) rows.push_back(image_row(label, image));
}

void print_images(const std::vector<std::vector<std::string>>& rows) {
  print_line("");
  print(
      as_table({"SERIES", "NO", "IMAGE", "TYPE", "SIZE", "FILENAME", "PIXELS", "IMAGE UID"}, rows));
}

ExitCode print_study(ApiClient& api, const FoundRecord& study, const ShowOptions& options) {
  const Result<JsonValue> images = api.get(path_of(study.kind, study.id) + "images/");
  if (!images) return explain(images.error());
  if (options.json) {
    JsonWriter json;
    json.begin_object();
    for (const auto& [name, value] : *study.json.as_object()) {
      json.key(name);
      json.raw(value.to_json());
    }
    const JsonValue* series = images->find("series");
    json.key("series");
    json.raw(series != nullptr ? series->to_json() : "[]");
    json.end_object();
    print_line(json.take());
    return ExitCode::ok;
  }
  print_members(study.json);
  std::vector<std::vector<std::string>> rows;
  const JsonValue* series = images->find("series");
  if (series != nullptr && series->as_array() != nullptr) {
    for (const JsonValue& one : *series->as_array()) add_image_rows(one, rows);
  }
  print_images(rows);
  return ExitCode::ok;
}

ExitCode show(const ShowOptions& options, const ProgramSettings& program) {
  const Result<RecordName> name = parse_record_name(options.name);
  if (!name) return explain(name.error());
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  ApiClient api(*connected.connection);
  const Result<FoundRecord> found = find_record(api, *name);
  if (!found) return explain(found.error());
  if (!found->json.is_object()) return explain(internal_error("bad_answer", "no record came back"));
  if (found->kind == RecordKind::study) return print_study(api, *found, options);
  if (options.json) {
    print_line(found->json.to_json());
    return ExitCode::ok;
  }
  print_members(found->json);
  if (found->kind == RecordKind::series) {
    std::vector<std::vector<std::string>> rows;
    add_image_rows(found->json, rows);
    print_images(rows);
  }
  return ExitCode::ok;
}

}  // namespace

Command show_command() {
  auto options = std::make_shared<ShowOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "show";
  command.summary = "Show one study, series or image";
  command.description =
      "NAME is `study NUMBER`, `series NUMBER`, `image NUMBER`, or a UID, whose kind is found out.";
  command.examples = {
      "pacs-lite show study 12",
      "pacs-lite show 1.2.840.113619.2.55.3.604688.1.7",
      "pacs-lite show image 340 --json",
  };
  command.arguments = {
      {"NAME", "study NUMBER, series NUMBER, image NUMBER, or a UID", &options->name,
       Argument::Need::required},
      {"--json", "print JSON", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return show(*options, program); };
  return command;
}

}  // namespace pacs::cli
