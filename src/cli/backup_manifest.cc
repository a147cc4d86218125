#include "cli/backup_manifest.h"

#include <optional>
#include <utility>

#include "core/json_value.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

Error bad_manifest() {
  return corrupt("bad_backup_manifest", "the backup's backup.json cannot be read");
}

void write_file(JsonWriter& json, const BackedUpFile& file) {
  json.begin_object();
  json.member("name", file.name);
  json.member("size_bytes", file.size_bytes);
  json.member("sha256", file.sha256.hex());
  json.end_object();
}

Result<std::string> get_text(const JsonValue& object, std::string_view name) {
  const JsonValue* member = object.find(name);
  if (member == nullptr || member->as_string() == nullptr) return bad_manifest();
  return *member->as_string();
}

Result<int64_t> count_of(const JsonValue& object, std::string_view name) {
  const JsonValue* member = object.find(name);
  const auto number = member == nullptr ? std::nullopt : member->as_int64();
  if (!number || *number < 0) return bad_manifest();
  return *number;
}

Result<UnixMillis> time_of(const JsonValue& object, std::string_view name) {
  const auto time = from_rfc3339(PACS_TRY(get_text(object, name)));
  if (!time) return bad_manifest();
  return *time;
}

// A name is joined to a folder, so it must not lead out of it.
Result<BackedUpFile> parse_file(const JsonValue& object) {
  BackedUpFile file;
  file.name = PACS_TRY(get_text(object, "name"));
  if (file.name.empty() || file.name.front() == '.' ||
      file.name.find_first_of(std::string_view("/\0", 2)) != std::string::npos) {
    return bad_manifest();
  }
  file.size_bytes = static_cast<uint64_t>(PACS_TRY(count_of(object, "size_bytes")));
  const auto sha256 = Sha256Digest::from_hex(PACS_TRY(get_text(object, "sha256")));
  if (!sha256) return bad_manifest();
  file.sha256 = *sha256;
  return file;
}

}  // namespace

std::string BackupManifest::to_json() const {
  JsonWriter json;
  json.begin_object();
  json.member("format", kFormat);
  json.member("archive_id", archive_id);
  json.member("program_version", program_version);
  json.member("schema_version", schema_version);
  json.member("store", store);
  json.member("taken_at", to_rfc3339(taken_at));
  json.member("finished_at", to_rfc3339(finished_at));
  json.member("images", images);
  json.member("size_bytes", size_bytes);
  json.member("faulty_images", faulty_images);
  json.key("index");
  write_file(json, index);
  json.key("secrets");
  json.begin_array();
  for (const BackedUpFile& secret : secrets) write_file(json, secret);
  json.end_array();
  json.end_object();
  return json.take() + "\n";
}

Result<BackupManifest> BackupManifest::parse(std::string_view json) {
  const auto document = JsonValue::parse(json);
  if (!document || !document->is_object()) return bad_manifest();
  if (PACS_TRY(count_of(*document, "format")) > kFormat) {
    return unsupported("newer_backup",
                       "the backup was made by a newer version of this program: use that one");
  }
  BackupManifest manifest;
  manifest.archive_id = PACS_TRY(get_text(*document, "archive_id"));
  manifest.program_version = PACS_TRY(get_text(*document, "program_version"));
  manifest.schema_version = PACS_TRY(count_of(*document, "schema_version"));
  manifest.store = PACS_TRY(get_text(*document, "store"));
  manifest.taken_at = PACS_TRY(time_of(*document, "taken_at"));
  manifest.finished_at = PACS_TRY(time_of(*document, "finished_at"));
  manifest.images = static_cast<uint64_t>(PACS_TRY(count_of(*document, "images")));
  manifest.size_bytes = static_cast<uint64_t>(PACS_TRY(count_of(*document, "size_bytes")));
  manifest.faulty_images = static_cast<uint64_t>(PACS_TRY(count_of(*document, "faulty_images")));
  const JsonValue* index = document->find("index");
  const JsonValue* secrets = document->find("secrets");
  if (index == nullptr || secrets == nullptr || secrets->as_array() == nullptr) {
    return bad_manifest();
  }
  manifest.index = PACS_TRY(parse_file(*index));
  for (const JsonValue& secret : *secrets->as_array()) {
    manifest.secrets.push_back(PACS_TRY(parse_file(secret)));
  }
  return manifest;
}

}  // namespace pacs::cli
