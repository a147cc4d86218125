// The Range field (RFC 9110 14.1.2, 14.2): which bytes of a body are asked for.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace pacs::http {

struct ByteRange {
  uint64_t offset = 0;
  uint64_t length = 0;  // not 0
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

struct RangeRequest {
  enum class Kind {
    whole,          // no range, not understood, or too many: answer 200
    ranges,         // answer 206
    unsatisfiable,  // answer 416
  };
  Kind kind = Kind::whole;
  std::vector<ByteRange> ranges;  // satisfiable, in the client's order, near ones joined
};

// More ranges than this are answered by the whole: nobody needs them, and each costs a part.
inline constexpr size_t kByteRangesMax = 32;
// Ranges that overlap or lie nearer than this are joined (RFC 9110 15.3.7.2): a part's own header
// would be larger than the gap.
inline constexpr uint64_t kByteRangeGapJoined = 128;

[[nodiscard]] RangeRequest parse_range(std::string_view range_field, uint64_t body_size);

}  // namespace pacs::http
