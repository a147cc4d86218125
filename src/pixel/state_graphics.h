// The graphic annotations of a presentation state (PS3.3 C.10.5): lines and text over a picture.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/data_set.h"
#include "pixel/picture.h"

namespace pacs::pixel {

struct GraphicPoint {
  double x = 0;
  double y = 0;
};

enum class GraphicUnits {
  pixel,    // of the image: its top left corner is 0, 0
  display,  // of the displayed area: from 0, 0 to 1, 1
};

// A line through points, whatever shape it is of.
struct GraphicLine {
  GraphicUnits units = GraphicUnits::pixel;
  std::vector<GraphicPoint> points;
  bool is_filled = false;
  bool is_dot = false;  // one point alone
};

struct GraphicText {
  GraphicUnits units = GraphicUnits::pixel;
  GraphicPoint place;              // of its top left corner, as it is shown
  std::vector<std::string> lines;  // UTF-8
};

// Pixels that may be looked at to draw the graphics of one picture: some seconds would be too long.
inline constexpr uint64_t kGraphicWorkMax = uint64_t{100} << 20;

struct StateGraphics {
  std::vector<GraphicLine> lines;
  std::vector<GraphicText> texts;

  // Those of the layers for this frame. POINT, POLYLINE, INTERPOLATED (as straight lines), CIRCLE
  // and ELLIPSE; what is not finite or has too few points is left out, and what is beyond a limit.
  [[nodiscard]] static StateGraphics read(dicom::DataSetView state, std::string_view image_uid,
                                          size_t frame_index);

  // White, over a picture that is arranged as it is shown; lines for which kGraphicWorkMax does not
  // suffice are left out. `place_of` tells where a point of the
  // image stands in it, from its top left corner.
  template <typename PlaceOf>
  void draw(const PlaceOf& place_of, Picture& picture) const {
    const auto placed = [&](GraphicUnits units, GraphicPoint point) {
      return units == GraphicUnits::pixel
                 ? place_of(point)
                 : GraphicPoint{point.x * picture.width, point.y * picture.height};
    };
    uint64_t work_left = kGraphicWorkMax;
    for (const GraphicLine& line : lines) {
      std::vector<GraphicPoint> points;
      for (const GraphicPoint point : line.points) points.push_back(placed(line.units, point));
      draw_line(line, points, work_left, picture);
    }
    for (const GraphicText& text : texts) draw_lines(text, placed(text.units, text.place), picture);
  }

 private:
  static void draw_line(const GraphicLine& line, const std::vector<GraphicPoint>& points,
                        uint64_t& work_left, Picture& picture);
  static void draw_lines(const GraphicText& text, GraphicPoint place, Picture& picture);
};

}  // namespace pacs::pixel
