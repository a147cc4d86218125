#include "cli/import_item.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

namespace pacs::cli {

Result<std::unique_ptr<ImportContent>> ImportContent::of_file(const std::string& path) {
  // Opening a FIFO would wait for its other end.
  return of_descriptor(PACS_TRY(pacs::open_file(path, O_RDONLY | O_NONBLOCK, 0, "opening a file")));
}

Result<std::unique_ptr<ImportContent>> ImportContent::of_descriptor(UniqueFd file) {
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return system_error(errno, "looking at a file");
  if (!S_ISREG(status.st_mode)) return invalid_argument("no_plain_file", "not a plain file");
  return std::unique_ptr<ImportContent>(
      new ImportContent(std::move(file), {}, static_cast<uint64_t>(status.st_size)));
}

std::unique_ptr<ImportContent> ImportContent::of_bytes(ByteVector bytes) {
  const uint64_t size = bytes.size();
  return std::unique_ptr<ImportContent>(new ImportContent(UniqueFd(), std::move(bytes), size));
}

Result<size_t> ImportContent::read_at(uint64_t offset, MutableBytes buffer) const {
  if (file_) return pacs::read_at(file_.get(), offset, buffer);
  if (offset >= bytes_.size()) return size_t{0};
  const size_t count = std::min<size_t>(buffer.size(), bytes_.size() - offset);
  std::copy_n(bytes_.begin() + static_cast<ptrdiff_t>(offset), count, buffer.begin());
  return count;
}

std::string_view to_string(ImportOutcome outcome) {
  switch (outcome) {
    case ImportOutcome::stored:
      return "stored";
    case ImportOutcome::known:
      return "known";
    case ImportOutcome::refused:
      return "refused";
    case ImportOutcome::failed:
      return "failed";
    case ImportOutcome::skipped:
      return "skipped";
  }
  return "failed";
}

}  // namespace pacs::cli
