// Walks the elements of a data set (PS3.5 7) over a ByteWindow and keeps them in a DataSet. Open
// sequences and items stand on a stack of its own, so that nesting costs no stack of the thread.
// It takes what devices get wrong as long as the meaning is plain; each such place says what it is.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "dicom/byte_window.h"
#include "dicom/data_set_builder.h"
#include "dicom/header_reader.h"

namespace pacs::dicom {

struct Encoding {
  VrEncoding vr = VrEncoding::explicit_vr;
  std::endian order = std::endian::little;
  friend bool operator==(const Encoding&, const Encoding&) = default;
};

class DataSetScanner {
 public:
  // Starts where the window stands. The three outlive the scanner.
  DataSetScanner(ByteWindow& window, Encoding encoding, const HeaderLimits& limits);

  // File Meta Information: as long as elements are of group 0002, or as far as (0002,0000) says.
  [[nodiscard]] Result<void> scan_meta();
  // Everything to the end of the window.
  [[nodiscard]] Result<void> scan_data_set();

  [[nodiscard]] const DataSet& data_set() const { return builder_.data_set(); }
  [[nodiscard]] DataSet take_data_set() { return builder_.take(); }
  [[nodiscard]] std::optional<PixelDataLocation> take_pixel_data() {
    return std::move(pixel_data_);
  }

 private:
  using NodeIndex = DataSetBuilder::NodeIndex;
  enum class LevelKind { root, sequence, item };

  // An open sequence or item; the first level is the data set itself.
  struct Level {
    LevelKind kind = LevelKind::root;
    Encoding encoding;
    // Position behind the last byte that may belong to it, its own or that of what is around it.
    uint64_t end = 0;
    bool has_undefined_length = false;
    bool was_unknown = false;  // a sequence that came as UN (PS3.5 6.2.2 note 2)
    NodeIndex node = 0;
    size_t first_creator = 0;  // in creators_
  };

  struct ElementHeader {
    Tag tag;
    Vr vr = Vr::UN;
    uint32_t length = 0;
    bool is_implicit = false;
  };

  struct Creator {
    uint16_t group;
    uint16_t block;
    NodeIndex node;
  };

  // All positions are those of the window.
  [[nodiscard]] Level& level() { return levels_.back(); }
  [[nodiscard]] uint64_t left() const { return levels_.back().end - window_.position(); }

  // All bytes of a level of stated length are read.
  [[nodiscard]] bool is_level_finished() const;
  void close_finished_levels();
  void close_level();
  [[nodiscard]] Result<bool> at_end_of_root();
  void take_usual_elements();
  [[nodiscard]] Result<void> step_in_sequence();
  [[nodiscard]] Result<void> step_in_elements();

  [[nodiscard]] Result<ElementHeader> read_element_header();
  void decode_explicit(ElementHeader& header, size_t& header_size);
  void decode_unknown_vr(ElementHeader& header, size_t& header_size, std::string_view letters);
  [[nodiscard]] Vr implicit_vr(Tag tag) const;
  [[nodiscard]] Vr implicit_private_vr(Tag tag) const;

  [[nodiscard]] Result<void> take_element(const ElementHeader& header);
  [[nodiscard]] Result<void> take_delimiter(Tag tag);
  [[nodiscard]] Result<void> take_value(const ElementHeader& header);
  [[nodiscard]] bool is_kept(uint64_t length) const;
  [[nodiscard]] Result<void> take_pixel_data_element(const ElementHeader& header);
  [[nodiscard]] Result<void> take_fragments(NodeIndex node, PixelDataLocation* location);
  [[nodiscard]] Result<void> open_sequence(const ElementHeader& header);
  [[nodiscard]] Result<void> open_item(uint32_t length);
  [[nodiscard]] Encoding item_encoding(uint64_t item_end);
  [[nodiscard]] bool starts_with_item();
  void remember(const ElementHeader& header, NodeIndex node);

  [[nodiscard]] Result<void> need(size_t count);
  [[nodiscard]] Result<void> check_length(uint64_t length) const;
  [[nodiscard]] Result<void> check_count() const;
  [[nodiscard]] Result<void> skip(uint64_t count);
  [[nodiscard]] Error failure_or_truncated() const;
  [[nodiscard]] uint64_t file_position() const;

  ByteWindow& window_;
  const HeaderLimits& limits_;
  DataSetBuilder builder_;
  std::vector<Level> levels_;
  std::vector<Creator> creators_;  // of the open items, outermost first
  size_t open_sequences_ = 0;
  bool pixels_are_signed_ = false;
  bool is_finished_ = false;
  std::optional<PixelDataLocation> pixel_data_;
};

}  // namespace pacs::dicom
