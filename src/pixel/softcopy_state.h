// What a grayscale or colour softcopy presentation state (PS3.3 A.33.1 and A.33.2) says of one
// frame that it refers to: in the place of what the image says of itself (PS3.4 N.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "dicom/header_reader.h"
#include "pixel/picture.h"
#include "pixel/presentation.h"
#include "pixel/state_graphics.h"

namespace pacs::pixel {

// An image that a state refers to.
struct StateReference {
  std::string series_uid;
  std::string image_uid;
  std::vector<size_t> frames;  // from 0; empty: all of them
};

// In their order (PS3.3 C.11.11); at most kStateReferencesMax of them.
inline constexpr size_t kStateReferencesMax = 1'000;
[[nodiscard]] std::vector<StateReference> references_of(dicom::DataSetView state);

// PS3.3 C.7.6.11 and C.7.6.15, in pixels of the image counted from 1; what is outside has `grey`.
struct DisplayShutter {
  struct Rectangle {
    double left, right, upper, lower;
  };
  struct Circle {
    double row, column, radius;
  };
  using Vertex = std::pair<double, double>;  // row, column
  std::optional<Rectangle> rectangle;
  std::optional<Circle> circle;
  std::vector<Vertex> polygon;  // three of them at least, or none
  uint8_t grey = 0;
};

struct SoftcopyState {
  // Pixels of the image, counted from 1, both corners shown (PS3.3 C.10.4). It may reach beyond the
  // image, where it is black.
  struct DisplayedArea {
    int32_t left, top, right, bottom;
  };

  Presentation presentation;
  DisplayShutter shutter;
  std::optional<DisplayedArea> area;
  StateGraphics graphics;
  unsigned quarter_turns = 0;  // clockwise, before the flip (PS3.3 C.10.6)
  bool is_flipped = false;

  // Modality LUT, VOI LUT and Presentation LUT are those of the state; what it has none of is the
  // identity, over all values that the image can have. Photometric Interpretation does not count,
  // nor do overlays that are not activated. Errors: those of Presentation::of(); not_found/
  // not_referenced when the state says nothing of this frame of this image;
  // unsupported/photometric for a grayscale state over colours.
  [[nodiscard]] static Result<SoftcopyState> of(dicom::DataSetView state,
                                                const dicom::Header& image, size_t frame_index);

  // Of a picture as large as the image: shutter, displayed area, turns, graphics. Errors:
  // unsupported/pixel_format for an area beyond kPicturePixelsMax.
  [[nodiscard]] Result<Picture> arrange(Picture picture) const;

 private:
  [[nodiscard]] GraphicPoint place_of(GraphicPoint point, const DisplayedArea& shown,
                                      const Picture& arranged) const;
};

// Whether states of this SOP class are known here.
[[nodiscard]] bool is_softcopy_state(std::string_view sop_class_uid);

}  // namespace pacs::pixel
