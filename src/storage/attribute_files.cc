#include "storage/attribute_files.h"

#include <cerrno>
#include <functional>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/crypto.h"
#include "core/json_value.h"
#include "core/json_writer.h"

namespace pacs::storage {
namespace {

constexpr unsigned kFolderMode = 0700;
constexpr unsigned kFileMode = 0600;
// The JSON of the attributes, once more quoted at worst, and the key.
constexpr uint64_t kFileBytesMax = 2 * BlobAttributes::kSizeBytesMax + 4 * ObjectKey::kSizeBytesMax;

struct FilePlace {
  std::string digits;
  std::string name;
  [[nodiscard]] std::string path() const { return ".pacs-lite/attributes/" + digits + "/" + name; }
};

FilePlace place_of(const ObjectKey& key) {
  const std::string digest = sha256(as_bytes(key.str())).hex();
  return {digest.substr(0, 2), digest + ".json"};
}

Error bad_attributes() {
  return corrupt("bad_attributes", "the attributes of a stored blob cannot be read");
}

// The filesystem has none, or ours do not fit, or the file is not ours to write to.
bool goes_to_own_file(int error_number) {
  switch (error_number) {
    case ENOTSUP:
    case ENOSPC:  // ext4: more than a block; on a full disk the file of its own fails too
    case E2BIG:
    case ERANGE:
    case EDQUOT:
    case EACCES:
    case EPERM:
      return true;
    default:
      return false;
  }
}

// Even the owner may set no attribute on a file that is published without write permission.
bool set_on_read_only(int file, std::string_view json) {
  struct ::stat status {};
  if (::fstat(file, &status) != 0) return false;
  if (::fchmod(file, (status.st_mode & 07777) | S_IWUSR) != 0) return false;
  const bool is_set = ::fsetxattr(file, kExtendedAttribute, json.data(), json.size(), 0) == 0;
  const int error_number = errno;
  const bool is_restored = ::fchmod(file, status.st_mode & 07777) == 0;
  errno = error_number;
  return is_set && is_restored;
}

Result<BlobAttributes> parse_file(std::string_view text, const ObjectKey& key) {
  const Result<JsonValue> value = JsonValue::parse(text);
  if (!value) return bad_attributes();
  const JsonValue* own_key = value->find("key");
  const JsonValue* attributes = value->find("attributes");
  if (own_key == nullptr || own_key->as_string() == nullptr || attributes == nullptr ||
      *own_key->as_string() != key.str()) {
    return bad_attributes();
  }
  return BlobAttributes::from_json(attributes->to_json());
}

}  // namespace

Result<AttributeFiles::Where> AttributeFiles::set_on_file(int file,
                                                          const BlobAttributes& attributes) const {
  if (!use_extended_attributes_) return Where::own_file;
  const std::string json = attributes.to_json();
  if (::fsetxattr(file, kExtendedAttribute, json.data(), json.size(), 0) == 0 ||
      (errno == EACCES && set_on_read_only(file, json))) {
    return Where::extended_attribute;
  }
  if (!goes_to_own_file(errno)) return system_error(errno, "setting the attributes of a file");
  return Where::own_file;
}

Result<void> AttributeFiles::clear_on_file(int file) const {
  // Asked first: a file that is not ours refuses the removal even of what it does not have.
  if (::fgetxattr(file, kExtendedAttribute, nullptr, 0) < 0) return {};
  if (::fremovexattr(file, kExtendedAttribute) == 0 || errno == ENODATA) return {};
  return system_error(errno, "taking an attribute from a file");
}

Result<void> AttributeFiles::write_file(const ObjectKey& key, const BlobAttributes& attributes) {
  JsonWriter writer;
  writer.begin_object();
  writer.member("key", key.str());
  writer.key("attributes");
  writer.raw(attributes.to_json());
  writer.end_object();
  const std::string json = writer.take();

  const FilePlace place = place_of(key);
  const std::array<std::string_view, 3> path = {".pacs-lite", "attributes", place.digits};
  const FolderChain chain = PACS_TRY(folders_.make(path, kFolderMode));
  const std::string temporary = place.name + ".new";
  const auto write_temporary = [&]() -> Result<void> {
    const int descriptor =
        ::openat(chain.innermost(), temporary.c_str(),
                 O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, kFileMode);
    if (descriptor < 0) return system_error(errno, "writing the attributes of a blob");
    const UniqueFd file(descriptor);
    PACS_TRY(write_all(file.get(), as_bytes(json)));
    return syncs_.sync_file(file.get());
  };
  Result<void> written = write_temporary();
  if (written && ::renameat(chain.innermost(), temporary.c_str(), chain.innermost(),
                            place.name.c_str()) != 0) {
    written = system_error(errno, "writing the attributes of a blob");
  }
  if (!written) {
    ::unlinkat(chain.innermost(), temporary.c_str(), 0);
    return written;
  }
  PACS_TRY(syncs_.sync(chain.innermost()));
  return folders_.sync_entries(chain);
}

Result<void> AttributeFiles::remove_file(const ObjectKey& key) const {
  const FilePlace place = place_of(key);
  const Result<UniqueFd> folder = open_folder_below(root_, ".pacs-lite/attributes/" + place.digits);
  if (!folder && folder.error().code == ErrorCode::not_found) return {};
  if (!folder) return folder.error();
  if (::unlinkat(folder->get(), place.name.c_str(), 0) == 0 || errno == ENOENT) return {};
  return system_error(errno, "removing the attributes of a blob");
}

Result<BlobAttributes> AttributeFiles::read(int file, const ObjectKey& key) const {
  std::array<char, 4096> small{};
  ssize_t size = ::fgetxattr(file, kExtendedAttribute, small.data(), small.size());
  if (size >= 0) {
    return BlobAttributes::from_json({small.data(), static_cast<size_t>(size)});
  }
  if (errno == ERANGE) {
    std::string large(BlobAttributes::kSizeBytesMax, '\0');
    size = ::fgetxattr(file, kExtendedAttribute, large.data(), large.size());
    if (size < 0) return bad_attributes();
    large.resize(static_cast<size_t>(size));
    return BlobAttributes::from_json(large);
  }
  if (errno != ENODATA && errno != ENOTSUP) {
    return system_error(errno, "reading the attributes of a file");
  }
  const Result<UniqueFd> own = open_below(root_, place_of(key).path(), O_RDONLY);
  if (!own && own.error().code == ErrorCode::not_found) return BlobAttributes();
  if (!own) return own.error();
  std::string text(kFileBytesMax + 1, '\0');
  const size_t count = PACS_TRY(read_at(own->get(), 0, std::as_writable_bytes(std::span(text))));
  if (count > kFileBytesMax) return bad_attributes();
  return parse_file(std::string_view(text).substr(0, count), key);
}

std::unique_lock<std::mutex> AttributeFiles::lock_of(const ObjectKey& key) {
  return std::unique_lock(locks_[std::hash<std::string>()(key.str()) % kLocks]);
}

}  // namespace pacs::storage
