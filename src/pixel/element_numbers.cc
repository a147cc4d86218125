#include "pixel/element_numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include "core/text.h"
#include "dicom/little_endian.h"

namespace pacs::pixel {
namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

double decimal_of(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : kNoNumber;
}

template <typename Number>
std::vector<double> binary_numbers(Bytes value, size_t count_max) {
  std::vector<double> numbers(std::min(value.size() / sizeof(Number), count_max));
  for (size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] =
        static_cast<double>(dicom::load_little_endian<Number>(value.data() + i * sizeof(Number)));
  }
  return numbers;
}

std::vector<double> text_numbers(std::string_view text, size_t count_max) {
  std::vector<double> numbers;
  for (const std::string_view value : split(text, '\\')) {
    if (numbers.size() == count_max) break;
    numbers.push_back(decimal_of(value));
  }
  return numbers;
}

}  // namespace

std::vector<double> numbers_of(const dicom::ElementView& element, size_t count_max) {
  if (!element.is_in_memory() || element.value().empty()) return {};
  switch (element.effective_vr()) {
    case dicom::Vr::DS:
    case dicom::Vr::IS:
      return text_numbers(element.text(), count_max);
    case dicom::Vr::US:
    case dicom::Vr::OW:
      return binary_numbers<uint16_t>(element.value(), count_max);
    case dicom::Vr::SS:
      return binary_numbers<int16_t>(element.value(), count_max);
    case dicom::Vr::UL:
      return binary_numbers<uint32_t>(element.value(), count_max);
    case dicom::Vr::SL:
      return binary_numbers<int32_t>(element.value(), count_max);
    case dicom::Vr::FL:
      return binary_numbers<float>(element.value(), count_max);
    case dicom::Vr::FD:
      return binary_numbers<double>(element.value(), count_max);
    default:
      return {};
  }
}

std::optional<double> find_number(dicom::DataSetView data_set, dicom::Tag tag) {
  const auto element = data_set.find(tag);
  if (!element) return std::nullopt;
  const std::vector<double> numbers = numbers_of(*element, 1);
  if (numbers.empty() || !std::isfinite(numbers.front())) return std::nullopt;
  return numbers.front();
}

}  // namespace pacs::pixel
