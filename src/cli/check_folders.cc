#include <filesystem>
#include <string>

#include "archive/room.h"
#include "cli/checks.h"
#include "cli/console.h"
#include "cli/folder_facts.h"
#include "core/setting_grammar.h"

namespace pacs::cli {
namespace {

// Below so many times the mark from which on images are refused, a clinic has hours left rather
// than days.
constexpr uint64_t kMarksFreeMin = 5;
constexpr double kFreeShareMin = 0.05;
constexpr uint64_t kInodesFreeMin = 10'000;
// Where no mark is wanted; below this even the index has no room to grow.
constexpr uint64_t kBytesFreeFatal = 100'000'000;

struct Folder {
  std::string subject;
  std::string path;
  std::string setting;  // that moves it elsewhere
  enum class Holds { index, images } holds;
  uint64_t bytes_free_min = 0;
};

void check_room(const Folder& folder, const FolderFacts& facts, Findings& findings) {
  const uint64_t wanted = folder.bytes_free_min == 0 ? kBytesFreeFatal : folder.bytes_free_min;
  const uint64_t mark = archive::low_water_mark(wanted, facts.bytes_total);
  const std::string subject = folder.subject + " space";
  const std::string free =
      human_bytes(facts.bytes_free) + " of " + human_bytes(facts.bytes_total) + " free";
  const std::string remedy = "make room or give it a larger disk; below " + human_bytes(mark) +
                             " nothing more can be stored (PACS_LITE_MIN_FREE_BYTES)";
  const bool is_short = facts.bytes_free < kMarksFreeMin * mark ||
                        static_cast<double>(facts.bytes_free) <
                            kFreeShareMin * static_cast<double>(facts.bytes_total);
  if (facts.bytes_free < mark) {
    findings.error(subject, free, remedy);
  } else if (is_short) {
    findings.warning(subject, free, remedy);
  } else {
    findings.ok(subject, free);
  }
  if (facts.inodes_total == 0) return;
  const std::string inodes = std::to_string(facts.inodes_free) + " of " +
                             std::to_string(facts.inodes_total) + " inodes free";
  const std::string more_inodes =
      "every image is a file and up to three folders: use a filesystem with more inodes (mkfs.ext4 "
      "-i 16384, or XFS)";
  if (folder.bytes_free_min > 0 && facts.inodes_free < archive::kInodesFreeMin) {
    findings.error(folder.subject + " inodes", inodes, more_inodes);
  } else if (facts.inodes_free < kInodesFreeMin) {
    findings.warning(folder.subject + " inodes", inodes, more_inodes);
  } else {
    findings.ok(folder.subject + " inodes", inodes);
  }
}

void check_nature(const Folder& folder, const FolderFacts& facts, Findings& findings) {
  const std::string subject = folder.subject + " filesystem";
  switch (facts.nature) {
    case FolderFacts::Nature::network:
      if (folder.holds == Folder::Holds::index) {
        findings.error(subject, facts.filesystem + " is a network filesystem",
                       "the index needs a disk of this machine; set " + folder.setting);
      } else {
        findings.warning(subject, facts.filesystem + " is a network filesystem",
                         "an image is safe when the file server says so: export it with `sync`, "
                         "and test it by pulling its plug");
      }
      return;
    case FolderFacts::Nature::memory:
      findings.warning(subject, facts.filesystem + " lives in memory: a restart loses everything",
                       "set " + folder.setting + " to a folder on a disk");
      return;
    case FolderFacts::Nature::container_layer:
      findings.warning(subject, "a container's own layer goes when the container goes",
                       "mount a volume there, or set " + folder.setting);
      return;
    case FolderFacts::Nature::disk:
    case FolderFacts::Nature::unknown:
      findings.ok(subject, facts.filesystem);
  }
}

// The first start makes a missing folder, so it is enough that it can.
void check_missing(const Folder& folder, Findings& findings) {
  const std::string parent = std::filesystem::path(folder.path).parent_path().string();
  const Result<FolderFacts> facts = look_at_folder(parent);
  if (!facts || !facts->is_folder) {
    findings.error(folder.subject, folder.path + " does not exist, nor does " + parent,
                   "run: mkdir -p " + parent + ", or set " + folder.setting);
  } else if (!facts->is_writable || facts->is_read_only) {
    findings.error(
        folder.subject,
        folder.path + " does not exist, and " + own_user_name() + " may not make it",
        "make it as root and give it away: install -d -o " + own_user_name() + " " + folder.path);
  } else {
    findings.ok(folder.subject, folder.path + " will be made by the first start");
    check_nature(folder, *facts, findings);
    check_room(folder, *facts, findings);
  }
}

void check_rights(const Folder& folder, const FolderFacts& facts, Findings& findings) {
  const std::string who = folder.path + " belongs to " + facts.owner + ", mode " +
                          octal_mode_text(facts.mode) + "; " + own_user_name() + " may ";
  if (!facts.is_writable || facts.is_read_only) {
    findings.error(
        folder.subject,
        who + "not write it" + (facts.is_read_only ? ": it is mounted read-only" : std::string()),
        facts.is_read_only ? "mount it for writing, and look into the kernel's log why it is not"
                           : "run: chown " + own_user_name() + " " + folder.path +
                                 ", or run this check as the user of the server");
    return;
  }
  if (folder.holds == Folder::Holds::index && (facts.mode & 0077) != 0) {
    findings.warning(folder.subject, who + "write it, and so may others enter it",
                     "secrets and patients' names lie there; run: chmod 700 " + folder.path);
  } else if (folder.holds == Folder::Holds::images && (facts.mode & 0002) != 0) {
    findings.error(folder.subject, who + "write it, and so may everybody on this machine",
                   "run: chmod o-w " + folder.path);
  } else {
    findings.ok(folder.subject, who + "write it");
  }
}

void check_folder(const Folder& folder, Findings& findings) {
  const Result<FolderFacts> facts = look_at_folder(folder.path);
  if (!facts) {
    if (facts.error().code == ErrorCode::not_found) {
      check_missing(folder, findings);
    } else {
      findings.error(folder.subject, folder.path + ": " + facts.error().detail,
                     "run this check as the user of the server");
    }
    return;
  }
  if (!facts->is_folder) {
    findings.error(folder.subject, folder.path + " is not a folder", "set " + folder.setting);
    return;
  }
  check_rights(folder, *facts, findings);
  check_nature(folder, *facts, findings);
  check_room(folder, *facts, findings);
}

}  // namespace

void check_folders(const Settings& settings, Findings& findings) {
  check_folder({"data folder", settings.data_folder, "PACS_LITE_DATA", Folder::Holds::index,
                settings.free_bytes_min},
               findings);
  if (settings.storage != StorageBackend::filesystem) return;  // the images are elsewhere
  const std::string& root = settings.media.root;
  const bool is_inside = root.starts_with(settings.data_folder + "/");
  if (is_inside && !look_at_folder(root) && !look_at_folder(settings.data_folder)) {
    findings.ok("media root", root + " will be made by the first start, in the data folder");
    return;
  }
  check_folder({"media root", root, "MEDIA_ROOT", Folder::Holds::images, settings.free_bytes_min},
               findings);
}

}  // namespace pacs::cli
