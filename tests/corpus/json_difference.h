// Where two DICOM JSON objects differ, and for each difference from DCMTK's dcm2json why that is
// right.
#pragma once

#include <string>
#include <vector>

#include "core/json_value.h"

namespace pacs::testing {

struct JsonDifference {
  std::string path;         // "00400275.Value.0.00080100.Value.0"
  std::string ours;         // as JSON, or "(absent)"
  std::string theirs;       // the same
  std::string explanation;  // empty when nothing explains it
};

[[nodiscard]] std::vector<JsonDifference> differences(const JsonValue& ours,
                                                      const JsonValue& theirs);

}  // namespace pacs::testing
