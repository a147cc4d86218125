#include "pixel/window.h"

#include <algorithm>
#include <cmath>

namespace pacs::pixel {

double Window::apply(double value) const {
  double grey = 0;
  switch (shape) {
    case Shape::linear:
      // A width of 1 is a step at center - 0.5: C.11.2.1.2.1 never comes to its third line then.
      if (width <= 1) return value > center - 0.5 ? 1 : 0;
      grey = (value - (center - 0.5)) / (width - 1) + 0.5;
      break;
    case Shape::linear_exact:
      grey = (value - center) / width + 0.5;
      break;
    case Shape::sigmoid:
      grey = 1 / (1 + std::exp(-4 * (value - center) / width));
      break;
  }
  return grey > 0 ? std::min(grey, 1.0) : 0;
}

bool Window::is_valid() const {
  if (!std::isfinite(center) || !std::isfinite(width)) return false;
  return shape == Shape::linear ? width >= 1 : width > 0;
}

Window window_between(double low, double high) {
  if (!(high > low))
    return {low, std::max(std::abs(low) * 1e-9, 1e-300), Window::Shape::linear_exact};
  // Half of each first, since the sum may be beyond a double.
  return {low / 2 + high / 2, high - low, Window::Shape::linear_exact};
}

}  // namespace pacs::pixel
