// A DICOM file on its way into the archive: header, description, frame table and DICOM JSON. All
// places are within the file, no limit is passed, and the JSON is JSON.
#include <set>

#include "core/json_value.h"
#include "core/text.h"
#include "dicom/dicom_json.h"
#include "dicom/frame_table.h"
#include "dicom/header_reader.h"
#include "dicom/image_description.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs::dicom;

// Small, so that the fuzzer reaches them.
constexpr HeaderLimits kLimits = {.sequence_depth_max = 8,
                                  .element_count_max = 2000,
                                  .value_size_kept_max = 4096,
                                  .values_size_kept_max = 16384,
                                  .fragment_count_max = 100,
                                  .inflated_size_max = 1 << 18};

struct Walk {
  uint64_t file_size = 0;
  bool is_deflated = false;
  size_t elements = 0;
  size_t bytes = 0;
};

void walk(DataSetView data_set, size_t depth, Walk& seen) {  // NOLINT(misc-no-recursion)
  FUZZ_CHECK(depth <= kLimits.sequence_depth_max);
  for (const ElementView element : data_set) {
    ++seen.elements;
    const pacs::Bytes value = element.value();
    seen.bytes += value.size();
    if (element.is_in_memory()) FUZZ_CHECK(element.length() == value.size());
    FUZZ_CHECK(element.text().size() <= value.size());
    const auto offset = element.file_offset();
    if (offset && element.length()) {
      FUZZ_CHECK(*offset <= seen.file_size && *element.length() <= seen.file_size - *offset);
    }
    FUZZ_CHECK(!seen.is_deflated || !offset);
    FUZZ_CHECK(element.item_count() == 0 || element.is_sequence());
    for (const DataSetView item : element.items()) walk(item, depth + 1, seen);
  }
}

void check_pixels(const PixelDataLocation& pixels, const Walk& seen) {
  FUZZ_CHECK(pixels.offset.has_value() != seen.is_deflated);
  if (!pixels.offset) return;
  FUZZ_CHECK(*pixels.offset <= seen.file_size && pixels.length <= seen.file_size - *pixels.offset);
  FUZZ_CHECK(pixels.fragments.size() <= kLimits.fragment_count_max);
  uint64_t end = *pixels.offset;
  for (const Fragment& fragment : pixels.fragments) {
    FUZZ_CHECK(fragment.offset >= end);
    end = fragment.offset + fragment.length;
    FUZZ_CHECK(end <= *pixels.offset + pixels.length);
  }
}

void check_frames(const FrameTable& table, uint64_t file_size) {
  const auto again = FrameTable::parse(table.serialize());
  FUZZ_CHECK(again && *again == table);
  const size_t count = table.frame_count();
  // The first, some in the middle, the last.
  for (const size_t index :
       std::set<size_t>{0, count / 3, count / 2, count - (count > 0 ? 1 : 0)}) {
    if (index >= count) break;
    for (const FrameTable::Piece& piece : table.frame(index).pieces) {
      FUZZ_CHECK(piece.offset <= file_size && piece.length <= file_size - piece.offset);
    }
  }
}

void check_description(const ImageDescription& image) {
  for (const std::string* text : {&image.patient_name, &image.patient_id, &image.study_description,
                                  &image.institution_name, &image.modality}) {
    FUZZ_CHECK(pacs::is_utf8(*text));
  }
  FUZZ_CHECK(image.study_date.empty() || image.study_date.size() == 10);
}

void check_json(const Header& header) {
  DicomJsonOptions options;
  options.inline_binary_size_max = 64;
  options.bulk_data_uri = [&](std::string_view path) {
    FUZZ_CHECK(find_by_path(header.data_set, path).has_value());
    return "bulk/" + std::string(path);
  };
  const auto json = pacs::JsonValue::parse(to_dicom_json(header.data_set, options));
  // Deeper than any that is real; nested as the limits above allow, it always fits.
  FUZZ_CHECK(json && json->is_object());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const MemoryAccess file(pacs::as_bytes(pacs::fuzz::Input(data, size).rest()));
  const auto header = read_header(file, kLimits);
  if (!header) {
    FUZZ_CHECK(header.error().code == pacs::ErrorCode::invalid_argument);
    return 0;
  }
  Walk seen{.file_size = size};
  walk(header->meta, 0, seen);
  seen.is_deflated = header->transfer_syntax.is_deflated;
  walk(header->data_set, 0, seen);
  FUZZ_CHECK(seen.elements <= 2 * kLimits.element_count_max);
  FUZZ_CHECK(seen.bytes <= 2 * (kLimits.values_size_kept_max + kLimits.value_size_kept_max));
  if (header->pixel_data) check_pixels(*header->pixel_data, seen);
  check_description(describe(*header));
  if (const auto table = FrameTable::build(file, *header)) check_frames(*table, size);
  check_json(*header);
  return 0;
}
