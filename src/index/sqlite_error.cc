#include "index/sqlite_error.h"

#include <string>

#include <sqlite3.h>

namespace pacs::index {

Error sqlite_error(sqlite3* database, int code, std::string_view what) {
  const int extended = database != nullptr ? sqlite3_extended_errcode(database) : code;
  std::string detail(what);
  detail += ": ";
  // sqlite3_errmsg() may quote values (a constraint names columns alone), so it stays out.
  detail += sqlite3_errstr(extended);
  detail += " (" + std::to_string(extended) + ")";
  switch (code & 0xff) {
    case SQLITE_FULL:
      return resource_exhausted("database_full", "No space is left for the index. " + detail);
    case SQLITE_NOMEM:
      return resource_exhausted("out_of_memory", detail);
    case SQLITE_TOOBIG:
      return invalid_argument("too_long", "A value is too long for the index.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return unavailable("database_busy", "Another process holds the index. " + detail);
    case SQLITE_CORRUPT:
      return corrupt("database_corrupt", "The index is damaged. " + detail);
    case SQLITE_NOTADB:
      return corrupt("not_an_index", "The file is not an index of this program. " + detail);
    case SQLITE_IOERR:
      return internal_error("database_io", detail);
    default:
      return internal_error("database", detail);
  }
}

bool is_failed_sync(int extended_code) {
  return extended_code == SQLITE_IOERR_FSYNC || extended_code == SQLITE_IOERR_DIR_FSYNC;
}

}  // namespace pacs::index
