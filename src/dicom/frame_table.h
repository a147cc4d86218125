// Where each frame's bytes stand in the file, so that one can be fetched by a range. Kept in the
// index in the compact form of docs/design/frame-table.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/bytes.h"
#include "core/result.h"
#include "dicom/header_reader.h"
#include "dicom/image_description.h"

namespace pacs::dicom {

class FrameTable {
 public:
  enum class Layout : uint8_t {
    none = 0,          // no pixel data, or none that stands in the file (deflated, JPIP)
    native = 1,        // frames of one size, one behind the other
    encapsulated = 2,  // each frame is one fragment or several
    video = 3,         // one stream over all fragments; frame 0 is the whole
  };

  struct Piece {
    uint64_t offset = 0;
    uint64_t length = 0;
    friend bool operator==(const Piece&, const Piece&) = default;
  };

  // Frames that are not whole bytes (one bit a pixel) follow each other without padding (PS3.5
  // 8.1.1): the frame's first bit is the `first_bit`-th, from the low end, of its first byte.
  struct Frame {
    std::vector<Piece> pieces;
    unsigned first_bit = 0;
    uint64_t bit_length = 0;
    // Of all pieces.
    [[nodiscard]] uint64_t length() const;
  };

  FrameTable() = default;

  // From a header as read_header() left it, reading at most a few bytes of each fragment from
  // `file`. Errors:
  //   invalid_argument/frames_unknown   the pixels cannot be divided into the frames that the data
  //                                     set states; the file can be stored and sent as a whole
  //   and whatever `file` answers.
  [[nodiscard]] static Result<FrameTable> build(const RandomAccess& file, const Header& header);

  [[nodiscard]] Layout layout() const { return layout_; }
  [[nodiscard]] size_t frame_count() const { return static_cast<size_t>(frame_count_); }
  // `index` counts from 0 and is below frame_count().
  [[nodiscard]] Frame frame(size_t index) const;

  // The compact form. parse() takes any bytes: `corrupt` (reason "frame_table") unless they are
  // what serialize() writes, and all pieces lie below 2^60.
  [[nodiscard]] ByteVector serialize() const;
  [[nodiscard]] static Result<FrameTable> parse(Bytes bytes);

  friend bool operator==(const FrameTable&, const FrameTable&) = default;

 private:
  // Pixels that are native although the transfer syntax says otherwise must be just as long as the
  // frames; else they are something else.
  enum class Fit { at_least, exact };
  [[nodiscard]] static Result<FrameTable> build_native(const PixelDataLocation& pixels,
                                                       const ImageDescription& image,
                                                       uint64_t frames, Fit fit);
  [[nodiscard]] static Result<FrameTable> build_encapsulated(const RandomAccess& file,
                                                             const Header& header, uint64_t frames);
  template <typename Numbers>
  [[nodiscard]] bool parse_native(Numbers& numbers);
  template <typename Numbers>
  [[nodiscard]] bool parse_pieces(Numbers& numbers);

  Layout layout_ = Layout::none;
  uint64_t frame_count_ = 0;

  // Native: where the first frame starts, and bits of each.
  uint64_t native_offset_ = 0;
  uint64_t native_frame_bits_ = 0;

  // Encapsulated and video: frame i is pieces_[first_piece_[i]] to pieces_[first_piece_[i + 1] -
  // 1].
  std::vector<Piece> pieces_;
  std::vector<uint32_t> first_piece_;
};

}  // namespace pacs::dicom
