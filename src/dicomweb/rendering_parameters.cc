#include "dicomweb/rendering_parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/text.h"
#include "dicomweb/accepted.h"

namespace pacs::dicomweb {
namespace {

using archive::RenderingTerms;
using archive::Viewport;
using archive::Window;

constexpr uint64_t kQualityMax = 100;
// No image has such a coordinate, and no screen such a value.
constexpr double kNumberMax = 1e12;

Error bad_rendering(std::string_view detail) { return invalid_argument("bad_parameter", detail); }

std::optional<double> finite_number(std::string_view text) {
  double number = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (!is_number || !(std::abs(number) <= kNumberMax)) return std::nullopt;
  return number;
}

std::optional<uint32_t> side_of_viewport(std::string_view text) {
  const auto number = parse_unsigned(text);
  if (!number || *number == 0 || *number > archive::kViewportSideMax) return std::nullopt;
  return static_cast<uint32_t>(*number);
}

Result<void> read_annotation(const http::Request& request, RenderingTerms& terms) {
  const auto annotation = request.query_parameter("annotation");
  if (!annotation) return {};
  for (const std::string_view keyword : split(*annotation, ',')) {
    if (keyword == "patient") {
      terms.has_patient_text = true;
    } else if (keyword == "technique") {
      terms.has_technique_text = true;
    } else {
      return bad_rendering("annotation is a list of the words patient and technique");
    }
  }
  return {};
}

Result<void> read_quality(const http::Request& request, const char* name, RenderingTerms& terms) {
  const auto quality = request.query_parameter(name);
  if (!quality) return {};
  const auto number = parse_unsigned(*quality);
  if (!number || *number == 0 || *number > kQualityMax) {
    return bad_rendering(std::string(name) + " is a whole number from 1 to 100");
  }
  terms.quality = static_cast<int>(*number);
  return {};
}

Result<void> check_charset(const http::Request& request) {
  const auto charset = request.query_parameter("charset");
  if (!charset) return {};
  for (const std::string_view one : split(*charset, ',')) {
    const std::string_view name = trim(one.substr(0, one.find(';')));
    if (name == "*" || equals_ignoring_case(name, "utf-8")) return {};
  }
  return not_acceptable("charset=utf-8");
}

struct IccProfileName {
  std::string_view name;
  archive::IccProfile profile;
};
constexpr std::array kIccProfileNames = {
    IccProfileName{"no", archive::IccProfile::no},
    IccProfileName{"yes", archive::IccProfile::yes},
    IccProfileName{"srgb", archive::IccProfile::srgb},
    IccProfileName{"adobergb", archive::IccProfile::adobe_rgb},
    IccProfileName{"rommrgb", archive::IccProfile::romm_rgb},
    IccProfileName{"displayp3", archive::IccProfile::display_p3}};

Result<void> read_icc_profile(const http::Request& request, RenderingTerms& terms) {
  const std::string profile = request.query_parameter("iccprofile").value_or("no");
  for (const IccProfileName& one : kIccProfileNames) {
    if (profile != one.name) continue;
    terms.icc_profile = one.profile;
    return {};
  }
  return bad_rendering("iccprofile is no, yes, srgb, adobergb, rommrgb or displayp3");
}

// Field `index` of a list; nothing where it is empty or not there.
Result<std::optional<double>> number_field(const std::vector<std::string_view>& fields,
                                           size_t index) {
  if (index >= fields.size() || fields[index].empty()) return std::optional<double>();
  const auto number = finite_number(fields[index]);
  if (!number) return bad_rendering("the region of a viewport consists of numbers");
  return number;
}

// rows and columns of the URI service: both, or the other follows from the proportions.
Result<void> read_uri_size(const http::Request& request, RenderingTerms& terms) {
  const auto rows = request.query_parameter("rows");
  const auto columns = request.query_parameter("columns");
  if (!rows && !columns) return {};
  Viewport viewport;
  for (const auto& [text, side] :
       {std::pair(&rows, &viewport.height), std::pair(&columns, &viewport.width)}) {
    const auto number = *text ? side_of_viewport(**text) : archive::kViewportSideMax;
    if (!number) return bad_rendering("rows and columns are whole numbers from 1 to 16384");
    *side = *number;
  }
  terms.viewport = viewport;
  return {};
}

// "left,top,right,bottom" as fractions of the image.
Result<void> read_uri_region(const http::Request& request, ImageSize image, RenderingTerms& terms) {
  const auto region = request.query_parameter("region");
  if (!region) return {};
  const auto fields = split(*region, ',');
  std::array<double, 4> sides{};
  bool is_region = fields.size() == sides.size();
  for (size_t i = 0; is_region && i < sides.size(); ++i) {
    const auto number = finite_number(fields[i]);
    is_region = number && *number >= 0 && *number <= 1;
    if (is_region) sides[i] = *number;
  }
  if (!is_region || sides[0] >= sides[2] || sides[1] >= sides[3]) {
    return bad_rendering("region is left,top,right,bottom, fractions from 0 to 1");
  }
  Viewport viewport = terms.viewport.value_or(Viewport());
  viewport.left = sides[0] * image.width;
  viewport.top = sides[1] * image.height;
  viewport.region_width = std::min(sides[2] * image.width, image.width) - viewport.left;
  viewport.region_height = std::min(sides[3] * image.height, image.height) - viewport.top;
  // Without rows and columns as large as it is.
  if (!terms.viewport) {
    viewport.width = static_cast<uint32_t>(std::ceil(viewport.region_width));
    viewport.height = static_cast<uint32_t>(std::ceil(viewport.region_height));
    viewport.may_enlarge = false;
  }
  terms.viewport = viewport;
  return {};
}

Result<void> read_uri_window(const http::Request& request, RenderingTerms& terms) {
  const auto center = request.query_parameter("windowCenter");
  const auto width = request.query_parameter("windowWidth");
  if (!center && !width) return {};
  if (!center || !width) return bad_rendering("windowCenter and windowWidth come together");
  terms.window = PACS_TRY(parse_window(*center + "," + *width + ",linear"));
  return {};
}

}  // namespace

Result<Viewport> parse_viewport(std::string_view text) {
  const auto fields = split(text, ',');
  if (fields.size() < 2 || fields.size() > 6) {
    return bad_rendering("viewport is vw,vh or vw,vh,sx,sy,sw,sh");
  }
  const auto width = side_of_viewport(fields[0]);
  const auto height = side_of_viewport(fields[1]);
  if (!width || !height) {
    return bad_rendering("the first two numbers of viewport are whole, from 1 to 16384");
  }
  Viewport viewport;
  viewport.width = *width;
  viewport.height = *height;
  viewport.left = PACS_TRY(number_field(fields, 2)).value_or(0);
  viewport.top = PACS_TRY(number_field(fields, 3)).value_or(0);
  const auto region_width = PACS_TRY(number_field(fields, 4));
  const auto region_height = PACS_TRY(number_field(fields, 5));
  if (viewport.left < 0 || viewport.top < 0 || region_width == 0 || region_height == 0) {
    return bad_rendering("the region of a viewport begins in the image and is not empty");
  }
  viewport.region_width = std::abs(region_width.value_or(0));
  viewport.region_height = std::abs(region_height.value_or(0));
  viewport.is_flipped_horizontally = region_width.value_or(0) < 0;
  viewport.is_flipped_vertically = region_height.value_or(0) < 0;
  return viewport;
}

Result<Window> parse_window(std::string_view text) {
  const auto fields = split(text, ',');
  if (fields.size() != 3) return bad_rendering("window is center,width,shape, all three");
  const auto center = finite_number(fields[0]);
  const auto width = finite_number(fields[1]);
  if (!center || !width) return bad_rendering("center and width of window are numbers");
  Window window;
  window.center = *center;
  window.width = *width;
  if (fields[2] == "linear") {
    window.shape = Window::Shape::linear;
  } else if (fields[2] == "linear-exact") {
    window.shape = Window::Shape::linear_exact;
  } else if (fields[2] == "sigmoid") {
    window.shape = Window::Shape::sigmoid;
  } else {
    return bad_rendering("the shape of window is linear, linear-exact or sigmoid");
  }
  if (!window.is_valid()) {
    return bad_rendering("the width of a linear window is at least 1, that of others above 0");
  }
  return window;
}

Result<RenderingTerms> read_rendering_terms(const http::Request& request) {
  RenderingTerms terms;
  PACS_TRY(check_charset(request));
  PACS_TRY(read_annotation(request, terms));
  PACS_TRY(read_quality(request, "quality", terms));
  PACS_TRY(read_icc_profile(request, terms));
  if (const auto viewport = request.query_parameter("viewport")) {
    terms.viewport = PACS_TRY(parse_viewport(*viewport));
  }
  if (const auto window = request.query_parameter("window")) {
    terms.window = PACS_TRY(parse_window(*window));
  }
  return terms;
}

Result<RenderingTerms> read_thumbnail_terms(const http::Request& request) {
  RenderingTerms terms;
  const auto viewport = request.query_parameter("viewport");
  if (!viewport) return terms;
  if (split(*viewport, ',').size() != 2) {
    return bad_rendering("the viewport of a thumbnail is vw,vh");
  }
  terms.viewport = PACS_TRY(parse_viewport(*viewport));
  return terms;
}

Result<RenderingTerms> read_uri_terms(const http::Request& request, ImageSize image) {
  RenderingTerms terms;
  PACS_TRY(check_charset(request));
  PACS_TRY(read_annotation(request, terms));
  PACS_TRY(read_quality(request, "imageQuality", terms));
  PACS_TRY(read_uri_size(request, terms));
  PACS_TRY(read_uri_region(request, image, terms));
  PACS_TRY(read_uri_window(request, terms));
  return terms;
}

}  // namespace pacs::dicomweb
