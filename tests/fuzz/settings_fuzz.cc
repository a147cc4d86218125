// pacs-lite.toml: whatever stands in it, all is read and each problem is one line that says where,
// without a secret in it.
#include <string>

#include "core/setting_catalogue.h"
#include "core/settings.h"
#include "core/settings_file.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs;

namespace {

// Secrets shorter than this stand in other words by chance.
constexpr size_t kTellingSecretBytes = 12;

void check_secrets(const SettingsFile& file, const Settings& settings,
                   const SettingProblems& problems) {
  for (const auto& [name, entry] : file.entries) {
    if (setting_definition(name).exposure != SettingDefinition::Exposure::secret ||
        entry.text.size() < kTellingSecretBytes) {
      continue;
    }
    for (const SettingInForce& shown : settings.in_force) {
      if (shown.name == name) FUZZ_CHECK(shown.text.find(entry.text) == std::string::npos);
    }
    for (const SettingProblem& problem : problems.all()) {
      if (problem.name == name) FUZZ_CHECK(problem.text.find(entry.text) == std::string::npos);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = fuzz::Input(data, size).rest();
  SettingProblems problems;
  const SettingsFile file = parse_settings_file(text, "/etc/pacs-lite.toml", problems);
  for (const auto& [name, entry] : file.entries) {
    FUZZ_CHECK(find_setting(name) != nullptr && find_setting(name)->name == name);
    FUZZ_CHECK(entry.line >= 1);
  }
  const Settings settings = read_settings(SettingSources({}, {}, file), problems);
  for (const SettingProblem& problem : problems.all()) FUZZ_CHECK(!problem.text.empty());
  if (!problems.has_errors()) {
    FUZZ_CHECK(settings.media.url.ends_with('/') && settings.media.root.starts_with('/'));
    FUZZ_CHECK(settings.data_folder.starts_with('/'));
    FUZZ_CHECK(settings.media.file_mode <= 07777 && settings.image_bytes_max > 0);
    FUZZ_CHECK(!settings.network.listen.empty());
  }
  check_secrets(file, settings, problems);
  return 0;
}
