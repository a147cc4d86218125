#include "cli/bucket_settings.h"

#include <utility>

#include "cli/object_store.h"
#include "core/settings_file.h"

namespace pacs::cli {

Result<Settings> read_bucket_settings(const std::string& path, const std::string& data_folder) {
  SettingProblems problems;
  SettingsFile file = load_settings_file(path, problems);
  Settings settings = read_settings(SettingSources({}, {}, std::move(file)), problems);
  for (const SettingProblem& problem : problems.all()) {
    if (problem.severity != SettingProblem::Severity::error) continue;
    return invalid_argument("bucket_settings", path + ": " + problem.name + ": " + problem.text);
  }
  if (!uses_object_store(settings)) {
    return invalid_argument("bucket_settings",
                            path +
                                " names no bucket: it needs RADIOLOGY_STORAGE (s3 or minio) and "
                                "the settings of that store");
  }
  settings.data_folder = data_folder;
  return settings;
}

std::string name_of_bucket(const Settings& bucket) {
  std::string name = std::string(to_string(bucket.storage)) + ":" + bucket.s3.bucket;
  const std::string& endpoint = bucket.s3.endpoint_url;
  if (endpoint.empty()) return name;
  const size_t scheme = endpoint.find("://");
  name += "@" + endpoint.substr(scheme == std::string::npos ? 0 : scheme + 3);
  while (name.back() == '/') name.pop_back();
  return name;
}

bool names_a_bucket(std::string_view store) { return store.find(':') != std::string_view::npos; }

}  // namespace pacs::cli
