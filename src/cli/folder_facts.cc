#include "cli/folder_facts.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <grp.h>
#include <linux/magic.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace pacs::cli {
namespace {

using Nature = FolderFacts::Nature;

struct Kind {
  uint64_t magic;
  const char* name;
  Nature nature;
};

// statfs(2); CIFS and XFS have no name in linux/magic.h of Debian 12.
constexpr std::array<Kind, 10> kFilesystemKinds = {{
    {EXT4_SUPER_MAGIC, "ext4", Nature::disk},
    {0x58465342, "xfs", Nature::disk},
    {BTRFS_SUPER_MAGIC, "btrfs", Nature::disk},
    {0x2fc12fc1, "zfs", Nature::disk},
    {F2FS_SUPER_MAGIC, "f2fs", Nature::disk},
    {NFS_SUPER_MAGIC, "nfs", Nature::network},
    {0xff534d42, "cifs", Nature::network},
    {0xfe534d42, "smb2", Nature::network},
    {TMPFS_MAGIC, "tmpfs", Nature::memory},
    {OVERLAYFS_SUPER_MAGIC, "overlay", Nature::container_layer},
}};

std::string user_name(uid_t id) {
  std::array<char, 4096> buffer{};
  struct passwd entry = {};
  struct passwd* found = nullptr;
  ::getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? found->pw_name : std::to_string(id);
}

std::string group_name(gid_t id) {
  std::array<char, 4096> buffer{};
  struct group entry = {};
  struct group* found = nullptr;
  ::getgrgid_r(id, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? found->gr_name : std::to_string(id);
}

void name_filesystem(uint64_t magic, FolderFacts& facts) {
  facts.filesystem = "filesystem " + std::to_string(magic);
  for (const Kind& kind : kFilesystemKinds) {
    if (kind.magic != magic) continue;
    facts.filesystem = kind.name;
    facts.nature = kind.nature;
  }
}

}  // namespace

Result<FolderFacts> look_at_folder(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return system_error(errno, "looking at a folder");
  FolderFacts facts;
  facts.owner = user_name(status.st_uid) + ":" + group_name(status.st_gid);
  facts.mode = status.st_mode & 07777;
  facts.is_folder = S_ISDIR(status.st_mode);
  facts.is_writable = ::faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) == 0;

  struct statvfs space = {};
  struct statfs kind = {};
  if (::statvfs(path.c_str(), &space) != 0 || ::statfs(path.c_str(), &kind) != 0) {
    return system_error(errno, "looking at a filesystem");
  }
  facts.is_read_only = (space.f_flag & ST_RDONLY) != 0;
  facts.bytes_free = uint64_t{space.f_bavail} * space.f_frsize;
  facts.bytes_total = uint64_t{space.f_blocks} * space.f_frsize;
  facts.inodes_free = space.f_favail;
  facts.inodes_total = space.f_files;
  name_filesystem(static_cast<uint32_t>(kind.f_type), facts);
  return facts;
}

std::string own_user_name() { return user_name(::geteuid()); }

}  // namespace pacs::cli
