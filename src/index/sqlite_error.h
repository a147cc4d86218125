// SQLite's result codes as errors of ours: the one place where they are translated.
#pragma once

#include <string_view>

#include "core/error.h"

struct sqlite3;

namespace pacs::index {

// The error of a call that has just failed on `database` (nullptr: it could not be opened).
//   SQLITE_FULL, NOMEM        resource_exhausted/database_full, out_of_memory
//   SQLITE_TOOBIG             invalid_argument/too_long
//   SQLITE_BUSY, LOCKED       unavailable/database_busy
//   SQLITE_CORRUPT, NOTADB    corrupt/database_corrupt, not_an_index
//   SQLITE_IOERR              internal/database_io
//   everything else           internal/database
// The detail has SQLite's name of the code and never the statement's values.
[[nodiscard]] Error sqlite_error(sqlite3* database, int code, std::string_view what);

// Whether the code says that an fsync failed.
[[nodiscard]] bool is_failed_sync(int extended_code);

}  // namespace pacs::index
