#include "pixel/state_graphics.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

#include "core/text.h"
#include "dicom/charset.h"
#include "pixel/font.h"
#include "pixel/state_items.h"
#include "pixel/text_on_picture.h"

namespace pacs::pixel {
namespace {

using dicom::DataSetView;
using dicom::Tag;

constexpr Tag kGraphicAnnotations{0x0070, 0x0001};
constexpr Tag kBoundingBoxUnits{0x0070, 0x0003};
constexpr Tag kAnchorPointUnits{0x0070, 0x0004};
constexpr Tag kGraphicUnits{0x0070, 0x0005};
constexpr Tag kUnformattedText{0x0070, 0x0006};
constexpr Tag kTextObjects{0x0070, 0x0008};
constexpr Tag kGraphicObjects{0x0070, 0x0009};
constexpr Tag kBoundingBoxTopLeft{0x0070, 0x0010};
constexpr Tag kAnchorPoint{0x0070, 0x0014};
constexpr Tag kGraphicData{0x0070, 0x0022};
constexpr Tag kGraphicType{0x0070, 0x0023};
constexpr Tag kGraphicFilled{0x0070, 0x0024};

constexpr size_t kGraphicsMax = 1'000;
constexpr size_t kGraphicPointsMax = 10'000;     // of one
constexpr size_t kAllGraphicPointsMax = 50'000;  // of all
constexpr size_t kTextLinesMax = 50;
constexpr int kPointsOfCircle = 180;
// What lies further out is not in a picture, and no line from there is drawn in time.
constexpr double kPlaceMost = 1 << 17;
constexpr uint8_t kWhite = 0xFF;

GraphicUnits units_of(DataSetView item, Tag tag) {
  return state_text(item, tag) == "DISPLAY" ? GraphicUnits::display : GraphicUnits::pixel;
}

std::vector<GraphicPoint> around(GraphicPoint center, GraphicPoint first_axis,
                                 GraphicPoint second_axis) {
  std::vector<GraphicPoint> points;
  for (int i = 0; i <= kPointsOfCircle; ++i) {
    const double angle = 2 * std::numbers::pi * i / kPointsOfCircle;
    const double first = std::cos(angle);
    const double second = std::sin(angle);
    points.push_back({center.x + first * first_axis.x + second * second_axis.x,
                      center.y + first * first_axis.y + second * second_axis.y});
  }
  return points;
}

// The center and a point of the circle.
std::vector<GraphicPoint> circle_of(const std::vector<GraphicPoint>& points) {
  const double radius = std::hypot(points[1].x - points[0].x, points[1].y - points[0].y);
  return around(points[0], {radius, 0}, {0, radius});
}

// Both ends of the one axis, then of the other.
std::vector<GraphicPoint> ellipse_of(const std::vector<GraphicPoint>& points) {
  const auto half = [&](size_t at) {
    return GraphicPoint{(points[at + 1].x - points[at].x) / 2,
                        (points[at + 1].y - points[at].y) / 2};
  };
  const GraphicPoint center{(points[0].x + points[1].x) / 2, (points[0].y + points[1].y) / 2};
  return around(center, half(0), half(2));
}

std::optional<GraphicLine> read_line(DataSetView object) {
  const std::vector<double> numbers = state_numbers(object, kGraphicData, kGraphicPointsMax * 2);
  GraphicLine line;
  line.units = units_of(object, kGraphicUnits);
  line.is_filled = state_text(object, kGraphicFilled) == "Y";
  for (size_t i = 0; i + 1 < numbers.size(); i += 2) {
    line.points.push_back({numbers[i], numbers[i + 1]});
  }
  const std::string_view type = state_text(object, kGraphicType);
  const size_t count = line.points.size();
  if (type == "POINT" && count == 1) {
    line.is_dot = true;
  } else if (type == "CIRCLE" && count == 2) {
    line.points = circle_of(line.points);
  } else if (type == "ELLIPSE" && count == 4) {
    line.points = ellipse_of(line.points);
  } else if ((type != "POLYLINE" && type != "INTERPOLATED") || count < 2) {
    return std::nullopt;
  }
  return line;
}

// In its box, or at its anchor where it has none.
std::optional<GraphicText> read_text(DataSetView object, const dicom::CharacterSet& set) {
  const bool has_box = object.find(kBoundingBoxTopLeft).has_value();
  const std::vector<double> place =
      state_numbers(object, has_box ? kBoundingBoxTopLeft : kAnchorPoint, 2);
  if (place.size() != 2) return std::nullopt;
  GraphicText text;
  text.units = units_of(object, has_box ? kBoundingBoxUnits : kAnchorPointUnits);
  text.place = {place[0], place[1]};
  const std::string utf8 = set.to_utf8(state_text(object, kUnformattedText), dicom::Vr::ST);
  for (const std::string_view line : split(utf8, '\n')) {
    if (text.lines.size() < kTextLinesMax) text.lines.emplace_back(trim(line));
  }
  return text;
}

void set_white(int64_t x, int64_t y, Picture& picture) {
  if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return;
  const auto at = static_cast<size_t>(y * picture.width + x) * picture.channels();
  std::fill_n(picture.samples.begin() + static_cast<ptrdiff_t>(at), picture.channels(), kWhite);
}

void draw_segment(GraphicPoint from, GraphicPoint to, Picture& picture) {
  const double length = std::max(std::abs(to.x - from.x), std::abs(to.y - from.y));
  const auto steps = static_cast<int64_t>(std::ceil(length));
  for (int64_t i = 0; i <= steps; ++i) {
    const double part = steps == 0 ? 0 : static_cast<double>(i) / static_cast<double>(steps);
    set_white(static_cast<int64_t>(std::floor(from.x + part * (to.x - from.x))),
              static_cast<int64_t>(std::floor(from.y + part * (to.y - from.y))), picture);
  }
}

// Rows of pixels whose centers are inside, by the even-odd rule.
void fill_area(const std::vector<GraphicPoint>& points, Picture& picture) {
  for (uint32_t y = 0; y < picture.height; ++y) {
    const double row = y + 0.5;
    std::vector<double> crossed;
    for (size_t i = 0; i < points.size(); ++i) {
      const GraphicPoint& a = points[i];
      const GraphicPoint& b = points[(i + 1) % points.size()];
      if ((a.y <= row) == (b.y <= row)) continue;
      crossed.push_back(a.x + (row - a.y) / (b.y - a.y) * (b.x - a.x));
    }
    std::sort(crossed.begin(), crossed.end());
    for (size_t i = 0; i + 1 < crossed.size(); i += 2) {
      const double last = std::min<double>(crossed[i + 1], picture.width);
      for (auto x = static_cast<int64_t>(std::max(0.0, std::ceil(crossed[i] - 0.5)));
           static_cast<double>(x) + 0.5 < last; ++x) {
        set_white(x, y, picture);
      }
    }
  }
}

bool is_in_reach(const std::vector<GraphicPoint>& points) {
  return std::all_of(points.begin(), points.end(), [](const GraphicPoint& point) {
    return std::abs(point.x) <= kPlaceMost && std::abs(point.y) <= kPlaceMost;
  });
}

uint64_t work_of(const GraphicLine& line, const std::vector<GraphicPoint>& points,
                 const Picture& picture) {
  double steps = static_cast<double>(points.size());
  for (size_t i = 0; i + 1 < points.size(); ++i) {
    steps += std::abs(points[i + 1].x - points[i].x) + std::abs(points[i + 1].y - points[i].y);
  }
  const uint64_t filling = line.is_filled ? points.size() * picture.height + picture.pixels() : 0;
  return static_cast<uint64_t>(steps) + filling;
}

}  // namespace

StateGraphics StateGraphics::read(DataSetView state, std::string_view image_uid,
                                  size_t frame_index) {
  StateGraphics graphics;
  size_t points = 0;
  const auto set = dicom::CharacterSet::of(state, {});
  for_each_item(state, kGraphicAnnotations, [&](DataSetView annotation) {
    if (!is_item_for(annotation, image_uid, frame_index)) return;
    for_each_item(annotation, kGraphicObjects, [&](DataSetView object) {
      if (graphics.lines.size() >= kGraphicsMax || points >= kAllGraphicPointsMax) return;
      auto line = read_line(object);
      if (!line) return;
      points += line->points.size();
      graphics.lines.push_back(std::move(*line));
    });
    for_each_item(annotation, kTextObjects, [&](DataSetView object) {
      if (graphics.texts.size() >= kGraphicsMax) return;
      auto text = read_text(object, set);
      if (text) graphics.texts.push_back(std::move(*text));
    });
  });
  return graphics;
}

void StateGraphics::draw_line(const GraphicLine& line, const std::vector<GraphicPoint>& points,
                              uint64_t& work_left, Picture& picture) {
  if (!is_in_reach(points)) return;
  const uint64_t work = work_of(line, points, picture);
  if (work > work_left) return;
  work_left -= work;
  if (line.is_dot) {
    const GraphicPoint at = points.front();
    draw_segment({at.x - 2, at.y}, {at.x + 2, at.y}, picture);
    draw_segment({at.x, at.y - 2}, {at.x, at.y + 2}, picture);
    return;
  }
  for (size_t i = 0; i + 1 < points.size(); ++i) draw_segment(points[i], points[i + 1], picture);
  if (line.is_filled) fill_area(points, picture);
}

void StateGraphics::draw_lines(const GraphicText& text, GraphicPoint place, Picture& picture) {
  if (!is_in_reach({place})) return;
  TextPlace at{static_cast<int64_t>(place.x), static_cast<int64_t>(place.y), 1};
  for (const std::string& line : text.lines) {
    draw_text(line, at, picture);
    at.top += kGlyphHeight;
  }
}

}  // namespace pacs::pixel
