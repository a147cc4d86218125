#include "pixel/presentation.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "pixel/element_numbers.h"
#include "pixel/functional_groups.h"

namespace pacs::pixel {
namespace {

using dicom::DataSetView;
using dicom::Tag;

constexpr Tag kPixelPaddingValue{0x0028, 0x0120};
constexpr Tag kPixelPaddingRangeLimit{0x0028, 0x0121};
constexpr Tag kWindowCenter{0x0028, 0x1050};
constexpr Tag kWindowWidth{0x0028, 0x1051};
constexpr Tag kRescaleIntercept{0x0028, 0x1052};
constexpr Tag kRescaleSlope{0x0028, 0x1053};
constexpr Tag kVoiLutFunction{0x0028, 0x1056};
constexpr Tag kModalityLutSequence{0x0028, 0x3000};
constexpr Tag kLutDescriptor{0x0028, 0x3002};
constexpr Tag kLutData{0x0028, 0x3006};
constexpr Tag kVoiLutSequence{0x0028, 0x3010};
constexpr Tag kFrameVoiLutSequence{0x0028, 0x9132};
constexpr Tag kPixelValueTransformationSequence{0x0028, 0x9145};
constexpr Tag kPresentationLutShape{0x2050, 0x0020};

std::string_view text_of(DataSetView data_set, Tag tag) {
  const auto element = data_set.find(tag);
  return element && element->is_in_memory() ? element->text() : std::string_view();
}

// Reads one presentation from one header, or what a presentation state says of it.
class PresentationReader {
 public:
  PresentationReader(DataSetView state, FirstMapped stored)
      : data_set_(state), frame_index_(0), stored_(stored) {}
  PresentationReader(const dicom::Header& header, size_t frame_index)
      : data_set_(header.data_set.root()),
        frame_index_(frame_index),
        photometric_(text_of(data_set_, dicom::tags::kPhotometricInterpretation)) {
    const auto representation = find_number(data_set_, dicom::tags::kPixelRepresentation);
    stored_ = representation == 1 ? FirstMapped::is_signed : FirstMapped::is_unsigned;
  }

  // Into one whose tables and windows are empty.
  void read_state(const std::optional<DataSetView>& voi, Presentation& presentation) const {
    read_modality(presentation);
    if (voi) read_voi(*voi, presentation);
    presentation.is_inverted = text_of(data_set_, kPresentationLutShape) == "INVERSE";
  }

  Result<Presentation> read() {
    Presentation presentation;
    read_modality(presentation);
    read_voi(
        find_functional_group(data_set_, frame_index_, kFrameVoiLutSequence).value_or(data_set_),
        presentation);
    presentation.is_inverted =
        photometric_ == "MONOCHROME1" || text_of(data_set_, kPresentationLutShape) == "INVERSE";
    read_padding(presentation);
    presentation.overlays = read_overlays(data_set_, frame_index_);
    if (photometric_ == "PALETTE COLOR") {
      presentation.palette = PACS_TRY(Palette::read(data_set_, stored_));
    }
    return presentation;
  }

 private:
  void read_modality(Presentation& presentation) const {
    const auto macro =
        find_functional_group(data_set_, frame_index_, kPixelValueTransformationSequence);
    const auto item = find_first_item(data_set_, kModalityLutSequence);
    if (item && !macro) {
      presentation.modality_table = LookUpTable::read(*item, kLutDescriptor, kLutData, stored_);
    }
    const DataSetView from = macro.value_or(data_set_);
    const double slope = find_number(from, kRescaleSlope).value_or(1);
    const double intercept = find_number(from, kRescaleIntercept).value_or(0);
    if (slope == 0) return;
    presentation.slope = slope;
    presentation.intercept = intercept;
  }

  void read_voi(DataSetView from, Presentation& presentation) const {
    presentation.window = read_window(from);
    const auto item = find_first_item(from, kVoiLutSequence);
    if (presentation.window || !item) return;
    // Its input is what the Modality LUT gives, which may be below zero (PS3.3 C.11.2.1.1).
    const bool may_be_negative = !presentation.modality_table &&
                                 (stored_ == FirstMapped::is_signed || presentation.intercept < 0);
    presentation.voi_table =
        LookUpTable::read(*item, kLutDescriptor, kLutData,
                          may_be_negative ? FirstMapped::is_signed : FirstMapped::is_unsigned);
  }

  std::optional<Window> read_window(DataSetView from) const {
    const auto center = find_number(from, kWindowCenter);
    const auto width = find_number(from, kWindowWidth);
    if (!center || !width) return std::nullopt;
    Window window{*center, *width, Window::Shape::linear};
    const std::string_view function = text_of(from, kVoiLutFunction);
    if (function == "LINEAR_EXACT") window.shape = Window::Shape::linear_exact;
    if (function == "SIGMOID") window.shape = Window::Shape::sigmoid;
    // Images of fractions have widths below 1, which LINEAR does not know.
    if (window.shape == Window::Shape::linear && window.width < 1) {
      window.shape = Window::Shape::linear_exact;
    }
    return window.is_valid() ? std::optional(window) : std::nullopt;
  }

  void read_padding(Presentation& presentation) const {
    const auto value = find_number(data_set_, kPixelPaddingValue);
    if (!value) return;
    const double limit = find_number(data_set_, kPixelPaddingRangeLimit).value_or(*value);
    presentation.padding = std::minmax(as_stored(*value), as_stored(limit));
  }

  // US of a data set of signed pixels that is implicit VR is meant signed.
  [[nodiscard]] double as_stored(double value) const {
    return stored_ == FirstMapped::is_signed && value >= 0x8000 ? value - 0x1'0000 : value;
  }

  const DataSetView data_set_;
  const size_t frame_index_;
  const std::string_view photometric_;
  FirstMapped stored_ = FirstMapped::is_unsigned;
};

}  // namespace

void Presentation::take_luts_of(DataSetView state, const std::optional<DataSetView>& voi,
                                const PixelFormat& format) {
  Presentation of_state;
  PresentationReader(state, format.is_signed ? FirstMapped::is_signed : FirstMapped::is_unsigned)
      .read_state(voi, of_state);
  modality_table = std::move(of_state.modality_table);
  slope = of_state.slope;
  intercept = of_state.intercept;
  window = of_state.window;
  voi_table = std::move(of_state.voi_table);
  is_inverted = of_state.is_inverted;
}

Result<Presentation> Presentation::of(const dicom::Header& header, size_t frame_index) {
  return PresentationReader(header, frame_index).read();
}

}  // namespace pacs::pixel
