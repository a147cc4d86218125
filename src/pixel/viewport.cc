#include "pixel/viewport.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace pacs::pixel {
namespace {

// Which source pixels make one of the target, and how much each counts; together 1.
struct Share {
  uint32_t first = 0;
  std::vector<float> weights;
};

// Target pixel i covers [begin, end) of the source.
Share average_over(double begin, double end, uint32_t source_size) {
  Share share;
  share.first = std::min(static_cast<uint32_t>(begin), source_size - 1);
  const auto last = std::min(static_cast<uint32_t>(std::ceil(end)), source_size);
  for (uint32_t at = share.first; at < std::max(last, share.first + 1); ++at) {
    const double covered = std::min(end, at + 1.0) - std::max<double>(begin, at);
    share.weights.push_back(static_cast<float>(std::max(covered, 0.0) / (end - begin)));
  }
  return share;
}

Share interpolate_at(double center, double begin, double end, uint32_t source_size) {
  // Nothing from outside the region.
  const double low = std::floor(begin);
  const double high = std::min<double>(std::ceil(end), source_size) - 1;
  const double at = std::clamp(center - 0.5, low, std::max(low, high));
  Share share;
  share.first = static_cast<uint32_t>(at);
  const auto second = static_cast<float>(at - share.first);
  share.weights.push_back(1 - second);
  if (second > 0) share.weights.push_back(second);
  return share;
}

std::vector<Share> shares_of(double begin, double length, uint32_t target_size,
                             uint32_t source_size) {
  const double step = length / target_size;
  std::vector<Share> shares;
  shares.reserve(target_size);
  for (uint32_t i = 0; i < target_size; ++i) {
    shares.push_back(
        step >= 1 ? average_over(begin + i * step, begin + (i + 1) * step, source_size)
                  : interpolate_at(begin + (i + 0.5) * step, begin, begin + length, source_size));
  }
  return shares;
}

// One source row, scaled to the target's width.
void scale_row(const Picture& source, uint32_t row, const std::vector<Share>& columns,
               std::vector<float>& out) {
  const size_t channels = source.channels();
  const uint8_t* samples = source.samples.data() + size_t{row} * source.width * channels;
  for (size_t x = 0; x < columns.size(); ++x) {
    for (size_t channel = 0; channel < channels; ++channel) {
      float sum = 0;
      const uint8_t* from = samples + columns[x].first * channels + channel;
      for (const float weight : columns[x].weights) {
        sum += weight * *from;
        from += channels;
      }
      out[x * channels + channel] = sum;
    }
  }
}

// Rows that were scaled last: neighbours of the target share them.
class ScaledRows {
 public:
  ScaledRows(const Picture& source, const std::vector<Share>& columns)
      : source_(source), columns_(columns) {}

  const std::vector<float>& row(uint32_t number) {
    Kept& kept = kept_[number % 2];
    if (kept.row != number) {
      kept.row = number;
      kept.samples.resize(columns_.size() * source_.channels());
      scale_row(source_, number, columns_, kept.samples);
    }
    return kept.samples;
  }

 private:
  struct Kept {
    uint32_t row = UINT32_MAX;
    std::vector<float> samples;
  };
  const Picture& source_;
  const std::vector<Share>& columns_;
  Kept kept_[2];
};

Picture resample(const Picture& source, const std::vector<Share>& columns,
                 const std::vector<Share>& rows) {
  Picture target = blank_picture(static_cast<uint32_t>(columns.size()),
                                 static_cast<uint32_t>(rows.size()), source.colour);
  const size_t row_samples = columns.size() * source.channels();
  ScaledRows scaled(source, columns);
  std::vector<float> sum(row_samples);
  for (size_t y = 0; y < rows.size(); ++y) {
    std::fill(sum.begin(), sum.end(), 0.5F);  // for rounding
    for (size_t i = 0; i < rows[y].weights.size(); ++i) {
      const float weight = rows[y].weights[i];
      const std::vector<float>& row = scaled.row(rows[y].first + static_cast<uint32_t>(i));
      for (size_t x = 0; x < row_samples; ++x) sum[x] += weight * row[x];
    }
    std::transform(sum.begin(), sum.end(),
                   target.samples.begin() + static_cast<std::ptrdiff_t>(y * row_samples),
                   [](float value) { return static_cast<uint8_t>(std::min(value, 255.0F)); });
  }
  return target;
}

void flip_horizontally(Picture& picture) {
  const size_t channels = picture.channels();
  for (size_t row = 0; row < picture.height; ++row) {
    uint8_t* samples = picture.samples.data() + row * picture.width * channels;
    for (size_t left = 0, right = picture.width - 1; left < right; ++left, --right) {
      std::swap_ranges(samples + left * channels, samples + (left + 1) * channels,
                       samples + right * channels);
    }
  }
}

void flip_vertically(Picture& picture) {
  const auto row_samples = static_cast<std::ptrdiff_t>(picture.width * picture.channels());
  for (std::ptrdiff_t top = 0, bottom = std::ptrdiff_t{picture.height} - 1; top < bottom;
       ++top, --bottom) {
    std::swap_ranges(picture.samples.begin() + top * row_samples,
                     picture.samples.begin() + (top + 1) * row_samples,
                     picture.samples.begin() + bottom * row_samples);
  }
}

// Rows become columns.
Picture transposed(const Picture& picture) {
  Picture turned = blank_picture(picture.height, picture.width, picture.colour);
  const size_t channels = picture.channels();
  for (size_t y = 0; y < picture.height; ++y) {
    for (size_t x = 0; x < picture.width; ++x) {
      std::copy_n(picture.samples.data() + (y * picture.width + x) * channels, channels,
                  turned.samples.data() + (x * picture.height + y) * channels);
    }
  }
  return turned;
}

uint32_t side_of(double length) { return static_cast<uint32_t>(std::max(1L, std::lround(length))); }

}  // namespace

Result<Picture> show_in(const Viewport& viewport, const Picture& picture) {
  const double width =
      viewport.region_width > 0 ? viewport.region_width : picture.width - viewport.left;
  const double height =
      viewport.region_height > 0 ? viewport.region_height : picture.height - viewport.top;
  const bool is_inside = viewport.left >= 0 && viewport.top >= 0 && width > 0 && height > 0 &&
                         viewport.left + width <= picture.width &&
                         viewport.top + height <= picture.height;
  if (!is_inside) {
    return invalid_argument("bad_viewport", "the region of the viewport is not inside the image");
  }
  double factor = std::min(viewport.width / width, viewport.height / height);
  if (!viewport.may_enlarge) factor = std::min(factor, 1.0);
  const uint32_t columns = std::min(side_of(width * factor), viewport.width);
  const uint32_t rows = std::min(side_of(height * factor), viewport.height);
  if (uint64_t{columns} * rows > kPicturePixelsMax) {
    return resource_exhausted("too_large", "the viewport has more pixels than a picture may have");
  }
  Picture shown = resample(picture, shares_of(viewport.left, width, columns, picture.width),
                           shares_of(viewport.top, height, rows, picture.height));
  if (viewport.is_flipped_horizontally) flip_horizontally(shown);
  if (viewport.is_flipped_vertically) flip_vertically(shown);
  return shown;
}

Picture turned_upright(Picture picture, uint8_t orientation) {
  Picture upright = orientation >= 5 && orientation <= 8 ? transposed(picture) : std::move(picture);
  const bool is_mirrored =
      orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool is_upside_down =
      orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  if (is_mirrored) flip_horizontally(upright);
  if (is_upside_down) flip_vertically(upright);
  return upright;
}

}  // namespace pacs::pixel
