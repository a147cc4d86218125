#include "archive/rendering.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "archive/archive_fixture.h"
#include "core/crypto.h"

namespace pacs::archive {
namespace {

using testing::DicomBuilder;

// Native pixels as they are; remembers what it was given, and fails on demand.
class RecordingDecoder final : public pixel::FrameDecoder {
 public:
  Result<pixel::Frame> decode(std::string_view /*transfer_syntax_uid*/,
                              const pixel::PixelFormat& stated, Bytes stored) override {
    stored_frames.emplace_back(as_text(stored));
    if (failure) return *failure;
    return pixel::Frame{stated, {stored.begin(), stored.end()}};
  }
  Result<pixel::Frame> convert_colours(const pixel::PixelFormat& /*format*/,
                                       Bytes /*request*/) override {
    return unsupported("not_acceptable", "this decoder knows no profiles");
  }

  std::vector<std::string> stored_frames;
  std::optional<Error> failure;
};

class RenderingTest : public ArchiveTest {
 protected:
  // Four frames of one pixel of 16 bits each, told apart by their value.
  static std::string cine(const std::string& image, char first = 'A') {
    std::string pixels;
    for (char frame = 0; frame < 4; ++frame) pixels += {static_cast<char>(first + frame), '\0'};
    return DicomBuilder::ct_slice("1.2", "1.2.3", image)
        .text(dicom::tags::kPatientId, dicom::Vr::LO, "P1")
        .number(dicom::tags::kRows, dicom::Vr::US, 1)
        .number(dicom::tags::kColumns, dicom::Vr::US, 1)
        .text(dicom::tags::kNumberOfFrames, dicom::Vr::IS, "4")
        .text({0x0028, 0x1050}, dicom::Vr::DS, "128")
        .text({0x0028, 0x1051}, dicom::Vr::DS, "256")
        .bytes(dicom::tags::kPixelData, dicom::Vr::OW, pixels)
        .build();
  }

  index::ImageRecord stored(const std::string& content) { return store(content)->image; }

  Result<std::string> png_of(const index::ImageRecord& record, size_t frame) {
    auto image = PACS_TRY(rendering_.open(tests::Scopes::everything(), record));
    return rendering_.picture(image, frame, {.form = RenderedForm::png});
  }

  Result<std::string> thumbnail_of(const index::ImageRecord& record,
                                   std::optional<size_t> frame = std::nullopt) {
    return rendering_.thumbnail(tests::Scopes::everything(), record, frame,
                                {.form = RenderedForm::png});
  }

  static uint8_t grey_of(const std::string& png) {
    const auto picture = pixel::from_png(as_bytes(png));
    EXPECT_TRUE(picture);
    return picture ? picture->samples.front() : 0;
  }

  RecordingDecoder decoder_;
  FrameGate gate_;
  RenderingService rendering_{retrieve_, *database_, decoder_, gate_};
};

TEST_F(RenderingTest, ReadsTheOneFrameThatIsAskedFor) {
  const auto record = stored(cine("1.2.3.4"));
  EXPECT_EQ(grey_of(*png_of(record, 2)), 'C');
  EXPECT_EQ(decoder_.stored_frames, (std::vector<std::string>{std::string("C\0", 2)}));
}

TEST_F(RenderingTest, MakesAThumbnailOnceForEachImageFrameAndSize) {
  const auto first = stored(cine("1.2.3.4"));
  const auto second = stored(cine("1.2.3.5", 'a'));
  EXPECT_EQ(grey_of(*thumbnail_of(first)), 'C') << "the middle one";
  EXPECT_EQ(grey_of(*thumbnail_of(first)), 'C');
  EXPECT_EQ(decoder_.stored_frames.size(), 1U);
  EXPECT_EQ(grey_of(*thumbnail_of(first, 0)), 'A');
  EXPECT_EQ(grey_of(*thumbnail_of(second)), 'c');
  EXPECT_EQ(decoder_.stored_frames.size(), 3U);
  EXPECT_EQ(thumbnail_of(first, 4).error().reason, "no_such_frame");
}

// What was removed and stored anew under the same UID with other pixels is another image.
TEST_F(RenderingTest, GivesNoThumbnailOfWhatWasThereBefore) {
  const auto before = stored(cine("1.2.3.4"));
  EXPECT_EQ(grey_of(*thumbnail_of(before)), 'C');
  auto after = before;
  overwrite(before.attributes.key, cine("1.2.3.4", 'a'));
  after.attributes.sha256 = sha256(as_bytes(cine("1.2.3.4", 'a')));
  EXPECT_EQ(grey_of(*thumbnail_of(after)), 'c');
}

TEST_F(RenderingTest, TellsWhatCannotBeDecodedAndGivesItAnIcon) {
  const auto record = stored(cine("1.2.3.4"));
  decoder_.failure = invalid_argument("pixel_data", "the bytes are no such frame");
  const auto refused = png_of(record, 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "not_acceptable");
  EXPECT_NE(refused.error().detail.find("the bytes are no such frame"), std::string::npos);
  const auto icon = thumbnail_of(record);
  ASSERT_TRUE(icon);
  EXPECT_EQ(pixel::from_png(as_bytes(*icon))->width, kThumbnailSide);
}

// Who asks again later must get the picture and not an icon that was made in need.
TEST_F(RenderingTest, KeepsNoIconForADecoderThatIsBusy) {
  const auto record = stored(cine("1.2.3.4"));
  decoder_.failure = unavailable("busy", "too many at once");
  EXPECT_EQ(thumbnail_of(record).error().reason, "busy");
  decoder_.failure.reset();
  EXPECT_EQ(grey_of(*thumbnail_of(record)), 'C');
}

TEST_F(RenderingTest, EndsAnAnimationThatIsTooLong) {
  const auto record = stored(cine("1.2.3.4"));
  auto image = rendering_.open(tests::Scopes::everything(), record);
  ASSERT_TRUE(image);
  const auto gif = rendering_.animation(*image, {0, 1, 2, 3}, {});
  ASSERT_TRUE(gif);
  EXPECT_TRUE(gif->starts_with("GIF89a"));
  const std::vector<size_t> frames(kAnimationFramesMax + 1);
  EXPECT_EQ(rendering_.animation(*image, frames, {}).error().reason, "too_large");
}

}  // namespace
}  // namespace pacs::archive
