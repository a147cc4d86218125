#include "cli/program_settings.h"

#include <array>
#include <cstdlib>
#include <utility>

#include <unistd.h>

#include "cli/bucket_settings.h"
#include "cli/console.h"
#include "cli/network_rules.h"
#include "core/assert.h"

namespace pacs::cli {
namespace {

// The file of where we were started, for trying things out; else that of the installed service.
constexpr std::array<const char*, 2> kUsualFiles = {"pacs-lite.toml",
                                                    "/etc/pacs-lite/pacs-lite.toml"};

Result<Settings> find_bucket(const Settings& settings, std::string_view name) {
  for (const std::string& path : settings.other_buckets) {
    Settings bucket = PACS_TRY(read_bucket_settings(path, settings.data_folder));
    if (name_of_bucket(bucket) == name) return bucket;
  }
  return invalid_argument("store_settings",
                          "no settings file that PACS_LITE_OTHER_BUCKETS names is "
                          "that of the store \"" +
                              std::string(name) + "\"");
}

SettingsFile load_file(const SettingFlags& flags, SettingProblems& problems) {
  if (!flags.config_path.empty()) return load_settings_file(flags.config_path, problems);
  const char* named = std::getenv("PACS_LITE_CONFIG");
  if (named != nullptr && *named != '\0') return load_settings_file(named, problems);
  for (const char* path : kUsualFiles) {
    if (::access(path, F_OK) == 0) return load_settings_file(path, problems);
  }
  return {};
}

}  // namespace

ProgramSettings::ProgramSettings(const SettingFlags& flags) : flags_(flags) {
  SettingsFile file = load_file(flags, problems_);
  const SettingSources sources(flags.texts, SettingSources::from_environment(), std::move(file));
  settings_ = read_settings(sources, problems_);
  trusted_proxies_ = read_trusted_proxies(settings_, problems_);
  check_listen_addresses(settings_, problems_);
}

const Settings* ProgramSettings::checked() const {
  for (const SettingProblem& problem : problems_.all()) {
    const bool is_error = problem.severity == SettingProblem::Severity::error;
    print_error((is_error ? "error: " : "warning: ") + problem.name + ": " +
                printable(problem.text));
  }
  return problems_.has_errors() ? nullptr : &settings_;
}

Result<Settings> ProgramSettings::with_storage(std::string_view storage) const {
  if (names_a_bucket(storage)) return find_bucket(settings_, storage);
  SettingProblems problems;
  SettingFlags flags = flags_;
  flags.texts["RADIOLOGY_STORAGE"] = storage;
  SettingsFile file = load_file(flags, problems);
  const SettingSources sources(flags.texts, SettingSources::from_environment(), std::move(file));
  Settings settings = read_settings(sources, problems);
  for (const SettingProblem& problem : problems.all()) {
    if (problem.severity != SettingProblem::Severity::error) continue;
    return invalid_argument("store_settings", "the settings of the store \"" +
                                                  std::string(storage) + "\": " + problem.name +
                                                  ": " + problem.text);
  }
  return settings;
}

http::ServerOptions ProgramSettings::server_options() const {
  PACS_ASSERT(!problems_.has_errors());
  const NetworkSettings& network = settings_.network;
  http::ServerOptions options;
  for (const HostAndPort& address : network.listen) {
    options.listen.push_back({address.host, address.port});
  }
  if (network.tls) {
    options.tls = http::TlsFiles{network.tls->certificate_path, network.tls->key_path};
  }
  options.trusted_proxies = trusted_proxies_;
  options.cors_allowed_origins = network.cors_allowed_origins;
  options.limits.connections_max = network.connections_max;
  options.limits.connections_per_client_max = network.connections_per_client_max;
  options.limits.stop_grace = network.stop_grace;
  return options;
}

}  // namespace pacs::cli
