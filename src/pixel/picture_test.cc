// Scaling, flipping, lettering and the files of pictures. (N3, N4, N6, N7)
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pixel/icc_profile.h"
#include "pixel/picture_file.h"
#include "pixel/text_on_picture.h"
#include "pixel/type_icon.h"
#include "pixel/viewport.h"

namespace pacs::pixel {
namespace {

Picture grey_picture(uint32_t width, std::vector<uint8_t> samples) {
  Picture picture = blank_picture(width, static_cast<uint32_t>(samples.size()) / width);
  picture.samples = std::move(samples);
  return picture;
}

TEST(Viewport, AveragesWhatAPixelCoversAndKeepsTheProportions) {
  const Picture picture = grey_picture(4, {0, 10, 100, 200, 20, 30, 40, 60});
  const auto shown = show_in({.width = 2, .height = 2}, picture);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->width, 2U);
  EXPECT_EQ(shown->height, 1U);
  EXPECT_EQ(shown->samples, (std::vector<uint8_t>{15, 100}));
  const auto thirds = show_in({.width = 1, .height = 9}, grey_picture(3, {30, 60, 90}));
  EXPECT_EQ(thirds->samples, (std::vector<uint8_t>{60}));
}

TEST(Viewport, EnlargesByInterpolation) {
  const auto shown = show_in({.width = 4, .height = 4}, grey_picture(2, {0, 100, 0, 100}));
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->samples,
            (std::vector<uint8_t>{0, 25, 75, 100, 0, 25, 75, 100, 0, 25, 75, 100, 0, 25, 75, 100}));
  const auto kept =
      show_in({.width = 9, .height = 9, .may_enlarge = false}, grey_picture(2, {1, 2, 3, 4}));
  EXPECT_EQ(kept->samples, (std::vector<uint8_t>{1, 2, 3, 4}));
}

TEST(Viewport, CutsARegionOutAndFlipsIt) {
  const Picture picture = grey_picture(3, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  Viewport viewport{.width = 2, .height = 2, .left = 1, .top = 1};
  EXPECT_EQ(show_in(viewport, picture)->samples, (std::vector<uint8_t>{5, 6, 8, 9}));
  viewport.is_flipped_horizontally = true;
  EXPECT_EQ(show_in(viewport, picture)->samples, (std::vector<uint8_t>{6, 5, 9, 8}));
  viewport.is_flipped_vertically = true;
  EXPECT_EQ(show_in(viewport, picture)->samples, (std::vector<uint8_t>{9, 8, 6, 5}));
  viewport.region_width = 3;
  ASSERT_FALSE(show_in(viewport, picture));
  EXPECT_EQ(show_in(viewport, picture).error().reason, "bad_viewport");
}

TEST(Viewport, TurnsAPhotographUpright) {
  // 1 2 3 above 4 5 6; which sample comes first, and how wide the upright picture is.
  const Picture picture = grey_picture(3, {1, 2, 3, 4, 5, 6});
  const std::vector<std::vector<uint8_t>> upright = {
      {1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, {6, 5, 4, 3, 2, 1}, {4, 5, 6, 1, 2, 3},
      {1, 4, 2, 5, 3, 6}, {4, 1, 5, 2, 6, 3}, {6, 3, 5, 2, 4, 1}, {3, 6, 2, 5, 1, 4}};
  for (uint8_t orientation = 1; orientation <= 8; ++orientation) {
    const Picture turned = turned_upright(picture, orientation);
    EXPECT_EQ(turned.width, orientation < 5 ? 3U : 2U) << int{orientation};
    EXPECT_EQ(turned.samples, upright[orientation - 1U]) << int{orientation};
  }
}

TEST(PictureFile, WritesPngThatIsReadAgain) {
  Picture picture = blank_picture(3, 2, Picture::Colour::rgb);
  for (size_t i = 0; i < picture.samples.size(); ++i)
    picture.samples[i] = static_cast<uint8_t>(i * 13);
  const auto file = to_png(picture, srgb_profile(Picture::Colour::rgb));
  ASSERT_TRUE(file);
  EXPECT_NE(file->find("iCCP"), std::string::npos);
  const auto again = from_png(as_bytes(*file));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->samples, picture.samples);
  EXPECT_FALSE(from_png(as_bytes(std::string_view(*file).substr(0, file->size() / 2))));
  EXPECT_FALSE(from_png({}));
}

TEST(PictureFile, WritesJpegSmallerWithLessQualityAndItsProfileInPieces) {
  Picture picture = blank_picture(64, 64);
  for (size_t i = 0; i < picture.samples.size(); ++i)
    picture.samples[i] = static_cast<uint8_t>(i * i);
  const auto best = to_jpeg(picture, 100);
  const auto worst = to_jpeg(picture, 1);
  ASSERT_TRUE(best && worst);
  EXPECT_LT(worst->size() * 4, best->size());
  const ByteVector large(100'000);
  const auto file = to_jpeg(picture, 90, large);
  ASSERT_TRUE(file);
  EXPECT_NE(file->find(std::string("ICC_PROFILE\0\x02\x02", 14)), std::string::npos);
  EXPECT_GT(file->size(), large.size());
  EXPECT_FALSE(to_jpeg(blank_picture(65'501, 1), 90));
}

TEST(IccProfile, KnowsOneByItsHeader) {
  EXPECT_TRUE(looks_like_profile(srgb_profile(Picture::Colour::grey)));
  EXPECT_TRUE(looks_like_profile(srgb_profile(Picture::Colour::rgb)));
  ByteVector damaged = srgb_profile(Picture::Colour::rgb);
  damaged.pop_back();
  EXPECT_FALSE(looks_like_profile(damaged));
  EXPECT_FALSE(looks_like_profile({}));
}

TEST(TextOnPicture, StaysInsideAndIsWhiteOnWhite) {
  Picture picture = grey_picture(20, std::vector<uint8_t>(20 * 14, 255));
  draw_text("A\xC3\xA9\xE6\x97\xA5", {0, 0, 1}, picture);
  EXPECT_EQ(picture.samples[2 * 20 + 2], 255) << "the tip of the A";
  EXPECT_EQ(picture.samples[2 * 20 + 1], 0) << "its edge";
  annotate({std::string_view("much more than there is room for")}, {"\xFF broken"}, picture);
  draw_text("far away", {-1'000'000, 1'000'000, 64}, picture);
}

TEST(TypeIcon, HasTheSizeThatWasAskedForAndAWord) {
  const Picture icon = type_icon(64, 48, "PDF");
  EXPECT_EQ(icon.pixels(), 64U * 48U);
  EXPECT_NE(icon.samples, type_icon(64, 48, "SR").samples);
  EXPECT_EQ(type_icon(1, 1, "").width, 16U);
}

}  // namespace
}  // namespace pacs::pixel
