#include "rest/viewer_bundle.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "core/text.h"
#include "http/conditions.h"

namespace pacs::rest {
namespace {

constexpr uint64_t kPageBytesMax = 256 * 1024;  // it has 3 kB
constexpr size_t kBundleNameMax = 200;
constexpr size_t kHashDigits = 16;

// What the viewer consists of; anything else is not sent.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kBundleTypes = {{
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".json", "application/json"},
    {".jsonc", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".webapp", "application/json"},
    {".map", "application/json"},
}};

std::string_view bundle_type_of(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  const auto* found = std::find_if(kBundleTypes.begin(), kBundleTypes.end(), [&](const auto& type) {
    return type.first == name.substr(dot);
  });
  return found == kBundleTypes.end() ? std::string_view() : found->second;
}

bool is_bundle_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_' || c == '/';
}

// Plain names below the folder: none begins with a dot, so that none leads out of it.
bool is_bundle_name(std::string_view name) {
  if (name.empty() || name.size() > kBundleNameMax) return false;
  if (!std::all_of(name.begin(), name.end(), is_bundle_character)) return false;
  const auto parts = split(name, '/');
  return std::none_of(parts.begin(), parts.end(),
                      [](std::string_view part) { return part.empty() || part.front() == '.'; });
}

// "app.bundle.0f6159c501addfe9.js", "0ddf166f7a343eda.wasm".
bool has_hash_in_name(std::string_view name) {
  for (const std::string_view part : split(name.substr(name.rfind('/') + 1), '.')) {
    const bool is_hash = part.size() == kHashDigits &&
                         part.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (is_hash) return true;
  }
  return false;
}

struct OpenedFile {
  UniqueFd descriptor;
  struct stat status {};
};

std::optional<OpenedFile> open_regular(const std::string& path) {
  auto descriptor = open_file(path, O_RDONLY | O_NOFOLLOW, 0, "a file of the viewer");
  if (!descriptor) return std::nullopt;
  OpenedFile file{std::move(*descriptor), {}};
  if (::fstat(file.descriptor.get(), &file.status) != 0 || !S_ISREG(file.status.st_mode)) {
    return std::nullopt;
  }
  return file;
}

std::string bundle_etag(const struct stat& status, bool is_packed) {
  return http::quoted_etag(std::to_string(status.st_size) + "-" +
                           std::to_string(status.st_mtim.tv_sec) + "." +
                           std::to_string(status.st_mtim.tv_nsec) + (is_packed ? "-gz" : ""));
}

}  // namespace

Result<std::string> ViewerBundle::page(std::string_view prefix) const {
  constexpr std::string_view kRoot = "\"/viewer/";
  if (folder_.empty()) return not_found("no_viewer", "the viewer is not installed");
  auto text = read_file(folder_ + "/index.html", kPageBytesMax);
  if (!text) return not_found("no_viewer", "the viewer is not installed");
  if (prefix.empty()) return text;
  for (size_t at = text->find(kRoot); at != std::string::npos; at = text->find(kRoot, at + 1)) {
    text->insert(at + 1, prefix);
    at += prefix.size();
  }
  return text;
}

std::optional<BundleFile> ViewerBundle::find(std::string_view name, bool accepts_gzip) const {
  const std::string_view type = bundle_type_of(name);
  if (folder_.empty() || type.empty() || !is_bundle_name(name)) return std::nullopt;
  const std::string path = folder_ + "/" + std::string(name);
  std::optional<OpenedFile> file;
  bool is_packed = false;
  if (accepts_gzip) {
    file = open_regular(path + ".gz");
    is_packed = file.has_value();
  }
  if (!file) file = open_regular(path);
  if (!file) return std::nullopt;
  BundleFile found;
  found.size_bytes = static_cast<uint64_t>(file->status.st_size);
  found.content_type = type;
  found.etag = bundle_etag(file->status, is_packed);
  found.is_packed = is_packed;
  found.is_script = name.ends_with(".js");
  found.never_changes = has_hash_in_name(name);
  found.descriptor = std::move(file->descriptor);
  return found;
}

bool ViewerBundle::is_file_name(std::string_view name) { return !bundle_type_of(name).empty(); }

}  // namespace pacs::rest
