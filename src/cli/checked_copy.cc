#include "cli/checked_copy.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "core/file.h"

namespace pacs::cli {
namespace {

constexpr size_t kBufferBytes = 1024 * 1024;

class FileSource final : public ByteSource {
 public:
  explicit FileSource(UniqueFd file) : file_(std::move(file)) {}
  Result<size_t> read_some(MutableBytes buffer) override {
    const size_t count = PACS_TRY(read_at(file_.get(), position_, buffer));
    position_ += count;
    return count;
  }

 private:
  UniqueFd file_;
  uint64_t position_ = 0;
};

Result<FileSource> open_source(const std::string& path) {
  return FileSource(PACS_TRY(open_file(path, O_RDONLY | O_NOFOLLOW, 0, "opening " + path)));
}

Result<FileDigest> read_through(ByteSource& source,
                                const std::function<Result<void>(Bytes)>& take) {
  FileDigest digest;
  Sha256 hash;
  ByteVector buffer(kBufferBytes);
  while (const size_t count = PACS_TRY(source.read_some(buffer))) {
    hash.update(Bytes(buffer).first(count));
    PACS_TRY(take(Bytes(buffer).first(count)));
    digest.size_bytes += count;
  }
  digest.sha256 = hash.finish();
  return digest;
}

Result<FileDigest> write_partial(ByteSource& source, const std::string& partial, unsigned mode) {
  const UniqueFd file = PACS_TRY(
      open_file(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode, "writing " + partial));
  const FileDigest digest =
      PACS_TRY(read_through(source, [&](Bytes bytes) { return write_all(file.get(), bytes); }));
  PACS_TRY(sync_to_disk(file.get(), partial));
  return digest;
}

}  // namespace

Result<FileDigest> digest_of(ByteSource& source) {
  return read_through(source, [](Bytes) -> Result<void> { return {}; });
}

Result<FileDigest> digest_of_file(const std::string& path) {
  FileSource source = PACS_TRY(open_source(path));
  return digest_of(source);
}

Result<FileDigest> copy_file_durably(const std::string& from, const std::string& to,
                                     unsigned mode) {
  FileSource source = PACS_TRY(open_source(from));
  return write_file_durably(source, to, mode);
}

Result<FileDigest> write_file_durably(ByteSource& source, const std::string& to, unsigned mode) {
  const std::string partial = to + ".partial";
  ::unlink(partial.c_str());
  Result<FileDigest> copied = write_partial(source, partial, mode);
  if (copied && std::rename(partial.c_str(), to.c_str()) != 0) {
    copied = system_error(errno, "naming " + to);
  }
  if (!copied) {
    ::unlink(partial.c_str());
    return copied;
  }
  const UniqueFd folder = PACS_TRY(open_file(std::filesystem::path(to).parent_path().string(),
                                             O_RDONLY | O_DIRECTORY, 0, "the folder of " + to));
  PACS_TRY(sync_to_disk(folder.get(), "the folder of " + to));
  return copied;
}

}  // namespace pacs::cli
