// How somebody wants to see an image (PS3.18 8.3.5).
#pragma once

#include <optional>

#include "dicom/data_set.h"
#include "pixel/picture_file.h"
#include "pixel/viewport.h"
#include "pixel/window.h"

namespace pacs::archive {

using Viewport = pixel::Viewport;
using Window = pixel::Window;
using pixel::kViewportSideMax;

enum class RenderedForm { jpeg, png };

// What is embedded into a picture (PS3.18 8.3.5.1.5). `yes`: the profile of the file, or sRGB where
// it has none. The others are colour spaces that its colours are converted to.
enum class IccProfile { no, yes, srgb, adobe_rgb, romm_rgb, display_p3 };

struct RenderingTerms {
  RenderedForm form = RenderedForm::jpeg;
  int quality = pixel::kJpegQualityDefault;  // 1 to 100, of JPEG
  std::optional<Viewport> viewport{};        // nothing: the whole image, as large as it is
  std::optional<Window> window{};            // of grey images, in the place of their own
  IccProfile icc_profile = IccProfile::no;
  // A presentation state that the image is shown by; it outlives the terms.
  const dicom::DataSet* presentation_state = nullptr;
  bool has_patient_text = false;  // burned in: who it is
  bool has_technique_text = false;
};

}  // namespace pacs::archive
