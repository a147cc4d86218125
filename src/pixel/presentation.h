// How the stored values of one frame become greys or colours: what the data set says of it (PS3.4
// N.2: Modality LUT, VOI LUT, Presentation LUT, palette, overlays).
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/result.h"
#include "dicom/header_reader.h"
#include "pixel/frame.h"
#include "pixel/look_up_table.h"
#include "pixel/overlay.h"
#include "pixel/palette.h"
#include "pixel/window.h"

namespace pacs::pixel {

struct Presentation {
  // Modality LUT (PS3.3 C.11.1): the table where there is one, else slope and intercept.
  std::optional<LookUpTable> modality_table;
  double slope = 1;
  double intercept = 0;

  // VOI LUT (C.11.2): the first window, else the table; neither: from the least to the largest.
  std::optional<Window> window;
  std::optional<LookUpTable> voi_table;

  // MONOCHROME1, or a Presentation LUT Shape of INVERSE (C.11.6): the least value is white.
  bool is_inverted = false;
  // A Presentation LUT Sequence of a presentation state (C.11.4), behind the VOI LUT.
  std::optional<LookUpTable> presentation_table;

  // Stored values that stand for no value (C.7.5.1.1.2); they count for no range.
  std::optional<std::pair<double, double>> padding;

  std::optional<Palette> palette;
  std::vector<Overlay> overlays;

  // Modality LUT, VOI LUT (of `voi`, the item of the softcopy VOI LUTs that is for the frame) and
  // Presentation LUT Shape of a presentation state in the place of the image's; the identity where
  // it has none.
  void take_luts_of(dicom::DataSetView state, const std::optional<dicom::DataSetView>& voi,
                    const PixelFormat& format);

  [[nodiscard]] double modality_value(double stored) const {
    return modality_table ? modality_table->at(stored) : stored * slope + intercept;
  }

  // Of the frame, counted from 0. What the file says and cannot be (a slope of 0, a width of NaN, a
  // table without entries) counts as not said; unsupported/palette where PALETTE COLOR has none.
  [[nodiscard]] static Result<Presentation> of(const dicom::Header& header, size_t frame_index);
};

}  // namespace pacs::pixel
