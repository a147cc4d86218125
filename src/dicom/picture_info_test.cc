#include "dicom/picture_info.h"

#include <string>

#include <gtest/gtest.h>

namespace pacs::dicom {
namespace {

using namespace std::string_literals;

Result<PictureInfo> info_of(const std::string& file) {
  return read_picture_info(MemoryAccess(as_bytes(file)));
}

std::string reason_of(const std::string& file) {
  const auto info = info_of(file);
  return info ? "no error" : info.error().reason;
}

const std::string kJpegStart =
    "\xFF\xD8\xFF\xE0\0\x04JF\xFF\xFF\xC2\0\x11\x08\x01\x02\x03\x04\x03\1\x22\0\2\x11\1\3\x11\1"s;
const std::string kPng = "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x02\x80\0\0\x01\xE0\x10\x06\0\0\0"s;

TEST(PictureInfoTest, ReadsTheFrameHeaderOfAJpeg) {
  const auto info = info_of(kJpegStart);
  ASSERT_TRUE(info) << to_string(info.error());
  EXPECT_EQ(info->kind, MediaKind::jpeg);
  EXPECT_EQ(info->width, 0x0304U);
  EXPECT_EQ(info->height, 0x0102U);
  EXPECT_EQ(info->components, 3U);
  EXPECT_EQ(info->jpeg_process, 2U);
  EXPECT_FALSE(info->is_rgb);
  EXPECT_EQ(info->bits, 8U);
}

TEST(PictureInfoTest, ReadsWhetherTheColoursOfAJpegAreRgb) {
  const std::string frame = "\xFF\xC0\0\x11\x08\x01\x02\x03\x04\x03"s;
  const std::string ids = "\1\x22\0\2\x11\1\3\x11\1"s;
  const auto adobe = [](char transform) {
    return "\xFF\xEE\0\x0E"
           "Adobe\0\x64\0\0\0\0"s +
           transform;
  };
  EXPECT_TRUE(info_of("\xFF\xD8" + adobe(0) + frame + ids)->is_rgb);
  EXPECT_FALSE(info_of("\xFF\xD8" + adobe(1) + frame + ids)->is_rgb);
  EXPECT_FALSE(info_of("\xFF\xD8" + frame + ids)->is_rgb);
  EXPECT_TRUE(info_of("\xFF\xD8" + frame + "R\x11\0G\x11\0B\x11\0"s)->is_rgb);
}

TEST(PictureInfoTest, ReadsTheHeaderOfAPng) {
  const auto info = info_of(kPng);
  ASSERT_TRUE(info) << to_string(info.error());
  EXPECT_EQ(info->kind, MediaKind::png);
  EXPECT_EQ(info->width, 640U);
  EXPECT_EQ(info->height, 480U);
  EXPECT_EQ(info->components, 4U);
  EXPECT_EQ(info->bits, 16U);
}

TEST(PictureInfoTest, SaysWhereAPictureIsCut) {
  for (size_t size = 8; size < 25; ++size) {
    EXPECT_EQ(reason_of(kJpegStart.substr(0, std::min(size, size_t{18}))), "truncated") << size;
    EXPECT_EQ(reason_of(kPng.substr(0, size)), "truncated") << size;
  }
}

TEST(PictureInfoTest, RefusesImpossiblePictures) {
  std::string wide = kPng;
  wide[16] = 1;  // 16,777,856 pixels
  EXPECT_EQ(reason_of(wide), "malformed");
  std::string flat = kPng;
  flat[22] = flat[23] = 0;
  EXPECT_EQ(reason_of(flat), "malformed");
  std::string colour = kPng;
  colour[25] = 1;
  EXPECT_EQ(reason_of(colour), "malformed");
  std::string bits = kPng;
  bits[24] = 0;
  EXPECT_EQ(reason_of(bits), "malformed");
  std::string samples = kJpegStart;
  samples[18] = 0;
  EXPECT_EQ(reason_of(samples), "malformed");
  std::string chunk = kPng;
  chunk[12] = 'X';
  EXPECT_EQ(reason_of(chunk), "malformed");
  EXPECT_EQ(reason_of("\xFF\xD8\xFF\xE0\0\1xxxxxxxx"s), "malformed");
  EXPECT_EQ(reason_of("\xFF\xD8\xFF\xE0\0\2xxxxxxxx"s), "malformed");
  EXPECT_EQ(reason_of("\xFF\xD8\xFF\xDA\0\2xxxxxxxx"s), "malformed");
}

TEST(PictureInfoTest, DoesNotSearchForeverForAFrameHeader) {
  std::string segments = "\xFF\xD8";
  for (int i = 0; i < 2000; ++i) segments += "\xFF\xE0\0\2"s;
  EXPECT_EQ(reason_of(segments + kJpegStart.substr(2)), "malformed");
  EXPECT_EQ(reason_of("\xFF\xD8" + std::string(100'000, '\xFF')), "malformed");
}

TEST(PictureInfoTest, KnowsNoOtherPicture) {
  const auto info = info_of("GIF89a, and so on");
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, ErrorCode::unsupported);
  EXPECT_EQ(info.error().reason, "not_a_picture");
}

}  // namespace
}  // namespace pacs::dicom
