#include "dicom/unknown_value.h"

#include <string>
#include <utility>

#include "dicom/data_set_scanner.h"
#include "dicom/dictionary.h"
#include "dicom/little_endian.h"

namespace pacs::dicom {

Vr known_vr(const ElementView& element, bool pixels_are_signed) {
  if (element.vr() != Vr::UN) return element.vr();
  const Vr vr = implicit_vr(element.tag(), pixels_are_signed);
  if (!element.is_in_memory()) return vr == Vr::SQ ? Vr::UN : vr;
  const size_t number = vr == Vr::AT ? 4 : number_size(vr);
  return number > 0 && element.value().size() % number != 0 ? Vr::UN : vr;
}

std::optional<DataSet> read_unknown_sequence(const ElementView& element, size_t depth_max) {
  // As it would stand with an undefined length, as which the scanner takes it for a sequence and
  // also knows items in explicit form.
  std::string bytes;
  append_little_endian(bytes, element.tag().group);
  append_little_endian(bytes, element.tag().element);
  bytes.append("UN\0\0\xFF\xFF\xFF\xFF", 8);
  bytes.append(as_text(element.value()));
  append_little_endian(bytes, tags::kSequenceDelimitation.group);
  append_little_endian(bytes, tags::kSequenceDelimitation.element);
  append_little_endian(bytes, uint32_t{0});
  const MemoryAccess memory(as_bytes(bytes));
  const auto window = open_file_window(memory, 0);
  HeaderLimits limits;
  limits.sequence_depth_max = depth_max;
  DataSetScanner scanner(*window, {VrEncoding::explicit_vr, std::endian::little}, limits);
  if (!scanner.scan_data_set()) return std::nullopt;
  DataSet read = scanner.take_data_set();
  // Bytes behind a delimiter within the value would be elements of their own.
  const bool is_all =
      !read.empty() && (*read.begin()).is_sequence() && ++read.begin() == read.end();
  return is_all ? std::optional(std::move(read)) : std::nullopt;
}

}  // namespace pacs::dicom
