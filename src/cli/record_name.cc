#include "cli/record_name.h"

#include <array>

#include "core/text.h"
#include "http/uri.h"

namespace pacs::cli {
namespace {

constexpr std::array<RecordKind, 3> kKinds = {RecordKind::study, RecordKind::series,
                                              RecordKind::image};

std::optional<RecordKind> parse_kind(std::string_view word) {
  for (const RecordKind kind : kKinds) {
    if (word == to_string(kind)) return kind;
  }
  return std::nullopt;
}

std::string page_of(RecordKind kind, const std::string& id) {
  return path_of(kind, id) + (kind == RecordKind::series ? "images/" : "");
}

}  // namespace

std::string_view to_string(RecordKind kind) {
  switch (kind) {
    case RecordKind::study:
      return "study";
    case RecordKind::series:
      return "series";
    case RecordKind::image:
      return "image";
  }
  return "study";
}

Result<RecordName> parse_record_name(const std::vector<std::string>& words) {
  // A script's variable that is not set must not come to name something else.
  if (!words.empty() && words.back().empty()) {
    return invalid_argument("bad_name", "the name is empty");
  }
  if (words.size() == 2) {
    const std::optional<RecordKind> kind = parse_kind(words[0]);
    if (kind) return RecordName{kind, words[1]};
    return invalid_argument("bad_name", "'" + words[0] + "' is none of study, series, image");
  }
  if (words.size() != 1) {
    return invalid_argument("bad_name", "name one: study NUMBER, image UID, or a UID alone");
  }
  if (parse_unsigned(words[0])) {
    return invalid_argument("bad_name",
                            "a number alone could be a study, a series or an image; "
                            "write `study " +
                                words[0] + "` or `image " + words[0] + "`");
  }
  return RecordName{std::nullopt, words[0]};
}

std::vector<RecordKind> kinds_of(const RecordName& name) {
  if (name.kind) return {*name.kind};
  return {kKinds.begin(), kKinds.end()};
}

std::string path_of(RecordKind kind, const std::string& id) {
  const char* noun = kind == RecordKind::study    ? "studies"
                     : kind == RecordKind::series ? "series"
                                                  : "images";
  return std::string("/api/v1/radiology/") + noun + "/" + http::percent_encode(id) + "/";
}

Result<FoundRecord> find_record(ApiClient& api, const RecordName& name) {
  if (name.kind) {
    JsonValue json = PACS_TRY(api.get(page_of(*name.kind, name.id)));
    return FoundRecord{*name.kind, name.id, std::move(json)};
  }
  for (const RecordKind kind : kKinds) {
    Result<JsonValue> json = api.get(page_of(kind, name.id));
    if (json) return FoundRecord{kind, name.id, std::move(*json)};
    if (json.error().code != ErrorCode::not_found) return std::move(json).error();
  }
  return not_found("not_found", "there is no study, series or image " + name.id);
}

}  // namespace pacs::cli
