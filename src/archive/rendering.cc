#include "archive/rendering.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>
#include <utility>

#include "archive/annotation.h"
#include "archive/staged_access.h"
#include "core/log.h"
#include "dicom/picture_info.h"
#include "pixel/colour_conversion.h"
#include "pixel/element_numbers.h"
#include "pixel/icc_profile.h"
#include "pixel/picture_file.h"
#include "pixel/presentation.h"
#include "pixel/render.h"
#include "pixel/softcopy_state.h"
#include "pixel/text_on_picture.h"
#include "pixel/type_icon.h"

namespace pacs::archive {
namespace {

constexpr size_t kThumbnailBytesKept = size_t{64} << 20;
// A picture file is decoded from memory.
constexpr uint64_t kPictureFileBytesMax = uint64_t{256} << 20;
constexpr int kThumbnailQuality = 80;
constexpr size_t kStateFramesMax = 1'000;
constexpr std::string_view kJpegBaseline = "1.2.840.10008.1.2.4.50";

constexpr dicom::Tag kIccProfile{0x0028, 0x2000};
constexpr dicom::Tag kOpticalPaths{0x0048, 0x0105};
constexpr dicom::Tag kFrameTime{0x0018, 0x1063};
constexpr dicom::Tag kCineRate{0x0018, 0x0040};
constexpr dicom::Tag kRecommendedDisplayFrameRate{0x0008, 0x2144};
constexpr double kFrameTimeDefault = 100;

Error cannot_show(std::string_view why) {
  return unsupported("not_acceptable", "no picture of it can be made: " + std::string(why) +
                                           "; the stored file can be retrieved as it is");
}

// What a decoder or renderer says of the pixels is no mistake of who asks.
Error shown_error(Error error) {
  const bool is_of_pixels = error.code == ErrorCode::unsupported || error.reason == "pixel_data";
  return is_of_pixels ? cannot_show(error.detail) : error;
}

// Of the data set, or of the first optical path that has one (PS3.3 C.7.6.3.1.5, C.8.12.5).
std::optional<dicom::ElementView> find_profile(dicom::DataSetView data_set) {
  if (auto own = data_set.find(kIccProfile)) return own;
  const auto paths = data_set.find(kOpticalPaths);
  if (!paths || !paths->is_sequence()) return std::nullopt;
  for (size_t i = 0; i < paths->item_count(); ++i) {
    if (auto own = paths->item(i).find(kIccProfile)) return own;
  }
  return std::nullopt;
}

pixel::RgbSpace space_of(IccProfile wanted) {
  switch (wanted) {
    case IccProfile::adobe_rgb:
      return pixel::RgbSpace::adobe_rgb;
    case IccProfile::romm_rgb:
      return pixel::RgbSpace::romm_rgb;
    case IccProfile::display_p3:
      return pixel::RgbSpace::display_p3;
    default:
      return pixel::RgbSpace::srgb;
  }
}

// Grey values as colours, which a profile of colours can be embedded with.
void make_rgb(pixel::Picture& picture) {
  if (picture.colour == pixel::Picture::Colour::rgb) return;
  std::vector<uint8_t> samples;
  samples.reserve(picture.samples.size() * 3);
  for (const uint8_t grey : picture.samples) samples.insert(samples.end(), 3, grey);
  picture.samples = std::move(samples);
  picture.colour = pixel::Picture::Colour::rgb;
}

// Milliseconds between the frames of a cine loop (PS3.3 C.7.6.5).
uint32_t delay_of(const ShownImage& image) {
  const dicom::DataSetView data_set = image.header.data_set;
  double delay = pixel::find_number(data_set, kFrameTime).value_or(0);
  for (const dicom::Tag rate_tag : {kRecommendedDisplayFrameRate, kCineRate}) {
    const double rate = pixel::find_number(data_set, rate_tag).value_or(0);
    if (!(delay > 0) && rate > 0) delay = 1000 / rate;
  }
  if (!(delay > 0)) delay = kFrameTimeDefault;
  return static_cast<uint32_t>(std::clamp(delay, 20.0, 10'000.0));
}

std::vector<std::string_view> views_of(const std::vector<std::string>& lines) {
  return {lines.begin(), lines.end()};
}

void burn_text(const ShownImage& image, size_t frame, const RenderingTerms& terms,
               pixel::Picture& picture) {
  const dicom::DataSetView data_set = image.header.data_set;
  std::vector<std::string> patient;
  std::vector<std::string> technique;
  if (terms.has_patient_text) patient = patient_lines(data_set);
  if (terms.has_technique_text) technique = technique_lines(data_set, frame, image.frame_count());
  pixel::annotate(views_of(patient), views_of(technique), picture);
}

Result<std::string> encoded(const pixel::Picture& picture, const RenderingTerms& terms,
                            Bytes profile) {
  auto file = terms.form == RenderedForm::png ? pixel::to_png(picture, profile)
                                              : pixel::to_jpeg(picture, terms.quality, profile);
  if (!file) return shown_error(std::move(file).error());
  return std::move(*file);
}

std::string thumbnail_key(const index::ImageRecord& record, std::optional<size_t> frame,
                          const RenderingTerms& terms) {
  return std::to_string(record.id) + "|" + record.attributes.sha256.hex() + "|" +
         (frame ? std::to_string(*frame) : "middle") + "|" + std::to_string(terms.viewport->width) +
         "x" + std::to_string(terms.viewport->height) +
         (terms.form == RenderedForm::png ? "|png" : "|jpeg");
}

// A thumbnail fits its viewport and is never enlarged.
RenderingTerms thumbnail_terms(const RenderingTerms& asked) {
  RenderingTerms terms;
  terms.form = asked.form;
  terms.quality = kThumbnailQuality;
  Viewport viewport;
  viewport.width = asked.viewport ? asked.viewport->width : kThumbnailSide;
  viewport.height = asked.viewport ? asked.viewport->height : kThumbnailSide;
  viewport.may_enlarge = false;
  terms.viewport = viewport;
  return terms;
}

}  // namespace

RenderingService::RenderingService(RetrieveService& retrieve, index::Database& database,
                                   pixel::FrameDecoder& decoder, FrameGate& gate)
    : retrieve_(retrieve),
      images_(database),
      decoder_(decoder),
      gate_(gate),
      thumbnails_(kThumbnailBytesKept) {}

Result<ShownImage> RenderingService::open(const index::Scope& scope,
                                          const index::ImageRecord& record) {
  const auto frame_table = PACS_TRY(images_.frame_table(scope, record.id));
  ShownImage image = PACS_TRY(open_to_show(retrieve_, record, frame_table));
  if (image.shown_as == ShownAs::text &&
      pixel::is_softcopy_state(record.attributes.sop_class_uid)) {
    PACS_TRY(find_state_frames(scope, image));
  }
  return image;
}

// Those of its own study alone: whoever may see a state may see what stands beside it.
Result<void> RenderingService::find_state_frames(const index::Scope& scope, ShownImage& state) {
  StateFrames found{scope, {}};
  for (const auto& reference : pixel::references_of(state.header.data_set.root())) {
    const auto uid = dicom::SopInstanceUid::parse(reference.image_uid);
    if (!uid) continue;
    const auto record = PACS_TRY(images_.find(scope, *uid));
    if (!record || record->study_id != state.opened.record.study_id) continue;
    std::vector<size_t> frames = reference.frames;
    const auto count = static_cast<size_t>(std::max<int64_t>(record->attributes.frames, 1));
    for (size_t i = 0; reference.frames.empty() && i < count && i < kStateFramesMax; ++i) {
      frames.push_back(i);
    }
    for (const size_t frame : frames) {
      if (frame < count && found.frames.size() < kStateFramesMax) {
        found.frames.push_back({*record, frame});
      }
    }
  }
  if (found.frames.empty()) return {};
  state.state_frames = std::move(found);
  state.shown_as = ShownAs::frames;
  return {};
}

Result<std::string> RenderingService::picture(ShownImage& image, size_t frame,
                                              const RenderingTerms& terms) {
  const auto pass = PACS_TRY(gate_.enter());
  Bytes profile;
  const pixel::Picture picture = PACS_TRY(decoded_picture(image, frame, terms, &profile));
  return encoded(picture, terms, profile);
}

Result<std::string> RenderingService::animation(ShownImage& image,
                                                const std::vector<size_t>& frames,
                                                const RenderingTerms& terms) {
  if (frames.size() > kAnimationFramesMax) {
    return resource_exhausted("too_large", "an animation has at most 1000 frames");
  }
  if (terms.icc_profile != IccProfile::no) return cannot_show("a GIF has no ICC profile");
  std::optional<pixel::GifWriter> gif;
  std::pair<uint32_t, uint32_t> size;
  for (const size_t frame : frames) {
    const auto pass = PACS_TRY(gate_.enter());
    const pixel::Picture picture = PACS_TRY(decoded_picture(image, frame, terms, nullptr));
    if (!gif) {
      using Palette = pixel::GifWriter::Palette;
      const bool is_grey = picture.colour == pixel::Picture::Colour::grey;
      size = {picture.width, picture.height};
      if (std::max(picture.width, picture.height) > UINT16_MAX)
        return cannot_show("it is too wide");
      gif.emplace(picture.width, picture.height, is_grey ? Palette::grey : Palette::colour,
                  frames.size() > 1 ? delay_of(image) : 0);
    }
    if (size != std::pair(picture.width, picture.height)) {
      return cannot_show("its frames are not of one size");
    }
    gif->add(picture);
    if (gif->size() > kAnimationBytesMax) {
      return resource_exhausted("too_large",
                                "the animation is too large: ask for fewer frames or for a "
                                "smaller viewport");
    }
  }
  return gif->finish();
}

Result<pixel::Picture> RenderingService::decoded_picture(ShownImage& image, size_t frame,
                                                         const RenderingTerms& terms,
                                                         Bytes* profile) {
  Result<pixel::Picture> whole = image.shown_as == ShownAs::picture
                                     ? picture_of_file(image, terms)
                                     : picture_of_frame(image, frame, terms);
  if (!whole) return shown_error(std::move(whole).error());
  pixel::Picture picture = std::move(*whole);
  if (terms.viewport) picture = PACS_TRY(pixel::show_in(*terms.viewport, picture));
  if (profile != nullptr) *profile = PACS_TRY(manage_colours(image, terms.icc_profile, picture));
  if (terms.has_patient_text || terms.has_technique_text) burn_text(image, frame, terms, picture);
  return picture;
}

// Converts `picture` where that is wanted, and tells the profile to embed. What has none is sRGB
// (PS3.3 C.11.15.1.2).
Result<Bytes> RenderingService::manage_colours(const ShownImage& image, IccProfile wanted,
                                               pixel::Picture& picture) {
  if (wanted == IccProfile::no) return Bytes();
  if (image.shown_as == ShownAs::picture) {
    return cannot_show("the profile of a JPEG or PNG file is not known here");
  }
  const bool is_grey = picture.colour == pixel::Picture::Colour::grey;
  const auto own = is_grey ? std::nullopt : find_profile(image.header.data_set);
  if (own && (!own->is_in_memory() || !pixel::looks_like_profile(own->value()))) {
    return cannot_show("its ICC profile is damaged");
  }
  if (wanted == IccProfile::yes && own) return own->value();
  if (wanted == IccProfile::yes || (wanted == IccProfile::srgb && !own)) {
    return Bytes(pixel::srgb_profile(picture.colour));
  }
  make_rgb(picture);
  pixel::PixelFormat format;
  format.rows = picture.height;
  format.columns = picture.width;
  format.samples_per_pixel = 3;
  format.photometric_interpretation = "RGB";
  const Bytes source = own ? own->value() : Bytes(pixel::srgb_profile(picture.colour));
  const ByteVector& target = pixel::profile_of_space(space_of(wanted));
  const Bytes pixels = std::as_bytes(std::span(picture.samples));
  auto converted =
      decoder_.convert_colours(format, pixel::conversion_request(source, target, pixels));
  if (!converted) {
    const bool is_of_profile =
        converted.error().reason == "icc_profile" || converted.error().reason == "pixel_data";
    return is_of_profile ? cannot_show("its ICC profile is damaged, or none of RGB colours")
                         : std::move(converted).error();
  }
  for (size_t i = 0; i < picture.samples.size(); ++i) {
    picture.samples[i] = std::to_integer<uint8_t>(converted->bytes[i]);
  }
  return Bytes(target);
}

Result<pixel::Picture> RenderingService::picture_by_state(ShownImage& image, size_t frame,
                                                          const RenderingTerms& terms) {
  const StateFrames::Frame& shown = image.state_frames->frames[frame];
  const auto frame_table = PACS_TRY(images_.frame_table(image.state_frames->scope, shown.image.id));
  ShownImage other = PACS_TRY(open_to_show(retrieve_, shown.image, frame_table));
  if (other.shown_as != ShownAs::frames || shown.frame >= other.frame_count()) {
    return cannot_show("what the presentation state refers to has no such frame");
  }
  RenderingTerms by_state = terms;
  by_state.presentation_state = &image.header.data_set;
  return picture_of_frame(other, shown.frame, by_state);
}

Result<pixel::Picture> RenderingService::picture_of_frame(ShownImage& image, size_t frame,
                                                          const RenderingTerms& terms) {
  if (image.state_frames) return picture_by_state(image, frame, terms);
  std::optional<pixel::SoftcopyState> state;
  if (terms.presentation_state != nullptr) {
    state =
        PACS_TRY(pixel::SoftcopyState::of(terms.presentation_state->root(), image.header, frame));
  }
  const auto presentation =
      state ? state->presentation : PACS_TRY(pixel::Presentation::of(image.header, frame));
  const auto stated = PACS_TRY(pixel::PixelFormat::of(image.header));
  ByteVector stored = PACS_TRY(read_frame(retrieve_, image, frame));
  const std::string_view syntax = image.header.transfer_syntax.is_deflated
                                      ? dicom::kExplicitVrLittleEndian
                                      : std::string_view(image.header.transfer_syntax_uid);
  const pixel::Frame decoded = PACS_TRY(decoder_.decode_given(syntax, stated, std::move(stored)));
  pixel::Picture picture = PACS_TRY(pixel::render(decoded, presentation, terms.window));
  return state ? state->arrange(std::move(picture)) : picture;
}

Result<pixel::Picture> RenderingService::picture_of_file(ShownImage& image,
                                                         const RenderingTerms& terms) {
  if (terms.presentation_state != nullptr) {
    return cannot_show("a presentation state is for DICOM images");
  }
  const uint64_t size = image.opened.blob->size_bytes();
  if (size > kPictureFileBytesMax) return cannot_show("the file is too large");
  const auto info = PACS_TRY(dicom::read_picture_info(BlobAccess(*image.opened.blob)));
  if (uint64_t{info.width} * info.height > pixel::kPicturePixelsMax) {
    return cannot_show("it has too many pixels");
  }
  ByteVector file(size);
  if (PACS_TRY(image.opened.blob->read_at(0, file)) != file.size()) {
    return corrupt("damaged", "the stored image ends too early");
  }
  if (image.media == dicom::MediaKind::png) return pixel::from_png(file);
  pixel::PixelFormat stated;
  stated.rows = info.height;
  stated.columns = info.width;
  stated.samples_per_pixel = static_cast<uint16_t>(info.components);
  stated.photometric_interpretation = info.components == 1 ? "MONOCHROME2"
                                      : info.is_rgb        ? "RGB"
                                                           : "YBR_FULL_422";
  if (info.bits != 8 || (info.components != 1 && info.components != 3)) {
    return cannot_show("a JPEG of such samples is not decoded");
  }
  const pixel::Frame decoded = PACS_TRY(decoder_.decode(kJpegBaseline, stated, file));
  // Eight bits are as they were taken: nothing is stretched.
  return pixel::turned_upright(PACS_TRY(pixel::render(decoded, {}, pixel::window_between(0, 255))),
                               info.orientation);
}

Result<std::string> RenderingService::thumbnail(const index::Scope& scope,
                                                const index::ImageRecord& record,
                                                std::optional<size_t> frame,
                                                const RenderingTerms& asked) {
  const RenderingTerms terms = thumbnail_terms(asked);
  const std::string key = thumbnail_key(record, frame, terms);
  if (auto kept = thumbnails_.find(key)) return std::move(*kept);
  std::string made = PACS_TRY(make_thumbnail(scope, record, frame, terms));
  thumbnails_.put(key, made);
  return made;
}

Result<std::string> RenderingService::make_thumbnail(const index::Scope& scope,
                                                     const index::ImageRecord& record,
                                                     std::optional<size_t> frame,
                                                     const RenderingTerms& terms) {
  ShownImage image = PACS_TRY(open(scope, record));
  if (frame && *frame >= image.frame_count()) {
    return not_found("no_such_frame", "the instance has no such frame");
  }
  if (image.shown_as == ShownAs::frames || image.shown_as == ShownAs::picture) {
    auto picture = this->picture(image, frame.value_or(image.frame_count() / 2), terms);
    const bool is_shown = picture || picture.error().reason != "not_acceptable";
    if (is_shown) return picture;
    log_info("no_thumbnail", {{"image_id", record.id}, {"detail", picture.error().detail}});
  }
  const pixel::Picture icon =
      pixel::type_icon(std::min(terms.viewport->width, kThumbnailSide),
                       std::min(terms.viewport->height, kThumbnailSide), image.type_label());
  return encoded(icon, terms, {});
}

}  // namespace pacs::archive
