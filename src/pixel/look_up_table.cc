#include "pixel/look_up_table.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "dicom/little_endian.h"
#include "pixel/element_numbers.h"

namespace pacs::pixel {
namespace {

constexpr unsigned kEntryBitsMax = 16;

// Of SS as it is; US in a data set of signed pixels is meant so as well, since implicit VR does not
// tell the two apart (PS3.3 C.11.1.1.1).
int64_t first_mapped_of(double number, dicom::Vr vr, FirstMapped first_mapped) {
  const auto stated = static_cast<int64_t>(number);
  const bool is_wrapped = vr != dicom::Vr::SS && first_mapped == FirstMapped::is_signed;
  return is_wrapped && stated >= 0x8000 ? stated - 0x1'0000 : stated;
}

}  // namespace

uint16_t LookUpTable::at(double input) const {
  const double index = std::floor(input) - static_cast<double>(first_mapped);
  if (!(index > 0)) return entries.front();
  if (index >= static_cast<double>(entries.size())) return entries.back();
  return entries[static_cast<size_t>(index)];
}

std::optional<TableDescriptor> read_descriptor(dicom::DataSetView data_set, dicom::Tag tag,
                                               FirstMapped first_mapped) {
  const auto element = data_set.find(tag);
  if (!element) return std::nullopt;
  const std::vector<double> numbers = numbers_of(*element, 3);
  const auto is_sixteen_bits = [](double number) { return number >= -0x8000 && number <= 0xFFFF; };
  if (numbers.size() != 3 || !std::all_of(numbers.begin(), numbers.end(), is_sixteen_bits)) {
    return std::nullopt;
  }
  // In an SS descriptor a count of 40,000 looks negative.
  const double count = numbers[0] < 0 ? numbers[0] + 0x1'0000 : numbers[0];
  TableDescriptor descriptor;
  descriptor.entry_count = count == 0 ? kTableEntriesMax : static_cast<size_t>(count);
  descriptor.first_mapped = first_mapped_of(numbers[1], element->effective_vr(), first_mapped);
  if (numbers[2] < 1 || numbers[2] > kEntryBitsMax) return std::nullopt;
  descriptor.bits = static_cast<unsigned>(numbers[2]);
  return descriptor;
}

std::optional<LookUpTable> LookUpTable::read(dicom::DataSetView data_set, dicom::Tag descriptor_tag,
                                             dicom::Tag data_tag, FirstMapped first_mapped) {
  const auto descriptor = read_descriptor(data_set, descriptor_tag, first_mapped);
  const auto data = data_set.find(data_tag);
  if (!descriptor || !data || !data->is_in_memory()) return std::nullopt;
  const Bytes bytes = data->value();
  LookUpTable table;
  table.first_mapped = descriptor->first_mapped;
  table.bits = descriptor->bits;
  table.entries.resize(descriptor->entry_count);
  if (bytes.size() >= table.entries.size() * 2) {
    std::memcpy(table.entries.data(), bytes.data(), table.entries.size() * 2);
  } else if (bytes.size() >= table.entries.size()) {
    std::transform(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(table.entries.size()),
                   table.entries.begin(),
                   [](std::byte one) { return std::to_integer<uint16_t>(one); });
    table.bits = std::min(table.bits, 8U);
  } else {
    return std::nullopt;
  }
  return table;
}

}  // namespace pacs::pixel
