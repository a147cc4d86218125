// A CT slice of 526 kB for the load driver and the bare loop: a real header, 512 x 512 x 16 bit
// unless it is told to be smaller, and UIDs of fixed length that are patched in place, so that
// making the next one costs nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pacs::bench {

class CtSlice {
 public:
  explicit CtSlice(unsigned side = 512);

  // Makes it image `image` of series `series` (each a study of its own) of run `run`.
  void number(uint32_t run, uint32_t series, uint32_t image);

  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] const std::string& study_uid() const { return study_uid_; }
  [[nodiscard]] const std::string& series_uid() const { return series_uid_; }
  [[nodiscard]] const std::string& image_uid() const { return image_uid_; }

 private:
  std::string bytes_;
  std::string study_uid_, series_uid_, image_uid_;
  size_t study_at_, series_at_, image_at_, meta_image_at_, number_at_, patient_at_, pixels_at_;
};

}  // namespace pacs::bench
