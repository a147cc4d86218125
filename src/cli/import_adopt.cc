#include "cli/import_adopt.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "core/json_value.h"
#include "core/json_writer.h"
#include "core/object_key.h"
#include "core/text.h"
#include "dicom/media_kind.h"
#include "dicom/uid.h"

namespace pacs::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLineBytesMax = 1024 * 1024;  // as a JSON body of the server

// Names that the export has otherwise than the import route.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kRenamed = {{
    {"image_id", "id"},
    {"key", "file_key"},
}};

bool is_dicom_file(const std::string& path) {
  const auto content = ImportContent::of_file(path);
  if (!content) return false;
  std::array<std::byte, dicom::kSniffedSizeMax> first{};
  const Result<size_t> count = (*content)->read_at(0, first);
  return count && dicom::sniff_media_kind(Bytes(first).first(*count)) == dicom::MediaKind::dicom;
}

template <typename Uid>
void write_uid(JsonWriter& json, std::string_view name, std::string_view text) {
  if (Uid::parse(text)) json.member(name, text);
}

}  // namespace

std::string record_of_key(const ObjectKey& key, KeyHolds holds) {
  const std::vector<std::string_view> parts = key.parts();
  JsonWriter json;
  json.begin_object();
  json.member("file_key", key.str());
  json.member("filename", parts[4]);
  if (holds == KeyHolds::other) {
    json.key("image_metadata");
    json.begin_object();
    write_uid<dicom::StudyUid>(json, "study_uid", parts[1]);
    write_uid<dicom::SeriesUid>(json, "series_uid", parts[2]);
    write_uid<dicom::SopInstanceUid>(json, "image_uid", parts[3]);
    json.end_object();
  }
  json.end_object();
  return json.take();
}

namespace {

bool offer_in_place(const fs::path& file, const std::string& media_root, const ImportSink& sink) {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(file, error))) {
    sink.leave_out({file.string(), ImportOutcome::skipped, 0, "no_plain_file", "a link or device"});
    return true;
  }
  const auto key = ObjectKey::parse(file.lexically_relative(media_root).string());
  if (!key) {
    sink.leave_out({file.string(), ImportOutcome::refused, 0, "outside_layout",
                    "does not lie under radiology/STUDY/SERIES/IMAGE/FILENAME; import it without "
                    "--in-place"});
    return true;
  }
  const KeyHolds holds = is_dicom_file(file.string()) ? KeyHolds::dicom : KeyHolds::other;
  return sink.take({file.string(), record_of_key(*key, holds), nullptr});
}

// A path that stays below the folder that it is joined to.
bool is_inside(std::string_view key) {
  if (key.empty() || key.front() == '/') return false;
  for (const std::string_view part : split(key, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return key.find('\0') == std::string_view::npos;
}

// False as ImportSink::take.
bool offer_line(const ManifestRequest& request, const std::string& place, ManifestLine line,
                const ImportSink& sink) {
  ImportItem item{place + " (" + line.key + ")", std::move(line.record), nullptr};
  if (request.folder) {
    const std::string path = *request.folder + "/" + line.key;
    auto content = ImportContent::of_file(path);
    if (!content) {
      sink.leave_out({item.place, ImportOutcome::failed, 0, content.error().reason,
                      path + ": " + content.error().detail});
      return true;
    }
    item.content = std::move(*content);
  }
  return sink.take(std::move(item));
}

}  // namespace

bool find_images_in_tree(const std::string& media_root, const ImportSink& sink) {
  const fs::path root = fs::path(media_root) / ObjectKey::kRoot;
  std::error_code error;
  fs::recursive_directory_iterator entry(root, error);
  while (!error && entry != fs::end(entry)) {
    std::error_code ignored;
    const bool is_folder = fs::is_directory(entry->symlink_status(ignored));
    if (!is_folder && !offer_in_place(entry->path(), media_root, sink)) return false;
    entry.increment(error);
  }
  if (error) {
    sink.leave_out({root.string(), ImportOutcome::failed, 0, "unreadable", error.message()});
  }
  return true;
}

Result<ManifestLine> parse_manifest_line(std::string_view line) {
  const JsonValue value = PACS_TRY(JsonValue::parse(line));
  if (!value.is_object()) return invalid_argument("bad_manifest", "the line is no JSON object");
  const JsonValue* key = value.find("key");
  if (key == nullptr || key->as_string() == nullptr || !is_inside(*key->as_string())) {
    return invalid_argument("bad_manifest", "the line has no `key` below the media folder");
  }
  for (const auto& [ours, theirs] : kRenamed) {
    if (value.find(ours) != nullptr && value.find(theirs) != nullptr) {
      return invalid_argument("bad_manifest", "the line has both `" + std::string(ours) +
                                                  "` and `" + std::string(theirs) +
                                                  "`, which are the same");
    }
  }
  JsonWriter json;
  json.begin_object();
  for (const auto& [name, member] : *value.as_object()) {
    std::string_view sent_name = name;
    for (const auto& [ours, theirs] : kRenamed) {
      if (name == ours) sent_name = theirs;
    }
    // What lay elsewhere gets a new place; only a key of the layout means something there.
    if (name == "key" && !ObjectKey::parse(*key->as_string())) continue;
    json.key(sent_name);
    json.raw(member.to_json());
  }
  json.end_object();
  return ManifestLine{*key->as_string(), json.take()};
}

Result<void> find_images_of_manifest(const ManifestRequest& request, const ImportSink& sink) {
  std::ifstream file(request.manifest_path, std::ios::binary);
  if (!file) {
    return invalid_argument("bad_manifest",
                            "the manifest " + request.manifest_path + " cannot be read");
  }
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    if (trim(line).empty()) continue;
    const std::string place = request.manifest_path + " line " + std::to_string(number);
    Result<ManifestLine> parsed =
        line.size() > kLineBytesMax
            ? Result<ManifestLine>(invalid_argument("bad_manifest", "the line is too long"))
            : parse_manifest_line(line);
    if (!parsed) {
      sink.leave_out(
          {place, ImportOutcome::refused, 0, parsed.error().reason, parsed.error().detail});
    } else if (!offer_line(request, place, std::move(*parsed), sink)) {
      return {};
    }
  }
  if (file.bad()) return unavailable("bad_manifest", "the manifest could not be read to its end");
  return {};
}

}  // namespace pacs::cli
