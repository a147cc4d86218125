#include <array>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>

#include "cli/checks.h"
#include "cli/console.h"
#include "cli/data_folder.h"
#include "core/file.h"
#include "core/setting_grammar.h"

namespace pacs::cli {
namespace {

// SQLite's file format (sqlite.org/fileformat2.html, 1.3): read as bytes, because to open the index
// would bring its schema up to date, and a check changes nothing.
constexpr size_t kHeaderBytes = 100;
constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr size_t kWriteVersionOffset = 18;
constexpr std::byte kWriteAheadLog{2};

}  // namespace

void check_index(const Settings& settings, Findings& findings) {
  const DataPaths paths(settings.data_folder);
  const Result<UniqueFd> file = open_file(paths.index, O_RDONLY, 0, "opening the index");
  if (!file) {
    if (file.error().code == ErrorCode::not_found) {
      findings.ok("index", "not there yet; the first start makes it");
    } else {
      findings.error("index", paths.index + ": " + file.error().detail,
                     "run this check as the user of the server");
    }
    return;
  }
  std::array<std::byte, kHeaderBytes> header{};
  const Result<size_t> count = read_at(file->get(), 0, header);
  if (!count || *count != header.size() || as_text(header).substr(0, kMagic.size()) != kMagic) {
    findings.error("index", paths.index + " is not a database, or its first page is damaged",
                   "stop the server, keep the file aside and restore the last backup of the data "
                   "folder; the images are whole where they are");
    return;
  }
  struct stat status = {};
  if (::fstat(file->get(), &status) == 0 && (status.st_mode & 0077) != 0) {
    findings.error(
        "index",
        paths.index + " can be read by others, mode " + octal_mode_text(status.st_mode & 07777),
        "run: chmod 600 " + paths.index);
    return;
  }
  if (header[kWriteVersionOffset] != kWriteAheadLog) {
    findings.warning("index", "not in write-ahead mode; some other program has opened it",
                     "start the server, which sets WAL and synchronous=FULL or refuses to start");
    return;
  }
  findings.ok("index", human_bytes(static_cast<uint64_t>(status.st_size)) +
                           ", write-ahead log; every start sets synchronous=FULL or refuses");
}

}  // namespace pacs::cli
