// Orders a verification of the server and watches it to its end: for `verify`, and for a restore
// that wants to know whether all is there.
#pragma once

#include <cstddef>
#include <vector>

#include "cli/api_client.h"
#include "core/json_value.h"
#include "core/json_writer.h"
#include "core/result.h"

namespace pacs::cli {

inline constexpr size_t kVerifyLinesPrintedMax = 1000;  // then --json or the audit log tells more

struct VerifyWish {
  bool quick = false;
  bool repair = false;
  bool is_quiet = false;  // prints neither findings nor progress
};

struct WatchedVerification {
  JsonValue report;  // the last one, without its findings
  std::vector<JsonValue> findings;
};

// Success: a verification as wished has ended; its findings were printed as they came. One that an
// earlier call has ordered, and that goes on in the server, is watched again. Errors:
// `conflict` (reason "verify_running") while another one runs, those of the connection.
[[nodiscard]] Result<WatchedVerification> verify_and_watch(ApiClient& api, const VerifyWish& wish);

// As one object: the report with all its findings.
void write_verification(JsonWriter& json, const WatchedVerification& watched);

}  // namespace pacs::cli
