// Pictures as files that browsers show: JPEG, PNG, GIF.
#pragma once

#include <cstdint>
#include <string>

#include "core/bytes.h"
#include "core/result.h"
#include "pixel/picture.h"

namespace pacs::pixel {

inline constexpr int kJpegQualityDefault = 90;

// `profile` is an ICC profile to embed, or empty. Any thread. Errors: internal/jpeg_encoder,
// internal/png_encoder when the library fails over it; unsupported/too_wide for a JPEG with a side
// above 65,500.
[[nodiscard]] Result<std::string> to_jpeg(const Picture& picture, int quality, Bytes profile = {});
[[nodiscard]] Result<std::string> to_png(const Picture& picture, Bytes profile = {});

// A PNG file of any depth as a picture of 8 bits; what is transparent stands on black. Sizes are
// checked before anything is allocated. unsupported/pixel_format beyond kPicturePixelsMax,
// invalid_argument/pixel_data for what is no PNG or a damaged one.
[[nodiscard]] Result<Picture> from_png(Bytes file);

// GIF89a: one picture after the other, in a file that grows with each.
class GifWriter {
 public:
  enum class Palette { grey, colour };

  // `delay_ms` between pictures; one alone has none. 216 colours for those that are not grey.
  GifWriter(uint32_t width, uint32_t height, Palette palette, uint32_t delay_ms);
  // Of the same size; a colour picture is grey by its luminance where the palette is.
  void add(const Picture& picture);
  [[nodiscard]] size_t size() const { return file_.size(); }
  // Ends the file.
  [[nodiscard]] std::string finish();

 private:
  void append_u16(uint32_t number);

  const Palette palette_;
  const uint32_t width_;
  const uint32_t height_;
  const uint32_t delay_hundredths_;
  std::string file_;
};

}  // namespace pacs::pixel
