#include "tests/fuzz/fuzz_input.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace pacs::fuzz {

uint8_t Input::take_byte() {
  if (rest_.empty()) return 0;
  const auto byte = static_cast<uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return byte;
}

std::string_view Input::take_line() {
  const size_t end = rest_.find('\n');
  const std::string_view line = rest_.substr(0, end);
  rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
  return line;
}

Result<size_t> PiecewiseSource::read_some(MutableBytes buffer) {
  const size_t count = std::min({buffer.size(), piece_size_, rest_.size()});
  std::copy_n(as_bytes(rest_).begin(), count, buffer.begin());
  rest_.remove_prefix(count);
  return count;
}

void fail(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
  std::abort();
}

}  // namespace pacs::fuzz
