#include "cli/backup_bucket.h"

#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/data_folder.h"
#include "cli/object_store.h"
#include "core/log.h"

namespace pacs::cli {
namespace {

constexpr unsigned kFileMode = 0600;
constexpr uint64_t kManifestObjectBytesMax = 1024 * 1024;  // a few hundred bytes
constexpr std::string_view kFolder = ".pacs-lite/backup/";

std::string name_of(std::string_view file) { return std::string(kFolder) + std::string(file); }
std::string name_of_manifest() { return name_of("backup.json"); }
// Written first: the bucket is a backup's, and of which archive.
std::string name_of_mark() { return name_of("archive-id"); }
std::string name_of_secret(const std::string& name) { return name_of("secrets/" + name); }

// A file as what it was when it was opened; nobody writes to it.
class FileAtRest final : public BytesAtRest {
 public:
  static Result<FileAtRest> open(const std::string& path) {
    UniqueFd file = PACS_TRY(open_file(path, O_RDONLY | O_NOFOLLOW, 0, "opening " + path));
    struct ::stat status {};
    if (::fstat(file.get(), &status) != 0) return system_error(errno, "reading " + path);
    return FileAtRest(std::move(file), static_cast<uint64_t>(status.st_size));
  }

  [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const override {
    return pacs::read_at(file_.get(), offset, buffer);
  }
  [[nodiscard]] uint64_t size_bytes() const override { return size_bytes_; }

 private:
  FileAtRest(UniqueFd file, uint64_t size_bytes)
      : file_(std::move(file)), size_bytes_(size_bytes) {}
  UniqueFd file_;
  uint64_t size_bytes_;
};

// By the archive and not by the bucket, where nothing can be held: only the archive writes there.
Result<UniqueFd> lock_against_another(const std::string& data_folder) {
  UniqueFd lock = PACS_TRY(open_file(data_folder + "/backup.lock", O_RDWR | O_CREAT | O_NOFOLLOW,
                                     kFileMode, "opening the lock of the backup"));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return system_error(errno, "locking the backup");
  return unavailable("backup_running", "another backup of this archive to a bucket is under way");
}

}  // namespace

BackupBucket::BackupBucket(Settings bucket, const Clock& clock)
    : bucket_(std::move(bucket)), clock_(clock), credentials_(make_credentials(bucket_, clock)) {}

// The copy of the index is patients' data, and has its place in the bucket by now.
BackupBucket::~BackupBucket() {
  if (lock_) ::unlink(local_index("").c_str());
}

Result<std::unique_ptr<BackupBucket>> BackupBucket::open(const Settings& bucket,
                                                         const Clock& clock) {
  std::unique_ptr<BackupBucket> place(new BackupBucket(bucket, clock));
  auto files = storage::S3Files::open(place->bucket_.s3, *place->credentials_, place->clock_,
                                      place->random_);
  if (!files) {
    Error error = std::move(files).error();
    error.detail = place->title() + " of the backup: " + error.detail;
    return error;
  }
  place->files_ = std::move(*files);
  return place;
}

Result<std::unique_ptr<BackupPlace>> BackupBucket::open_to_write(const Settings& bucket,
                                                                 const std::string& archive_id,
                                                                 const Clock& clock) {
  auto place = PACS_TRY(open(bucket, clock));
  place->lock_ = PACS_TRY(lock_against_another(bucket.data_folder));
  PACS_TRY(place->check_is_backup_of(archive_id));
  const Result<uint64_t> aborted = place->files_->abort_old_uploads(clock.now());
  // Not every store lists them, and they are no reason not to back up.
  if (!aborted) log_warning("uploads_not_listed", {{"reason", aborted.error().reason}});
  return std::unique_ptr<BackupPlace>(std::move(place));
}

Result<std::unique_ptr<BackupPlace>> BackupBucket::open_to_read(const Settings& bucket,
                                                                const Clock& clock) {
  return std::unique_ptr<BackupPlace>(PACS_TRY(open(bucket, clock)));
}

// The bucket of an archive has the archive's id too: the mark tells a backup from it.
Result<void> BackupBucket::check_is_backup_of(const std::string& archive_id) {
  const auto mark = PACS_TRY(files_->read_text(name_of_mark()));
  if (mark) {
    if (*mark == archive_id) return {};
    return conflict("other_backup", title() +
                                        " holds the backup of another archive; name another "
                                        "bucket. Nothing was changed");
  }
  std::string found;
  PACS_TRY(files_->list("", [&](const std::string& name) {
    found = name;
    return false;
  }));
  if (found.empty()) return files_->put_text(name_of_mark(), archive_id);
  return conflict("not_a_backup", title() + " holds something that is no backup of this program (" +
                                      found +
                                      "); name an empty bucket, or one that was filled by "
                                      "`backup`. Nothing was changed");
}

Result<std::optional<BackupManifest>> BackupBucket::find_manifest() const {
  const auto text = PACS_TRY(files_->read_text(name_of_manifest()));
  if (!text) return std::optional<BackupManifest>();
  if (text->size() > kManifestObjectBytesMax) {
    return corrupt("bad_backup_manifest", "the manifest of the backup is too large to be one");
  }
  return std::optional<BackupManifest>(PACS_TRY(BackupManifest::parse(*text)));
}

Result<void> BackupBucket::write_manifest(const BackupManifest& manifest) {
  return files_->put_text(name_of_manifest(), manifest.to_json());
}

Result<std::unique_ptr<storage::BlobStore>> BackupBucket::open_images() {
  return open_object_store(bucket_, to_string(bucket_.storage), *credentials_, clock_, random_);
}

std::string BackupBucket::local_index(const std::string& /*name*/) const {
  return bucket_.data_folder + "/backup-index.db";
}

Result<FileDigest> BackupBucket::put_file(const std::string& name, const std::string& from) {
  const FileDigest digest = PACS_TRY(digest_of_file(from));
  PACS_TRY(files_->put(name, PACS_TRY(FileAtRest::open(from))));
  return digest;
}

Result<FileDigest> BackupBucket::keep_index(const std::string& name) {
  return put_file(name_of(name), local_index(name));
}

Result<void> BackupBucket::remove_other_indexes(const std::string& kept) {
  std::vector<std::string> others;
  PACS_TRY(files_->list(kFolder, [&](const std::string& name) {
    const std::string file = name.substr(kFolder.size());
    if (is_backup_index(file) && file != kept) others.push_back(name);
    return true;
  }));
  for (const std::string& name : others) PACS_TRY(files_->remove(name));
  return {};
}

Result<FileDigest> BackupBucket::keep_secret(const std::string& name, const std::string& from) {
  return put_file(name_of_secret(name), from);
}

Result<FileDigest> BackupBucket::digest_of_index(const std::string& name) {
  const auto file = PACS_TRY(files_->get(name_of(name)));
  return digest_of(*file);
}

Result<FileDigest> BackupBucket::digest_of_secret(const std::string& name) {
  const auto file = PACS_TRY(files_->get(name_of_secret(name)));
  return digest_of(*file);
}

Result<FileDigest> BackupBucket::fetch_index(const std::string& name, const std::string& to) {
  const auto file = PACS_TRY(files_->get(name_of(name)));
  return write_file_durably(*file, to, kFileMode);
}

Result<FileDigest> BackupBucket::fetch_secret(const std::string& name, const std::string& to) {
  const auto file = PACS_TRY(files_->get(name_of_secret(name)));
  return write_file_durably(*file, to, kFileMode);
}

}  // namespace pacs::cli
