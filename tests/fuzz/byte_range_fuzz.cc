// The Range field: whatever is asked for, the answer lies within the body, in pieces that neither
// overlap nor touch, and has every byte that a second reading of the field finds in it.
#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "core/text.h"
#include "http/byte_range.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs::http;

constexpr uint64_t kMarkedSizeMax = 4096;  // up to which each byte is looked at

// Which bytes the members ask for, byte by byte; nothing when one is malformed.
std::optional<std::vector<bool>> bytes_asked_for(std::string_view members, uint64_t size) {
  std::vector<bool> marks(size);
  for (const std::string_view piece : pacs::split(members, ',')) {
    const std::string_view member = pacs::trim(piece);
    if (member.empty()) continue;
    const size_t dash = member.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto first = pacs::parse_unsigned(pacs::trim(member.substr(0, dash)));
    const auto last = pacs::parse_unsigned(pacs::trim(member.substr(dash + 1)));
    for (uint64_t at = 0; at < size; ++at) {
      const bool is_in =
          first ? at >= *first && (!last || at <= *last) : last && size - at <= *last;
      if (is_in) marks[at] = true;
    }
  }
  return marks;
}

void check_against_marks(const RangeRequest& request, std::string_view field, uint64_t size) {
  const auto asked = bytes_asked_for(field.substr(field.find('=') + 1), size);
  FUZZ_CHECK(asked.has_value());
  std::vector<bool> answered(size);
  for (const ByteRange& range : request.ranges) {
    std::fill_n(answered.begin() + static_cast<ptrdiff_t>(range.offset), range.length, true);
    // A joined piece begins and ends with what was asked for.
    FUZZ_CHECK((*asked)[range.offset] && (*asked)[range.offset + range.length - 1]);
  }
  for (uint64_t at = 0; at < size; ++at) FUZZ_CHECK(!(*asked)[at] || answered[at]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pacs::fuzz::Input input(data, size);
  const uint64_t body_size =
      std::min(pacs::parse_unsigned(input.take_line()).value_or(1000), uint64_t{INT64_MAX});
  const std::string_view field = input.rest();
  const RangeRequest request = parse_range(field, body_size);
  FUZZ_CHECK((request.kind == RangeRequest::Kind::ranges) == !request.ranges.empty());
  FUZZ_CHECK(request.ranges.size() <= kByteRangesMax);
  std::vector<ByteRange> sorted = request.ranges;
  std::sort(sorted.begin(), sorted.end(),
            [](const ByteRange& a, const ByteRange& b) { return a.offset < b.offset; });
  uint64_t end = 0;
  for (size_t i = 0; i < sorted.size(); ++i) {
    FUZZ_CHECK(sorted[i].length > 0);
    FUZZ_CHECK(i == 0 || sorted[i].offset > end + kByteRangeGapJoined);
    FUZZ_CHECK(sorted[i].offset < body_size && sorted[i].length <= body_size - sorted[i].offset);
    end = sorted[i].offset + sorted[i].length;
  }
  if (request.kind != RangeRequest::Kind::whole && body_size <= kMarkedSizeMax) {
    check_against_marks(request, field, body_size);
  }
  return 0;
}
