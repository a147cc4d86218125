#include "dicom/decimal_text.h"

#include <charconv>
#include <system_error>

#include "core/text.h"

namespace pacs::dicom {
namespace {

std::string_view take_digits(std::string_view& text) {
  const size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

std::string_view without_leading_zeros(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

// Both as RFC 8259 section 6 warns; one such number would make the whole document unreadable.
bool can_be_held(std::string_view number, bool is_whole) {
  const char* end = number.data() + number.size();
  if (is_whole) {
    int64_t whole = 0;
    return std::from_chars(number.data(), end, whole).ec == std::errc();
  }
  double real = 0;
  return std::from_chars(number.data(), end, real).ec == std::errc();
}

bool take(std::string_view& text, std::string_view one_of) {
  if (text.empty() || one_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<std::string> json_number(std::string_view text) {
  std::string number;
  if (text.starts_with('-')) number += '-';
  take(text, "+-");
  const std::string_view whole = take_digits(text);
  std::string_view fraction;
  if (take(text, ".")) fraction = take_digits(text);
  if (whole.empty() && fraction.empty()) return std::nullopt;
  number += whole.empty() ? "0" : without_leading_zeros(whole);
  if (!fraction.empty()) {
    number += '.';
    number += fraction;
  }
  if (take(text, "eE")) {
    number += 'e';
    if (text.starts_with('-')) number += '-';
    take(text, "+-");
    const std::string_view exponent = take_digits(text);
    if (exponent.empty()) return std::nullopt;
    number += without_leading_zeros(exponent);
  }
  const bool is_whole = number.find_first_of(".e") == std::string::npos;
  if (!text.empty() || !can_be_held(number, is_whole)) return std::nullopt;
  return number;
}

std::optional<int64_t> integer_of(std::string_view text) {
  text = text.substr(0, text.find('\\'));
  text = trim(text.substr(0, text.find('\0')));
  if (take(text, "+") && text.starts_with('-')) return std::nullopt;
  int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(rest - text.data()));
  if (take(text, ".")) text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
  if (!text.empty()) return std::nullopt;
  return number;
}

}  // namespace pacs::dicom
