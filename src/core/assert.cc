#include "core/assert.h"

#include <cstdio>
#include <cstdlib>

namespace pacs {

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "pacs-lite: bug: %s does not hold at %s:%d; stopping\n", expression, file,
               line);
  std::abort();
}

}  // namespace pacs
