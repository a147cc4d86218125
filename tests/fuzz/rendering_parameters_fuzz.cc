// The query of a rendered resource: what is taken can be rendered, and the picture fits.
#include <algorithm>
#include <utility>

#include "dicomweb/rendering_parameters.h"
#include "http/uri.h"
#include "pixel/viewport.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs;

constexpr uint32_t kSideTried = 300;  // a larger picture takes too long to make

void check_terms(const Result<archive::RenderingTerms>& terms) {
  if (!terms) {
    FUZZ_CHECK(terms.error().code == ErrorCode::invalid_argument ||
               terms.error().reason == "not_acceptable");
    return;
  }
  FUZZ_CHECK(terms->quality >= 1 && terms->quality <= 100);
  FUZZ_CHECK(!terms->window || terms->window->is_valid());
  if (terms->window) {
    const double grey = terms->window->apply(terms->window->center);
    FUZZ_CHECK(grey >= 0 && grey <= 1);
  }
  if (!terms->viewport) return;
  pixel::Viewport viewport = *terms->viewport;
  FUZZ_CHECK(viewport.width > 0 && viewport.width <= pixel::kViewportSideMax);
  FUZZ_CHECK(viewport.height > 0 && viewport.height <= pixel::kViewportSideMax);
  viewport.width = std::min(viewport.width, kSideTried);
  viewport.height = std::min(viewport.height, kSideTried);
  const auto shown = pixel::show_in(viewport, pixel::blank_picture(17, 5));
  if (!shown) {
    FUZZ_CHECK(shown.error().reason == "bad_viewport");
    return;
  }
  FUZZ_CHECK(shown->width > 0 && shown->width <= viewport.width);
  FUZZ_CHECK(shown->height > 0 && shown->height <= viewport.height);
  FUZZ_CHECK(shown->samples.size() == shown->pixels());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto query = http::parse_query(fuzz::Input(data, size).rest());
  if (!query) return 0;
  MemorySource no_body({});
  http::Request request(no_body);
  request.query = std::move(*query);
  check_terms(dicomweb::read_rendering_terms(request));
  check_terms(dicomweb::read_thumbnail_terms(request));
  check_terms(dicomweb::read_uri_terms(request, {.width = 17, .height = 5}));
  return 0;
}
