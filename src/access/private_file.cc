#include "access/private_file.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include "core/file.h"

namespace pacs::access {

Result<std::string> read_private_file(const std::string& path, PrivateTo private_to,
                                      uint64_t size_bytes_max) {
  const UniqueFd file = PACS_TRY(open_file(path, O_RDONLY, 0, "opening a file with a secret"));
  struct stat facts = {};
  if (::fstat(file.get(), &facts) != 0) return system_error(errno, "looking at a secret's file");
  const mode_t closed = private_to == PrivateTo::owner ? 077 : 007;
  if ((facts.st_mode & closed) != 0) {
    return permission_denied("secret_exposed",
                             "a file with a secret is open to other users of this machine; chmod "
                             "it to 0600, and replace the secret if others may have read it");
  }
  // By the descriptor, so that what was looked at is what is read.
  std::string text(static_cast<size_t>(size_bytes_max) + 1, '\0');
  const size_t size =
      PACS_TRY(read_at(file.get(), 0, {reinterpret_cast<std::byte*>(text.data()), text.size()}));
  if (size > size_bytes_max) return resource_exhausted("too_large", "too large for a secret");
  text.resize(size);
  return text;
}

}  // namespace pacs::access
