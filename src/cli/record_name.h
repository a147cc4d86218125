// How people name a study, a series or an image on the command line: "study 12", "image 1.2.3.4",
// or a UID alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/api_client.h"
#include "core/result.h"

namespace pacs::cli {

enum class RecordKind { study, series, image };
[[nodiscard]] std::string_view to_string(RecordKind kind);

struct RecordName {
  std::optional<RecordKind> kind;  // nothing: to be found out, which a UID allows
  std::string id;                  // a number or a UID
};

// `words` are one or two. `invalid_argument` for anything else, and for a number without a kind:
// study 12 and image 12 are different things.
[[nodiscard]] Result<RecordName> parse_record_name(const std::vector<std::string>& words);

// The kinds that a name may mean, in the order in which they are tried.
[[nodiscard]] std::vector<RecordKind> kinds_of(const RecordName& name);

// "/api/v1/radiology/studies/12/". Series have no page of their own; theirs is that of their
// images.
[[nodiscard]] std::string path_of(RecordKind kind, const std::string& id);

struct FoundRecord {
  RecordKind kind;
  std::string id;
  JsonValue json;  // what the server shows of it
};
// `not_found` when there is none of that name.
[[nodiscard]] Result<FoundRecord> find_record(ApiClient& api, const RecordName& name);

}  // namespace pacs::cli
