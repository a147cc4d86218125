// A line of another application's export: its key stays below its folder, and what is told to the
// archive is JSON with no name twice.
#include <algorithm>
#include <filesystem>

#include "cli/import_adopt.h"
#include "cli/record_name.h"
#include "core/json_value.h"
#include "core/text.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = fuzz::Input(data, size).rest();
  if (const auto line = cli::parse_manifest_line(text)) {
    const std::filesystem::path path(line->key);
    FUZZ_CHECK(path.is_relative() && *path.lexically_normal().begin() != "..");
    const auto record = JsonValue::parse(line->record);
    FUZZ_CHECK(record && record->is_object());
  }
  std::vector<std::string> words;
  for (const std::string_view word : split(text.substr(0, 100), ' ')) words.emplace_back(word);
  if (const auto name = cli::parse_record_name(words)) {
    FUZZ_CHECK(!name->id.empty());
    for (const cli::RecordKind kind : cli::kinds_of(*name)) {
      const std::string path = cli::path_of(kind, name->id);
      FUZZ_CHECK(std::count(path.begin(), path.end(), '/') == 6 && path.ends_with('/'));
      FUZZ_CHECK(path.find_first_of("?# ") == std::string::npos);
    }
  }
  return 0;
}
