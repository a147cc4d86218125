// The settings of this run: read from where the command line says, checked, complained about.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/settings.h"
#include "http/server_options.h"

namespace pacs::cli {

// Where the command line left its mark.
struct SettingFlags {
  SettingSources::Texts texts;  // by the name of the setting
  std::string config_path;      // --config; empty: PACS_LITE_CONFIG, else the usual places
};

class ProgramSettings {
 public:
  // Reads and checks; complains about nothing yet.
  explicit ProgramSettings(const SettingFlags& flags);

  // What was read, however wrong: for `config` and `check`.
  [[nodiscard]] const Settings& as_read() const { return settings_; }
  [[nodiscard]] const SettingProblems& problems() const { return problems_; }

  // The settings to work with. With errors among the problems: each is printed, one line each, and
  // nothing is returned; the command then ends with ExitCode::usage. Warnings are printed too.
  [[nodiscard]] const Settings* checked() const;

  // The same with another RADIOLOGY_STORAGE, or the settings of a bucket of PACS_LITE_OTHER_BUCKETS
  // (name_of_bucket()), for a store that images move to or lie in beside the one of the settings.
  // `invalid_argument` (reason "store_settings") names what is missing.
  [[nodiscard]] Result<Settings> with_storage(std::string_view storage) const;

  // The network part in the terms of the server. Only after checked() has returned settings.
  [[nodiscard]] http::ServerOptions server_options() const;

 private:
  SettingFlags flags_;
  SettingProblems problems_;
  Settings settings_;
  std::vector<http::AddressBlock> trusted_proxies_;
};

}  // namespace pacs::cli
