// Stored images as pictures: opened, one frame read and decoded, shown as its data set and the
// caller want it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "archive/frame_gate.h"
#include "archive/rendering_terms.h"
#include "archive/retrieve.h"
#include "archive/shown_image.h"
#include "archive/thumbnail_cache.h"
#include "core/result.h"
#include "index/images.h"
#include "index/scope.h"
#include "pixel/frame_decoder.h"

namespace pacs::archive {

// Pictures of one animation. Beyond it, or when the file grows too large, it is refused.
inline constexpr size_t kAnimationFramesMax = 1'000;
inline constexpr size_t kAnimationBytesMax = size_t{64} << 20;
// A thumbnail without a viewport of its own fits into it.
inline constexpr uint32_t kThumbnailSide = 256;

// Any thread. What costs memory and time (decoding, rendering) goes through a gate: who comes when
// enough are waiting gets `unavailable` (reason "busy").
class RenderingService {
 public:
  // All outlive it.
  RenderingService(RetrieveService& retrieve, index::Database& database,
                   pixel::FrameDecoder& decoder, FrameGate& gate);

  // A presentation state is shown as the frames of its study that it refers to, as far as the scope
  // has them; as text where there are none. Errors: those of open_to_show().
  [[nodiscard]] Result<ShownImage> open(const index::Scope& scope,
                                        const index::ImageRecord& record);

  // A frame of an image of frames (`frame` below frame_count()), or the picture of a JPEG or PNG
  // file, as a file of terms.form. Errors:
  //   not_found/not_referenced       the presentation state of the terms says nothing of the frame
  //   unsupported/not_acceptable     nothing here decodes or shows it, the pixels are damaged, or
  //   the
  //                                  profile that is asked for cannot be given; the detail says why
  //   invalid_argument/bad_viewport  a region outside the image
  //   resource_exhausted, unavailable, and those of reading
  [[nodiscard]] Result<std::string> picture(ShownImage& image, size_t frame,
                                            const RenderingTerms& terms);

  // The frames as one GIF. Besides: resource_exhausted/too_large.
  [[nodiscard]] Result<std::string> animation(ShownImage& image, const std::vector<size_t>& frames,
                                              const RenderingTerms& terms);

  // One small picture of anything: of what has no picture, or none that can be made, an icon that
  // says what it is. Never with text of a patient. `frame` counts from 0; nothing: the one in the
  // middle. Errors: not_found/no_such_frame; unavailable/busy; those of opening.
  [[nodiscard]] Result<std::string> thumbnail(const index::Scope& scope,
                                              const index::ImageRecord& record,
                                              std::optional<size_t> frame,
                                              const RenderingTerms& terms);

 private:
  Result<void> find_state_frames(const index::Scope& scope, ShownImage& state);
  Result<pixel::Picture> picture_by_state(ShownImage& image, size_t frame,
                                          const RenderingTerms& terms);
  Result<Bytes> manage_colours(const ShownImage& image, IccProfile wanted, pixel::Picture& picture);
  // With the text that is burned in where `profile` is null; else with colours as the terms want
  // them, whose profile is told there.
  Result<pixel::Picture> decoded_picture(ShownImage& image, size_t frame,
                                         const RenderingTerms& terms, Bytes* profile);
  Result<pixel::Picture> picture_of_frame(ShownImage& image, size_t frame,
                                          const RenderingTerms& terms);
  Result<pixel::Picture> picture_of_file(ShownImage& image, const RenderingTerms& terms);
  Result<std::string> make_thumbnail(const index::Scope& scope, const index::ImageRecord& record,
                                     std::optional<size_t> frame, const RenderingTerms& terms);

  RetrieveService& retrieve_;
  const index::Images images_;
  pixel::FrameDecoder& decoder_;
  FrameGate& gate_;
  ThumbnailCache thumbnails_;
};

}  // namespace pacs::archive
