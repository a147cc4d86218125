#include "dicom/value_match.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "core/text.h"
#include "dicom/person_name_match.h"
#include "dicom/tag.h"
#include "dicom/time_range.h"
#include "dicom/uid.h"
#include "dicom/wildcard.h"

namespace pacs::dicom {
namespace {

constexpr std::string_view kNoValue = R"("")";

bool is_number(Vr vr) {
  switch (vr) {
    case Vr::DS:
    case Vr::FD:
    case Vr::FL:
    case Vr::IS:
    case Vr::SL:
    case Vr::SS:
    case Vr::SV:
    case Vr::UL:
    case Vr::US:
    case Vr::UV:
      return true;
    default:
      return false;
  }
}

// C.2.2.2.8 names the VRs.
bool may_ask_for_several(Vr vr) {
  switch (vr) {
    case Vr::AE:
    case Vr::AS:
    case Vr::AT:
    case Vr::CS:
    case Vr::LO:
    case Vr::PN:
    case Vr::SH:
    case Vr::UC:
      return true;
    default:
      return false;
  }
}

bool is_free_text(Vr vr) { return is_encoded_text(vr) && vr != Vr::PN; }

std::optional<double> parse_decimal(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// A UUID is found by either spelling, as everywhere.
std::optional<std::string> parse_object_uid(std::string_view text) {
  const auto uid = SopInstanceUid::parse(trim(text));
  if (!uid) return std::nullopt;
  return uid->to_dicom();
}

Error bad_value(std::string_view what) {
  return invalid_argument("bad_value", "a value to match is no " + std::string(what));
}

std::function<bool(std::string_view)> text_match(std::string_view question, bool ignores_case) {
  std::string pattern(trim(question));
  if (ignores_case) {
    return [pattern = fold_case_and_accents(pattern)](std::string_view value) {
      return matches_wildcard(pattern, fold_case_and_accents(trim(value)));
    };
  }
  return [pattern = std::move(pattern)](std::string_view value) {
    return matches_wildcard(pattern, trim(value));
  };
}

}  // namespace

bool takes_wildcards(Vr vr) {
  return vr == Vr::AE || vr == Vr::CS || vr == Vr::UR || is_encoded_text(vr);
}

std::vector<std::string_view> split_list(Vr vr, std::string_view question) {
  if (vr != Vr::UI && vr != Vr::CS) return {question};
  std::vector<std::string_view> pieces;
  for (const std::string_view part : split(question, '\\')) {
    for (const std::string_view piece : split(part, ',')) {
      if (!trim(piece).empty()) pieces.push_back(trim(piece));
    }
  }
  return pieces;
}

Result<ValueMatch::Piece> ValueMatch::create_piece(Vr vr, std::string_view question,
                                                   const MatchOptions& options) {
  if (vr == Vr::PN) {
    // Shared, since a function is copied and a name need not be.
    auto name = std::make_shared<const PersonNameMatch>(
        question, options.fuzzy ? NameMatching::fuzzy : NameMatching::literal);
    return Piece([name](std::string_view value) { return name->matches(value); });
  }
  if (vr == Vr::DA || vr == Vr::TM || vr == Vr::DT) {
    const auto range = TimeRange::parse(vr, question);
    if (!range) return bad_value("date, time or range of them");
    return Piece([range = *range](std::string_view value) { return range.covers(value); });
  }
  if (vr == Vr::UI) {
    const auto uid = parse_object_uid(question);
    if (!uid) return bad_value("UID");
    return Piece([uid = *uid](std::string_view value) { return trim(value) == uid; });
  }
  if (is_number(vr)) {
    const auto number = parse_decimal(question);
    if (!number) return bad_value("number");
    return Piece([number = *number, text = std::string(trim(question))](std::string_view value) {
      return trim(value) == text || parse_decimal(value) == number;
    });
  }
  if (vr == Vr::AT) {
    const auto tag = parse_tag(trim(question));
    if (!tag) return bad_value("tag of 8 hexadecimal digits");
    return Piece([tag = *tag](std::string_view value) { return parse_tag(trim(value)) == tag; });
  }
  if (takes_wildcards(vr)) {
    return text_match(question, options.fuzzy && is_free_text(vr) && has_wildcard(question));
  }
  return Piece(
      [text = std::string(trim(question))](std::string_view value) { return trim(value) == text; });
}

Result<ValueMatch> ValueMatch::create(Vr vr, std::string_view question,
                                      const MatchOptions& options) {
  ValueMatch match;
  question = trim(question);
  if (question.empty() || question == "*") return match;
  if (options.empty_values && question == kNoValue) {
    match.kind_ = Kind::no_value;
    return match;
  }
  const bool asks_for_all = options.multiple_values && may_ask_for_several(vr) &&
                            question.find('\\') != std::string_view::npos;
  match.kind_ = asks_for_all ? Kind::every_piece : Kind::any_piece;
  const auto pieces = asks_for_all ? split(question, '\\') : split_list(vr, question);
  for (const std::string_view piece : pieces) {
    match.pieces_.push_back(PACS_TRY(create_piece(vr, piece, options)));
  }
  if (match.pieces_.empty()) match.kind_ = Kind::universal;
  return match;
}

bool ValueMatch::matches(const AttributeTexts& values) const {
  const auto is_met = [&](const Piece& piece) {
    return std::any_of(values.begin(), values.end(),
                       [&](const std::string& value) { return piece(value); });
  };
  switch (kind_) {
    case Kind::universal:
      return true;
    case Kind::no_value:
      return std::all_of(values.begin(), values.end(),
                         [](const std::string& value) { return trim(value).empty(); });
    case Kind::any_piece:
      return std::any_of(pieces_.begin(), pieces_.end(), is_met);
    case Kind::every_piece:
      break;
  }
  return std::all_of(pieces_.begin(), pieces_.end(), is_met);
}

}  // namespace pacs::dicom
