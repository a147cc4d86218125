#include "rest/openapi.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/assert.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "http/status.h"
#include "rest/openapi_types.h"

namespace pacs::rest {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(text, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

std::string path_of(const OperationDocument& operation, std::string_view media_path) {
  std::string path(operation.path);
  if (path.starts_with("{media}")) path.replace(0, 7, media_path);
  return path;
}

std::vector<std::string_view> path_parameters_of(std::string_view path) {
  std::vector<std::string_view> names;
  for (size_t open = path.find('{'); open != std::string_view::npos;
       open = path.find('{', open + 1)) {
    names.push_back(path.substr(open + 1, path.find('}', open) - open - 1));
  }
  return names;
}

void write_parameter(JsonWriter& writer, std::string_view name, std::string_view place,
                     std::string_view type, std::string_view summary) {
  writer.begin_object();
  writer.member("name", name);
  writer.member("in", place);
  writer.member("required", place == "path");
  writer.member("description", summary);
  writer.key("schema");
  write_type(writer, type);
  writer.end_object();
}

void write_parameters(JsonWriter& writer, const OperationDocument& operation,
                      const std::string& path) {
  writer.key("parameters");
  writer.begin_array();
  for (const std::string_view name : path_parameters_of(path)) {
    const bool is_key = name == "key";
    write_parameter(
        writer, name, "path", "string",
        is_key ? "The key of the stored object, slashes included" : "The number or the UID");
  }
  for (const std::string_view name : words_of(operation.query)) {
    const auto parameters = parameter_documents();
    const auto found = std::find_if(parameters.begin(), parameters.end(),
                                    [&](const auto& entry) { return entry.name == name; });
    PACS_ASSERT(found != parameters.end());
    write_parameter(writer, name, "query", found->type, found->summary);
  }
  writer.end_array();
}

void write_content(JsonWriter& writer, std::string_view media_type, std::string_view type) {
  writer.key(media_type);
  writer.begin_object();
  writer.key("schema");
  write_type(writer, type);
  writer.end_object();
}

void write_body(JsonWriter& writer, const OperationDocument& operation) {
  if (operation.body.empty()) return;
  writer.key("requestBody");
  writer.begin_object();
  writer.member("required", true);
  writer.key("content");
  writer.begin_object();
  for (const std::string_view way : words_of(operation.body)) {
    if (way.starts_with("json=")) write_content(writer, "application/json", way.substr(5));
    if (way.starts_with("form=")) write_content(writer, "multipart/form-data", way.substr(5));
    if (way == "piece") write_content(writer, "application/offset+octet-stream", "file");
    if (way != "image") continue;
    for (const std::string_view type :
         {"application/dicom", "image/jpeg", "image/png", "application/pdf"}) {
      write_content(writer, type, "file");
    }
  }
  writer.end_object();
  writer.end_object();
}

// Statuses that follow from what kind of operation it is.
std::map<int, std::string_view> answers_of(const OperationDocument& operation,
                                           const std::string& path) {
  std::map<int, std::string_view> answers = {{400, ""}, {500, ""}, {503, ""}};
  const bool asks_who = !operation.right.empty();
  if (asks_who && operation.right != "signature") answers[401] = "";
  if (asks_who && operation.right != "optional") answers[403] = "";
  if (path.find('{') != std::string::npos) answers[404] = "";
  if (!operation.body.empty()) answers.insert({{408, ""}, {413, ""}, {415, ""}});
  if (asks_who) answers[429] = "";
  for (const std::string_view answer : words_of(operation.answers)) {
    const auto status = parse_unsigned(answer.substr(0, 3));
    PACS_ASSERT(status.has_value());
    answers[static_cast<int>(*status)] = answer.size() > 4 ? answer.substr(4) : "";
  }
  return answers;
}

void write_answer_content(JsonWriter& writer, int status, std::string_view content) {
  if (status == 304 || status == 204) return;
  writer.key("content");
  writer.begin_object();
  const std::map<std::string_view, std::string_view> plain = {{"html", "text/html"},
                                                              {"text", "text/plain"},
                                                              {"svg", "image/svg+xml"},
                                                              {"jpeg", "image/jpeg"},
                                                              {"css", "text/css"}};
  if (status >= 400) {
    write_content(writer, "application/problem+json", "Problem");
  } else if (content == "file") {
    write_content(writer, "*/*", "file");
  } else if (const auto found = plain.find(content); found != plain.end()) {
    write_content(writer, found->second, "string");
  } else {
    write_content(writer, "application/json", content == "document" ? "object" : content);
  }
  writer.end_object();
}

void write_answers(JsonWriter& writer, const OperationDocument& operation,
                   const std::string& path) {
  const bool is_page = operation.answers.find("=html") != std::string_view::npos;
  writer.key("responses");
  writer.begin_object();
  for (const auto& [status, content] : answers_of(operation, path)) {
    writer.key(std::to_string(status));
    writer.begin_object();
    writer.member("description", http::phrase(static_cast<http::Status>(status)));
    write_answer_content(writer, is_page && status >= 400 ? 200 : status,
                         is_page ? "html" : content);
    writer.end_object();
  }
  writer.end_object();
}

void write_operation(JsonWriter& writer, const OperationDocument& operation,
                     const std::string& path) {
  writer.key(to_lower(http::to_string(operation.method)));
  writer.begin_object();
  writer.member("operationId", operation.id);
  writer.member("summary", operation.summary);
  if (!operation.right.empty()) writer.member("x-right", operation.right);
  const bool wants_token = !operation.right.empty() && operation.right != "signature" &&
                           operation.right != "optional" && operation.right != "link" &&
                           operation.right != "page";
  writer.key("security");
  writer.begin_array();
  if (wants_token || operation.right == "link" || operation.right == "optional") {
    writer.begin_object();
    writer.key("bearer");
    writer.begin_array();
    writer.end_array();
    writer.end_object();
  }
  if (!wants_token) {  // or nothing at all
    writer.begin_object();
    writer.end_object();
  }
  writer.end_array();
  write_parameters(writer, operation, path);
  write_body(writer, operation);
  write_answers(writer, operation, path);
  writer.end_object();
}

// Operations of one path stand together.
void write_paths(JsonWriter& writer, std::string_view media_path) {
  writer.key("paths");
  writer.begin_object();
  std::set<std::string> written;
  for (const OperationDocument& first : operation_documents()) {
    const std::string path = path_of(first, media_path);
    if (!written.insert(path).second) continue;
    writer.key(path);
    writer.begin_object();
    for (const OperationDocument& operation : operation_documents()) {
      if (operation.path == first.path) write_operation(writer, operation, path);
    }
    writer.end_object();
  }
  writer.end_object();
}

void write_components(JsonWriter& writer) {
  writer.key("components");
  writer.begin_object();
  writer.key("securitySchemes");
  writer.begin_object();
  writer.key("bearer");
  writer.begin_object();
  writer.member("type", "http");
  writer.member("scheme", "bearer");
  writer.end_object();
  writer.end_object();
  writer.key("schemas");
  writer.begin_object();
  for (const SchemaDocument& schema : schema_documents()) {
    writer.key(schema.name);
    write_schema(writer, schema);
  }
  writer.end_object();
  writer.end_object();
}

}  // namespace

std::string openapi_document(std::string_view media_path, std::string_view server_url) {
  JsonWriter writer;
  writer.begin_object();
  writer.member("openapi", "3.1.0");
  writer.key("info");
  writer.begin_object();
  writer.member("title", "pacs-lite radiology API");
  writer.member("version", "1");
  writer.member("description",
                "Stores medical images and hands them out. A slash at the end of a path is "
                "optional; HEAD is answered where GET is. Where {id} stands, the number or the UID "
                "does.");
  writer.end_object();
  if (!server_url.empty()) {
    writer.key("servers");
    writer.begin_array();
    writer.begin_object();
    writer.member("url", server_url);
    writer.end_object();
    writer.end_array();
  }
  write_paths(writer, media_path);
  write_components(writer);
  writer.end_object();
  return writer.take();
}

}  // namespace pacs::rest
