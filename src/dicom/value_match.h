// Does an attribute with these values match what was asked? The rules of PS3.4 C.2.2.2 for one
// attribute; data_set_match.h has those for a data set.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "dicom/vr.h"

namespace pacs::dicom {

struct MatchOptions {
  // Fuzzy names (C.2.2.2.1.1); beyond the standard, wild cards in other texts that people write
  // (LO, LT, SH, ST, UC, UT) are then blind to case and accents too.
  bool fuzzy = false;
  bool empty_values = false;     // `""` asks for what has no value (C.2.2.2.7)
  bool multiple_values = false;  // of "A\B" both must be there (C.2.2.2.8)
};

// The values of one attribute as texts: numbers in decimal, a name as its component groups with
// "=" between them, a tag as 8 digits.
using AttributeTexts = std::vector<std::string>;

class ValueMatch {
 public:
  // `invalid_argument` (reason "bad_value") for a date, time, number, UID or tag that is none.
  [[nodiscard]] static Result<ValueMatch> create(Vr vr, std::string_view question,
                                                 const MatchOptions& options);

  // True when any value and none match (C.2.2.2.3).
  [[nodiscard]] bool is_universal() const { return kind_ == Kind::universal; }
  // That one of the values matches is enough (C.2.2.3).
  [[nodiscard]] bool matches(const AttributeTexts& values) const;

 private:
  enum class Kind { universal, no_value, any_piece, every_piece };
  using Piece = std::function<bool(std::string_view value)>;

  ValueMatch() = default;
  static Result<Piece> create_piece(Vr vr, std::string_view question, const MatchOptions& options);

  Kind kind_ = Kind::universal;
  std::vector<Piece> pieces_;
};

// AE, CS, LO, LT, PN, SH, ST, UC, UR, UT (C.2.2.2.4).
[[nodiscard]] bool takes_wildcards(Vr vr);
// The pieces of a list: of UIDs at "\" and "," (C.2.2.2.2, PS3.18 8.3.4.1), of code strings too,
// which have neither. Else the whole.
[[nodiscard]] std::vector<std::string_view> split_list(Vr vr, std::string_view question);

}  // namespace pacs::dicom
