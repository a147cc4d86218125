// A window of values of interest (PS3.3 C.11.2.1.2 and C.11.2.1.3): which values become grey, those
// below black and those above white.
#pragma once

namespace pacs::pixel {

struct Window {
  enum class Shape { linear, linear_exact, sigmoid };
  double center = 0;
  double width = 1;
  Shape shape = Shape::linear;

  // From 0 (black) to 1 (white); NaN is 0.
  [[nodiscard]] double apply(double value) const;
  // Finite, and a width that its shape can have: at least 1 for linear, above 0 for the others.
  [[nodiscard]] bool is_valid() const;
};

// From black at `low` to white at `high`; where both are the same, white for anything above it.
[[nodiscard]] Window window_between(double low, double high);

}  // namespace pacs::pixel
