// A file of the transfer syntax Deflated Explicit VR Little Endian (PS3.5 A.5) as if it had been
// stored inflated: a Part 10 file of Explicit VR Little Endian that can be read anywhere. Nothing
// is kept but a window; reading backwards inflates again from the start, so read forwards.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/result.h"
#include "dicom/byte_window.h"
#include "dicom/header_reader.h"
#include "dicom/random_access.h"

namespace pacs::dicom {

// What one file may inflate to. The largest real ones are some hundred MB.
inline constexpr uint64_t kInflatedFileSizeMax = uint64_t{1} << 30;

// One thread at a time.
class InflatedFile final : public RandomAccess {
 public:
  // Inflates all of it once, to know how much it is. `file` outlives this; `header` is what
  // read_header() told of it. Errors: those of open_inflating_window().
  [[nodiscard]] static Result<std::unique_ptr<InflatedFile>> open(
      const RandomAccess& file, const Header& header, uint64_t size_max = kInflatedFileSizeMax);

  [[nodiscard]] uint64_t size() const override { return start_.size() + inflated_size_; }
  [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const override;

 private:
  InflatedFile(const RandomAccess& file, uint64_t data_set_offset, uint64_t size_max)
      : file_(file), data_set_offset_(data_set_offset), size_max_(size_max) {}

  void rewind() const;

  const RandomAccess& file_;
  uint64_t data_set_offset_;
  uint64_t size_max_;
  std::string start_;  // preamble to meta information
  uint64_t inflated_size_ = 0;
  mutable std::unique_ptr<ByteWindow> window_;
};

}  // namespace pacs::dicom
