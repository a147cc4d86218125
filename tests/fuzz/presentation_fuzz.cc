// How a data set wants its pixels to be seen: tables, windows, palettes and overlays of any size,
// and the picture that comes of them. A first byte fills the pixels, the file follows.
#include <algorithm>

#include "dicom/readable_text.h"
#include "pixel/presentation.h"
#include "pixel/render.h"
#include "pixel/softcopy_state.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs;

constexpr uint32_t kSideShown = 40;  // what is larger shows nothing new

pixel::Frame frame_of(const dicom::Header& header, uint8_t fill) {
  pixel::Frame frame;
  if (auto format = pixel::PixelFormat::of(header)) frame.format = *format;
  frame.format.rows = std::clamp(frame.format.rows, 1U, kSideShown);
  frame.format.columns = std::clamp(frame.format.columns, 1U, kSideShown);
  frame.bytes.resize(frame.format.frame_bytes());
  for (size_t i = 0; i < frame.bytes.size(); ++i) {
    frame.bytes[i] = static_cast<std::byte>(fill + i * 37);
  }
  return frame;
}

// The data set as a presentation state of itself.
void show_by_state(const dicom::Header& header, size_t index, const pixel::Frame& frame) {
  const auto state = pixel::SoftcopyState::of(header.data_set.root(), header, index);
  if (!state || (state->area && state->area->right - state->area->left > 1'000)) return;
  auto picture = pixel::render(frame, state->presentation);
  if (!picture) return;
  const auto arranged = state->arrange(std::move(*picture));
  FUZZ_CHECK(!arranged || arranged->samples.size() == arranged->pixels() * arranged->channels());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  const uint8_t fill = input.take_byte();
  const auto header = dicom::read_header(dicom::MemoryAccess(as_bytes(input.rest())));
  if (!header) return 0;
  FUZZ_CHECK(dicom::readable_text(header->data_set, dicom::TextForm::html).find("<script") ==
             std::string::npos);
  const pixel::Frame frame = frame_of(*header, fill);
  for (const size_t index : {size_t{0}, size_t{1}}) {
    show_by_state(*header, index, frame);
    const auto presentation = pixel::Presentation::of(*header, index);
    if (!presentation) {
      FUZZ_CHECK(presentation.error().reason == "palette");
      continue;
    }
    FUZZ_CHECK(!presentation->window || presentation->window->is_valid());
    FUZZ_CHECK(presentation->slope != 0);
    const auto picture = pixel::render(frame, *presentation);
    if (!picture) continue;
    FUZZ_CHECK(picture->width == frame.format.columns && picture->height == frame.format.rows);
    FUZZ_CHECK(picture->samples.size() == picture->pixels() * picture->channels());
  }
  return 0;
}
