// `pacs-lite url`: a link to an image's bytes, or one that opens a study in the viewer.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/duration.h"
#include "cli/operator_command.h"
#include "cli/record_name.h"

namespace pacs::cli {
namespace {

struct UrlOptions {
  std::vector<std::string> name;
  std::string expires_in;
  bool json = false;
};

ExitCode make_url(const UrlOptions& options, const ProgramSettings& program) {
  const Result<RecordName> name = parse_record_name(options.name);
  if (!name) return explain(name.error());
  std::string query;
  if (!options.expires_in.empty()) {
    const auto life = parse_duration(options.expires_in);
    if (!life) return explain(bad_duration("--expires-in", options.expires_in));
    query = "?expires_in=" + std::to_string(life->count());
  }
  const Connected connected = connect(program);
  if (connected.connection == nullptr) return connected.code;
  ApiClient api(*connected.connection);
  const Result<FoundRecord> found = find_record(api, *name);
  if (!found) return explain(found.error());
  if (found->kind == RecordKind::series) {
    return explain(invalid_argument("bad_name", "a series has no link of its own; link its study"));
  }
  const bool is_study = found->kind == RecordKind::study;
  const Result<JsonValue> link =
      api.get(path_of(found->kind, found->id) + (is_study ? "viewer-url/" : "url/") + query);
  if (!link) return explain(link.error());
  if (options.json) {
    print_line(link->to_json());
  } else {
    print_line(connected.connection->as_browsers_see(
        text_of(*link, is_study ? "viewer_url" : "image_url")));
  }
  return ExitCode::ok;
}

}  // namespace

Command url_command() {
  auto options = std::make_shared<UrlOptions>();  // shared by the parser and the closure
  Command command;
  command.name = "url";
  command.summary = "Make a link to an image, or to a study in the viewer";
  command.description =
      "Whoever holds the link sees that one image or study until it expires, and nothing else.\n"
      "NAME is `image NUMBER`, `study NUMBER`, or a UID. Making a link is written to the audit "
      "log.";
  command.examples = {
      "pacs-lite url image 340",
      "pacs-lite url study 12 --expires-in 2h",
      "curl -o chest.dcm \"$(pacs-lite url 1.2.840.113619.2.55.3.604688.1.7)\"",
  };
  command.arguments = {
      {"NAME", "image NUMBER, study NUMBER, or a UID", &options->name, Argument::Need::required},
      {"--expires-in", "90s, 30m, 12h, 7d; AWS_QUERYSTRING_EXPIRE unless given",
       &options->expires_in},
      {"--json", "print JSON", &options->json},
  };
  command.run = [options](ProgramSettings& program) { return make_url(*options, program); };
  return command;
}

}  // namespace pacs::cli
