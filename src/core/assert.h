// A broken invariant is a bug, and a bug in an archive stops the process before it can do harm:
// checked in release builds too.
#pragma once

namespace pacs {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
}  // namespace pacs

#define PACS_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::pacs::assertion_failed(#expression, __FILE__, __LINE__))
