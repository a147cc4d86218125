// The names of what an archive keeps for itself in a bucket, beside radiology/: the same as under
// MEDIA_ROOT (docs/design/keys.md).
#pragma once

#include <string>
#include <string_view>

namespace pacs::storage::s3_own {

inline constexpr std::string_view kArchiveId = ".pacs-lite/archive-id";
inline constexpr std::string_view kLayoutVersion = ".pacs-lite/layout-version";
inline constexpr std::string_view kTombstones = ".pacs-lite/tombstones/";
inline constexpr std::string_view kQuarantine = ".pacs-lite/quarantine/";

[[nodiscard]] inline std::string attributes(std::string_view id) {
  return ".pacs-lite/attributes/" + std::string(id) + ".json";
}
[[nodiscard]] inline std::string quarantined(std::string_view name) {
  return std::string(kQuarantine) + std::string(name);
}
[[nodiscard]] inline std::string tombstone(std::string_view name) {
  return std::string(kTombstones) + std::string(name);
}
[[nodiscard]] inline std::string probe(std::string_view name) {
  return ".pacs-lite/probe-" + std::string(name);
}

}  // namespace pacs::storage::s3_own
