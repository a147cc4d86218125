// Reads a DICOM file (PS3.10) without its pixels: with or without preamble and File Meta
// Information, in any transfer syntax. Every length is checked in 64 bits against what is left
// before anything is allocated, and nesting costs no stack.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "dicom/data_set.h"
#include "dicom/random_access.h"
#include "dicom/transfer_syntax.h"

namespace pacs::dicom {

// Sequences within sequences. The deepest real ones are structured reports of about ten; the stack
// of other programs that receive our files ends somewhere in the thousands.
inline constexpr size_t kSequenceDepthMax = 64;
// Elements and items in all: a functional group for each of 10,000 frames is about half of it.
inline constexpr size_t kElementCountMax = 1'000'000;
// A larger value is not read; its place in the file is noted. Contours and look-up tables fit.
inline constexpr size_t kValueSizeKeptMax = size_t{1} << 20;
// When so many bytes of values are kept, the others stay in the file as well.
inline constexpr size_t kValuesSizeKeptMax = size_t{32} << 20;
// Fragments of encapsulated pixel data: an hour of video in pieces of 4 kB is below it.
inline constexpr size_t kFragmentCountMax = 1'000'000;
// What a deflated data set may grow to before its pixels are reached, and what is inflated only to
// get behind them. A deflate bomb grows a thousandfold.
inline constexpr uint64_t kInflatedSizeMax = uint64_t{128} << 20;

struct HeaderLimits {
  size_t sequence_depth_max = kSequenceDepthMax;
  size_t element_count_max = kElementCountMax;
  size_t value_size_kept_max = kValueSizeKeptMax;
  size_t values_size_kept_max = kValuesSizeKeptMax;
  size_t fragment_count_max = kFragmentCountMax;
  uint64_t inflated_size_max = kInflatedSizeMax;
};

// One item of encapsulated pixel data (PS3.5 A.4): where its bytes stand, behind the item header.
struct Fragment {
  uint64_t offset = 0;
  uint32_t length = 0;
  friend bool operator==(const Fragment&, const Fragment&) = default;
};

// (7FE0,0008), (7FE0,0009) or (7FE0,0010) of the data set itself; not those of icons.
struct PixelDataLocation {
  Tag tag = tags::kPixelData;
  Vr vr = Vr::OW;
  // Of the value. Nothing in a deflated data set, which has no byte of it at any place.
  std::optional<uint64_t> offset;
  // Of the value; for encapsulated pixel data all items with their headers and the delimiter.
  uint64_t length = 0;
  bool is_encapsulated = false;
  // Of encapsulated pixel data: the basic offset table, the first item (often empty), …
  Fragment basic_offset_table;
  // … and all items behind it.
  std::vector<Fragment> fragments;
};

struct Header {
  bool has_preamble = false;
  // Where the data set begins in the file, deflated or not.
  uint64_t data_set_offset = 0;
  DataSet meta;      // group 0002; empty when the file has none
  DataSet data_set;  // everything else, also what stands behind the pixel data; no group lengths
  // What the meta information says, trimmed; without meta information what the bytes look like.
  std::string transfer_syntax_uid;
  // How the data set was read: that of the UID, unless the bytes plainly contradicted it. `uid` is
  // empty and the codec `native` or, for encapsulated pixel data, that of no known one when the
  // UID is private.
  TransferSyntax transfer_syntax;
  // The bytes of the data set were not what the transfer syntax UID promises.
  bool contradicts_transfer_syntax = false;
  std::optional<PixelDataLocation> pixel_data;
};

// On failure nothing is left behind. Errors, all `invalid_argument` unless said otherwise:
//   not_dicom               nothing at the start looks like a data set
//   truncated               a length goes beyond the end of the file, or a delimiter is missing
//   malformed               items or delimiters where none can be, an inflate error
//   nested_too_deeply, too_many_elements, too_many_fragments, inflates_too_far: a limit above
//   and whatever `file` answers. Any thread.
[[nodiscard]] Result<Header> read_header(const RandomAccess& file, const HeaderLimits& limits = {});

}  // namespace pacs::dicom
