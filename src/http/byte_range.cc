#include "http/byte_range.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "core/text.h"

namespace pacs::http {
namespace {

// A member of the set: "0-99", "100-", "-5". `length` 0 stands for one that cannot be satisfied.
std::optional<ByteRange> parse_member(std::string_view text, uint64_t size) {
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view first_text = trim(text.substr(0, dash));
  const std::string_view last_text = trim(text.substr(dash + 1));
  if (first_text.empty()) {
    const auto suffix = parse_unsigned(last_text);
    if (!suffix) return std::nullopt;
    const uint64_t length = std::min(*suffix, size);
    return ByteRange{size - length, length};
  }
  const auto first = parse_unsigned(first_text);
  if (!first) return std::nullopt;
  uint64_t last = std::numeric_limits<uint64_t>::max();
  if (!last_text.empty()) {
    const auto parsed = parse_unsigned(last_text);
    if (!parsed || *parsed < *first) return std::nullopt;
    last = *parsed;
  }
  if (*first >= size) return ByteRange{};
  return ByteRange{*first, std::min(last, size - 1) - *first + 1};
}

bool touches(const ByteRange& left, const ByteRange& right) {
  const ByteRange& lower = left.offset <= right.offset ? left : right;
  const ByteRange& upper = left.offset <= right.offset ? right : left;
  return upper.offset <= lower.offset + lower.length + kByteRangeGapJoined;
}

// Joins `range` with all that it touches, at the place of the first of them.
void add_joined(std::vector<ByteRange>& ranges, ByteRange range) {
  size_t place = ranges.size();
  for (size_t index = 0; index < ranges.size();) {
    if (!touches(ranges[index], range)) {
      ++index;
      continue;
    }
    const uint64_t end =
        std::max(ranges[index].offset + ranges[index].length, range.offset + range.length);
    range.offset = std::min(ranges[index].offset, range.offset);
    range.length = end - range.offset;
    place = std::min(place, index);
    ranges.erase(ranges.begin() + static_cast<std::ptrdiff_t>(index));
    index = 0;  // the larger one may touch what the smaller did not
  }
  place = std::min(place, ranges.size());
  ranges.insert(ranges.begin() + static_cast<std::ptrdiff_t>(place), range);
}

}  // namespace

RangeRequest parse_range(std::string_view range_field, uint64_t body_size) {
  RangeRequest request;
  const size_t equals = range_field.find('=');
  if (equals == std::string_view::npos ||
      !equals_ignoring_case(trim(range_field.substr(0, equals)), "bytes")) {
    return request;
  }
  std::vector<ByteRange> ranges;
  size_t members = 0;
  for (const std::string_view piece : split(range_field.substr(equals + 1), ',')) {
    const std::string_view member = trim(piece);
    if (member.empty()) continue;
    if (++members > kByteRangesMax) return request;
    const auto range = parse_member(member, body_size);
    if (!range) return request;
    if (range->length > 0) add_joined(ranges, *range);
  }
  if (members == 0) return request;
  request.kind = ranges.empty() ? RangeRequest::Kind::unsatisfiable : RangeRequest::Kind::ranges;
  request.ranges = std::move(ranges);
  return request;
}

}  // namespace pacs::http
