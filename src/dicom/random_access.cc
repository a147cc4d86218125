#include "dicom/random_access.h"

#include <algorithm>
#include <cerrno>

#include <sys/stat.h>

#include "core/file.h"

namespace pacs::dicom {

Result<size_t> MemoryAccess::read_at(uint64_t offset, MutableBytes buffer) const {
  if (offset >= bytes_.size()) return size_t{0};
  const Bytes rest = bytes_.subspan(static_cast<size_t>(offset));
  const size_t count = std::min(rest.size(), buffer.size());
  std::copy_n(rest.begin(), count, buffer.begin());
  return count;
}

Result<FileAccess> FileAccess::open(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return system_error(errno, "stat of an image file");
  return FileAccess(descriptor, static_cast<uint64_t>(status.st_size));
}

Result<size_t> FileAccess::read_at(uint64_t offset, MutableBytes buffer) const {
  if (offset >= size_) return size_t{0};
  const auto count = static_cast<size_t>(std::min<uint64_t>(buffer.size(), size_ - offset));
  return pacs::read_at(descriptor_, offset, buffer.first(count));
}

}  // namespace pacs::dicom
