#include "storage/filesystem_blob_store.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/text.h"
#include "storage/attribute_files.h"
#include "storage/blob_hash.h"
#include "storage/durable_folders.h"
#include "storage/filesystem_layout.h"
#include "storage/filesystem_listing.h"
#include "storage/filesystem_quarantine.h"
#include "storage/filesystem_reader.h"
#include "storage/filesystem_staging.h"
#include "storage/tombstone_files.h"

namespace pacs::storage {
namespace {

// Somebody removes the empty folder between our mkdir and our link; nobody does it this often.
constexpr int kPublishAttemptsMax = 32;
constexpr unsigned kQuarantinedMode = 0400;
constexpr size_t kFoldersPerKey = 4;

class FilesystemBlobStore final : public BlobStore {
 public:
  FilesystemBlobStore(FilesystemLayout layout, const FilesystemOptions& options)
      : options_(options),
        root_(std::move(layout.root)),
        own_(std::move(layout.own)),
        folders_(root_.get(), syncs_),
        attributes_(root_.get(),
                    options.attributes == FilesystemOptions::Attributes::extended_else_files,
                    folders_, syncs_),
        staging_(std::move(layout.staging), syncs_),
        tombstones_(std::move(layout.tombstones), syncs_),
        quarantine_(std::move(layout.quarantine), syncs_) {}

  [[nodiscard]] Result<void> probe() { return staging_.probe(); }

  [[nodiscard]] std::string_view name() const override { return "filesystem"; }

  Result<std::unique_ptr<StagedBlob>> stage() override { return staging_.stage(); }
  Result<std::unique_ptr<StagedBlob>> reopen_staged(std::string_view id) override {
    return staging_.reopen(id);
  }
  Result<void> discard_staged(std::string_view id) override { return staging_.discard(id); }
  Result<std::vector<std::string>> list_staged(std::chrono::seconds older_than) override {
    return staging_.list(older_than);
  }
  Result<uint64_t> clean_staging(
      std::chrono::seconds older_than,
      const std::function<bool(std::string_view id)>& is_wanted) override {
    return staging_.clean(older_than, is_wanted);
  }

  Result<BlobInfo> publish(std::unique_ptr<StagedBlob> staged, const ObjectKey& key,
                           const BlobAttributes& attributes, PublishMode mode) override;
  Result<std::string> quarantine(std::unique_ptr<StagedBlob> staged,
                                 const BlobAttributes& attributes) override;
  Result<std::string> quarantine_published(const ObjectKey& key) override;
  Result<std::string> quarantine_foreign(std::string_view path) override;
  Result<BlobInfo> adopt(const ObjectKey& key, const BlobAttributes& attributes) override;

  Result<std::unique_ptr<BlobReader>> get(const ObjectKey& key,
                                          std::optional<ByteRange> range) override {
    return FilesystemBlobReader::open(root_.get(), key, range, attributes_);
  }
  Result<BlobInfo> stat(const ObjectKey& key) override { return PACS_TRY(get(key, {}))->info(); }
  Result<void> list(const ListRequest& request, BlobVisitor& visitor) override {
    return list_blobs(root_.get(), request, visitor);
  }
  Result<void> remove(const ObjectKey& key) override;

  Result<void> write_tombstone(std::string_view name, std::string_view text) override {
    return tombstones_.write(name, text);
  }
  Result<std::string> read_tombstone(std::string_view name) override {
    return tombstones_.read(name);
  }
  Result<void> remove_tombstone(std::string_view name) override { return tombstones_.remove(name); }
  Result<std::vector<std::string>> tombstone_names() override { return tombstones_.names(); }

  Result<StoreSpace> space() override;
  Result<std::optional<std::string>> read_archive_id() override {
    return storage::read_archive_id(own_.get());
  }
  Result<void> write_archive_id(std::string_view archive_id) override {
    return storage::write_archive_id(own_.get(), archive_id);
  }
  [[nodiscard]] bool is_poisoned() const override { return syncs_.failed(); }

 private:
  Result<void> make_durable(FilesystemStagedBlob& staged, const BlobAttributes& attributes,
                            unsigned mode, AttributeFiles::Where& where);
  Result<void> link_durably(FilesystemStagedBlob& staged, const ObjectKey& key);
  Result<FolderChain> link_under_key(const FilesystemStagedBlob& staged, const ObjectKey& key);
  void withdraw(const ObjectKey& key, int image_folder);
  void remove_empty_folders(const ObjectKey& key);

  const FilesystemOptions options_;
  const UniqueFd root_;
  const UniqueFd own_;
  FolderSyncs syncs_;
  DurableFolders folders_;
  AttributeFiles attributes_;
  FilesystemStaging staging_;
  TombstoneFiles tombstones_;
  FilesystemQuarantine quarantine_;
};

// The text of the key up to and without the n-th "/" from its end.
std::string folder_of(const ObjectKey& key, size_t levels_up = 1) {
  std::string_view path = key.str();
  for (; levels_up > 0; --levels_up) path = path.substr(0, path.rfind('/'));
  return std::string(path);
}

std::string filename_of(const ObjectKey& key) { return std::string(key.parts().back()); }

// A path as list() tells it: "radiology/…" without a part that leads elsewhere.
bool is_below_root(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return false;
  const std::vector<std::string_view> parts = split(path, '/');
  return parts.size() > 1 && parts.front() == ObjectKey::kRoot &&
         std::ranges::none_of(parts, [](std::string_view part) {
           return part.empty() || part == "." || part == "..";
         });
}

FilesystemStagedBlob& own_staged(const std::unique_ptr<StagedBlob>& staged) {
  auto* own = dynamic_cast<FilesystemStagedBlob*>(staged.get());
  PACS_ASSERT(own != nullptr && !own->is_torn());
  return *own;
}

// --- bytes in ---------------------------------------------------------------------------------

// 1. mode and attributes onto the unnamed file, one fsync for all three
// 2. the attributes' own file, where they need one, synced
// 3. the folders and the name, which never overwrites
// 4. fsync of the image's folder, then of each parent whose entry is not known to be durable
Result<BlobInfo> FilesystemBlobStore::publish(std::unique_ptr<StagedBlob> staged,
                                              const ObjectKey& key,
                                              const BlobAttributes& attributes,
                                              PublishMode /*mode*/) {
  FilesystemStagedBlob& blob = own_staged(staged);
  const auto key_occupied = [] {
    return already_exists("key_occupied", "there is a stored object under this key already");
  };
  // Spares the fsync; the link below is what decides.
  if (open_below(root_.get(), key.str(), O_PATH)) return key_occupied();

  AttributeFiles::Where where = AttributeFiles::Where::extended_attribute;
  PACS_TRY(make_durable(blob, attributes, options_.file_mode, where));
  std::unique_lock<std::mutex> lock;
  if (where == AttributeFiles::Where::own_file) {
    lock = attributes_.lock_of(key);
    if (open_below(root_.get(), key.str(), O_PATH)) return key_occupied();
    PACS_TRY(attributes_.write_file(key, attributes));
  }
  const Result<void> linked = link_durably(blob, key);
  if (!linked) {
    const bool is_occupied = linked.error().code == ErrorCode::already_exists;
    if (where == AttributeFiles::Where::own_file && !is_occupied) {
      static_cast<void>(attributes_.remove_file(key));
    }
    return is_occupied ? key_occupied() : linked.error();
  }
  const struct ::stat status = PACS_TRY(stat_open(blob.file()));
  BlobInfo info;
  info.size_bytes = static_cast<uint64_t>(status.st_size);
  info.attributes = attributes;
  info.identity = identity_text(status);
  info.entity_tag = info.identity;
  return info;
}

Result<void> FilesystemBlobStore::make_durable(FilesystemStagedBlob& staged,
                                               const BlobAttributes& attributes, unsigned mode,
                                               AttributeFiles::Where& where) {
  PACS_TRY(syncs_.check());
  where = PACS_TRY(attributes_.set_on_file(staged.file(), attributes));
  // What an earlier attempt has left on a kept upload.
  if (where == AttributeFiles::Where::own_file) {
    PACS_TRY(attributes_.clear_on_file(staged.file()));
  }
  if (::fchmod(staged.file(), mode) != 0) return system_error(errno, "setting a file's mode");
  Result<void> synced = staged.sync();
  // Its pages may be lost: nobody must ever open this file again.
  if (!synced) static_cast<void>(staged.drop_name());
  return synced;
}

Result<FolderChain> FilesystemBlobStore::link_under_key(const FilesystemStagedBlob& staged,
                                                        const ObjectKey& key) {
  const std::vector<std::string_view> parts = key.parts();
  const std::string filename = filename_of(key);
  for (int attempt = 0; attempt < kPublishAttemptsMax; ++attempt) {
    Result<FolderChain> chain =
        folders_.make(std::span(parts).first(kFoldersPerKey), options_.folder_mode);
    Result<void> linked =
        chain ? link_open_file(staged.file(), chain->innermost(), filename) : chain.error();
    if (linked) return chain;
    // The folder has been removed, being empty, since we opened it.
    if (linked.error().code == ErrorCode::not_found) continue;
    remove_empty_folders(key);
    return std::move(linked).error();
  }
  return unavailable("try_again", "the folder of the object keeps going away");
}

Result<void> FilesystemBlobStore::link_durably(FilesystemStagedBlob& staged, const ObjectKey& key) {
  const FolderChain chain = PACS_TRY(link_under_key(staged, key));
  const auto finish = [&]() -> Result<void> {
    PACS_TRY(staged.drop_name());
    PACS_TRY(syncs_.sync(chain.innermost()));
    return folders_.sync_entries(chain);
  };
  Result<void> finished = finish();
  if (!finished) withdraw(key, chain.innermost());
  return finished;
}

// After a failure behind the link: the name is ours, nobody was told of it.
void FilesystemBlobStore::withdraw(const ObjectKey& key, int image_folder) {
  ::unlinkat(image_folder, filename_of(key).c_str(), 0);
  remove_empty_folders(key);
}

Result<std::string> FilesystemBlobStore::quarantine(std::unique_ptr<StagedBlob> staged,
                                                    const BlobAttributes& attributes) {
  FilesystemStagedBlob& blob = own_staged(staged);
  AttributeFiles::Where where = AttributeFiles::Where::extended_attribute;
  PACS_TRY(make_durable(blob, attributes, kQuarantinedMode, where));
  const Sha256Digest sha256 = PACS_TRY(hash_of(blob));
  std::string name = PACS_TRY(quarantine_.link(blob.file(), attributes, sha256));
  PACS_TRY(blob.drop_name());
  return name;
}

Result<std::string> FilesystemBlobStore::quarantine_published(const ObjectKey& key) {
  PACS_TRY(syncs_.check());
  const OpenBlob blob = PACS_TRY(open_blob(root_.get(), key));
  // Neither unreadable attributes nor bytes are a reason to leave a bad blob where it is.
  const BlobAttributes attributes =
      attributes_.read(blob.file.get(), key).value_or(BlobAttributes());
  const Result<Sha256Digest> sha256 = hash_of_file(blob.file.get());
  const UniqueFd folder = PACS_TRY(open_folder_below(root_.get(), folder_of(key)));
  const std::string filename = filename_of(key);
  std::string name =
      PACS_TRY(sha256 ? quarantine_.take(folder.get(), filename, key.str(), attributes, *sha256)
                      : quarantine_.take_unread(folder.get(), filename, key.str(), attributes));
  PACS_TRY(remove(key));
  return name;
}

Result<std::string> FilesystemBlobStore::quarantine_foreign(std::string_view path) {
  PACS_TRY(syncs_.check());
  if (!is_below_root(path)) {
    return invalid_argument("not_foreign", "only what lies below radiology/ is moved away");
  }
  const size_t last_slash = path.rfind('/');
  const std::string name(path.substr(last_slash + 1));
  const UniqueFd folder =
      PACS_TRY(open_folder_below(root_.get(), std::string(path.substr(0, last_slash))));
  struct ::stat status {};
  if (::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return system_error(errno, "looking at a foreign file");
  }
  const bool is_blob = S_ISREG(status.st_mode) && ObjectKey::parse(path);
  const bool leads_to_blobs = S_ISDIR(status.st_mode) && name[0] != '.' &&
                              static_cast<size_t>(std::ranges::count(path, '/')) < kFoldersPerKey;
  if (is_blob || leads_to_blobs) {
    return invalid_argument("not_foreign", "a stored object may lie there");
  }
  std::string new_name = PACS_TRY(quarantine_.take_unread(folder.get(), name, path, {}));
  PACS_TRY(syncs_.sync(folder.get()));
  return new_name;
}

Result<BlobInfo> FilesystemBlobStore::adopt(const ObjectKey& key,
                                            const BlobAttributes& attributes) {
  PACS_TRY(syncs_.check());
  const OpenBlob blob = PACS_TRY(open_blob(root_.get(), key));
  const std::vector<std::string_view> parts = key.parts();
  const FolderChain chain =
      PACS_TRY(folders_.make(std::span(parts).first(kFoldersPerKey), options_.folder_mode));

  const std::unique_lock<std::mutex> lock = attributes_.lock_of(key);
  const AttributeFiles::Where where =
      PACS_TRY(attributes_.set_on_file(blob.file.get(), attributes));
  if (where == AttributeFiles::Where::own_file) {
    PACS_TRY(attributes_.write_file(key, attributes));
    PACS_TRY(attributes_.clear_on_file(blob.file.get()));
  }
  PACS_TRY(syncs_.sync_file(blob.file.get()));
  if (where == AttributeFiles::Where::extended_attribute) PACS_TRY(attributes_.remove_file(key));
  PACS_TRY(syncs_.sync(chain.innermost()));
  PACS_TRY(folders_.sync_entries(chain));
  return stat(key);
}

// --- bytes away -------------------------------------------------------------------------------

Result<void> FilesystemBlobStore::remove(const ObjectKey& key) {
  PACS_TRY(syncs_.check());
  // The deepest folder that there is: its fsync makes the absence durable, also one that an earlier
  // attempt has left behind unsynced.
  for (size_t levels_up = 1; levels_up <= kFoldersPerKey; ++levels_up) {
    const Result<UniqueFd> folder = open_folder_below(root_.get(), folder_of(key, levels_up));
    if (!folder && folder.error().code == ErrorCode::not_found) continue;
    if (!folder) return folder.error();
    if (levels_up == 1) {
      const std::string filename = filename_of(key);
      struct ::stat status {};
      const bool is_there =
          ::fstatat(folder->get(), filename.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
      // What is no plain file is no blob: not ours to remove.
      if (is_there && S_ISREG(status.st_mode) &&
          ::unlinkat(folder->get(), filename.c_str(), 0) != 0 && errno != ENOENT) {
        return system_error(errno, "removing a stored file");
      }
    }
    PACS_TRY(syncs_.sync(folder->get()));
    break;
  }
  const std::unique_lock<std::mutex> lock = attributes_.lock_of(key);
  if (!open_below(root_.get(), key.str(), O_PATH)) PACS_TRY(attributes_.remove_file(key));
  remove_empty_folders(key);
  return {};
}

// Image, series, study, as far as they are empty. A publish that has opened one of them meanwhile
// fails to link into it, and makes it anew.
void FilesystemBlobStore::remove_empty_folders(const ObjectKey& key) {
  for (size_t levels_up = 1; levels_up < kFoldersPerKey; ++levels_up) {
    const std::string path = folder_of(key, levels_up);
    const Result<UniqueFd> folder = open_folder_below(root_.get(), path);
    if (!folder) continue;
    const Result<UniqueFd> parent = open_folder_below(root_.get(), folder_of(key, levels_up + 1));
    if (!parent) return;
    const std::string name = path.substr(path.rfind('/') + 1);
    if (::unlinkat(parent->get(), name.c_str(), AT_REMOVEDIR) != 0) return;
    const Result<struct ::stat> status = stat_open(folder->get());
    if (status) folders_.forget(identity_of(*status));
  }
}

// --- the store as a whole ---------------------------------------------------------------------

Result<StoreSpace> FilesystemBlobStore::space() {
  struct ::statvfs status {};
  if (::fstatvfs(root_.get(), &status) != 0) return system_error(errno, "asking for free space");
  StoreSpace space;
  space.bytes_free = uint64_t{status.f_bavail} * status.f_frsize;
  space.bytes_total = uint64_t{status.f_blocks} * status.f_frsize;
  if (status.f_files != 0) space.inodes_free = status.f_favail;
  return space;
}

}  // namespace

Result<std::unique_ptr<BlobStore>> open_filesystem_blob_store(const FilesystemOptions& options) {
  constexpr unsigned kOwnerReads = 0400;
  constexpr unsigned kOwnerUsesFolder = 0700;
  if ((options.file_mode & kOwnerReads) != kOwnerReads ||
      (options.folder_mode & kOwnerUsesFolder) != kOwnerUsesFolder || options.file_mode > 07777 ||
      options.folder_mode > 07777) {
    return invalid_argument("bad_permissions",
                            "FILE_UPLOAD_PERMISSIONS must have 0400 and "
                            "FILE_UPLOAD_DIRECTORY_PERMISSIONS 0700, the server's own rights");
  }
  FilesystemLayout layout = PACS_TRY(open_layout(options.root, options.folder_mode));
  auto store = std::make_unique<FilesystemBlobStore>(std::move(layout), options);
  PACS_TRY(store->probe());
  return std::unique_ptr<BlobStore>(std::move(store));
}

}  // namespace pacs::storage
