#include "cli/import_folder.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "cli/import_zip.h"
#include "core/text.h"
#include "dicom/header_reader.h"

namespace pacs::cli {
namespace {

namespace fs = std::filesystem;

constexpr dicom::Tag kDirectoryRecordSequence{0x0004, 0x1220};
constexpr dicom::Tag kReferencedFileId{0x0004, 0x1500};
constexpr size_t kFileIdPartsMax = 8;  // PS3.10 8.2: at most eight components

bool is_dicomdir(const fs::path& path) {
  return equals_ignoring_case(path.filename().string(), "DICOMDIR");
}

// The entry of that name, else the one that differs by case alone, or by the ";1" of ISO 9660.
std::optional<fs::path> find_entry(const fs::path& folder, std::string_view name) {
  std::error_code error;
  const fs::path exact = folder / name;
  if (fs::exists(fs::symlink_status(exact, error))) return exact;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string filename = entry->path().filename().string();
    std::string_view found = std::string_view(filename).substr(0, filename.find(';'));
    while (found.ends_with('.')) found.remove_suffix(1);
    if (equals_ignoring_case(found, name)) return entry->path();
  }
  return std::nullopt;
}

std::optional<fs::path> resolve(const fs::path& folder, std::string_view file_id) {
  const std::vector<std::string_view> parts = split(file_id, '\\');
  if (parts.size() > kFileIdPartsMax) return std::nullopt;
  fs::path at = folder;
  std::error_code error;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string_view name = trim(parts[i]);
    // The system reads a name up to a zero byte.
    if (name.empty() || name == "." || name == ".." ||
        name.find_first_of(std::string_view("/\0", 2)) != std::string_view::npos) {
      return std::nullopt;
    }
    // A link to a folder would lead off the medium; the medium itself may be under one.
    if (i > 0 && !fs::is_directory(fs::symlink_status(at, error))) return std::nullopt;
    const std::optional<fs::path> next = find_entry(at, name);
    if (!next) return std::nullopt;
    at = *next;
  }
  if (!fs::is_regular_file(fs::symlink_status(at, error))) return std::nullopt;
  return at;
}

void leave_out(const std::string& place, ImportOutcome outcome, std::string code,
               std::string detail, const ImportSink& sink) {
  sink.leave_out({place, outcome, 0, std::move(code), std::move(detail)});
}

bool offer_file(const std::string& path, const ImportFindings& wanted, const ImportSink& sink) {
  Result<std::unique_ptr<ImportContent>> content = ImportContent::of_file(path);
  if (!content) {
    leave_out(path, ImportOutcome::failed, content.error().reason, content.error().detail, sink);
    return true;
  }
  if (is_zip(**content)) return find_images_in_zip(path, wanted, sink);
  return offer(std::move(*content), path, fs::path(path).filename().string(), wanted, sink);
}

void report_missing(const std::string& dicomdir, const MediumContents& contents,
                    const ImportSink& sink) {
  for (const std::string& name : contents.missing) {
    leave_out(dicomdir, ImportOutcome::failed, "missing_on_medium",
              "names " + name + ", which is not on the medium", sink);
  }
}

// Of a folder everything is taken, whatever its DICOMDIR says: many are incomplete.
void check_medium(const std::string& dicomdir, const ImportSink& sink) {
  const Result<MediumContents> contents = read_dicomdir(dicomdir);
  if (contents) report_missing(dicomdir, *contents, sink);
}

bool find_in_medium(const std::string& dicomdir, const ImportFindings& wanted,
                    const ImportSink& sink) {
  const Result<MediumContents> contents = read_dicomdir(dicomdir);
  if (!contents) {
    leave_out(dicomdir, ImportOutcome::failed, contents.error().reason, contents.error().detail,
              sink);
    return true;
  }
  report_missing(dicomdir, *contents, sink);
  return std::all_of(contents->files.begin(), contents->files.end(),
                     [&](const std::string& file) { return offer_file(file, wanted, sink); });
}

bool find_in_folder(const std::string& folder, const ImportFindings& wanted,
                    const ImportSink& sink) {
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  while (!error && entry != fs::end(entry)) {
    const std::string path = entry->path().string();
    std::error_code status_error;
    const fs::file_status status = entry->symlink_status(status_error);
    if (fs::is_regular_file(status)) {
      if (is_dicomdir(entry->path())) check_medium(path, sink);
      if (!offer_file(path, wanted, sink)) return false;
    } else if (!fs::is_directory(status)) {
      leave_out(path, ImportOutcome::skipped, "no_plain_file", "a link or device", sink);
    }
    entry.increment(error);
    if (error && entry != fs::end(entry)) {
      leave_out(path, ImportOutcome::failed, "unreadable", error.message(), sink);
      error.clear();
    }
  }
  if (error) leave_out(folder, ImportOutcome::failed, "unreadable", error.message(), sink);
  return true;
}

}  // namespace

bool find_images(const std::string& path, const ImportFindings& wanted, const ImportSink& sink) {
  std::error_code error;
  if (fs::is_directory(path, error)) return find_in_folder(path, wanted, sink);
  if (is_dicomdir(path)) return find_in_medium(path, wanted, sink);
  return offer_file(path, wanted, sink);
}

Result<MediumContents> read_dicomdir(const std::string& path) {
  const std::unique_ptr<ImportContent> content = PACS_TRY(ImportContent::of_file(path));
  const dicom::Header header = PACS_TRY(dicom::read_header(*content));
  MediumContents contents;
  const auto records = header.data_set.find(kDirectoryRecordSequence);
  if (!records || !records->is_sequence()) {
    return invalid_argument("not_a_dicomdir", path + " has no directory records");
  }
  const fs::path folder = fs::path(path).parent_path();
  for (const dicom::DataSetView record : records->items()) {
    const auto file_id = record.find(kReferencedFileId);
    if (!file_id || file_id->text().empty()) continue;
    const std::string_view text = file_id->text();
    if (const auto file = resolve(folder.empty() ? fs::path(".") : folder, text)) {
      contents.files.push_back(file->string());
    } else {
      contents.missing.emplace_back(text);
    }
  }
  return contents;
}

}  // namespace pacs::cli
