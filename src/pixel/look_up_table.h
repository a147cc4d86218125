// A look-up table of a data set: descriptor and data (PS3.3 C.11.1.1 and C.11.2.1.1).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dicom/data_set.h"

namespace pacs::pixel {

// Entries that a descriptor can state: 0 stands for 65,536.
inline constexpr size_t kTableEntriesMax = 65'536;

enum class FirstMapped { is_unsigned, is_signed };

struct LookUpTable {
  int64_t first_mapped = 0;       // the input of the first entry
  unsigned bits = 16;             // of an entry, 8 to 16
  std::vector<uint16_t> entries;  // never empty

  // Inputs below the first take the first entry, those behind the last the last one.
  [[nodiscard]] uint16_t at(double input) const;
  [[nodiscard]] double largest() const { return static_cast<double>((uint32_t{1} << bits) - 1); }

  // Nothing where an element is missing, has not enough entries or states what cannot be. Entries
  // of 8 bits may stand two in a word or one in each.
  [[nodiscard]] static std::optional<LookUpTable> read(dicom::DataSetView data_set,
                                                       dicom::Tag descriptor, dicom::Tag data,
                                                       FirstMapped first_mapped);
};

struct TableDescriptor {
  size_t entry_count = 0;
  int64_t first_mapped = 0;
  unsigned bits = 16;
};
[[nodiscard]] std::optional<TableDescriptor> read_descriptor(dicom::DataSetView data_set,
                                                             dicom::Tag tag,
                                                             FirstMapped first_mapped);

}  // namespace pacs::pixel
