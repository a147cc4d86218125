#include "pixel/frame.h"

#include <gtest/gtest.h>

#include "tests/support/dicom_builder.h"

namespace pacs::pixel {
namespace {

using dicom::Vr;
using pacs::testing::DicomBuilder;
namespace tags = dicom::tags;

DicomBuilder slice_with_pixels() { return DicomBuilder::ct_slice("1.2.3", "1.2.3.4", "1.2.3.4.5"); }

Result<PixelFormat> format_of_file(const DicomBuilder& builder) {
  const std::string file = builder.build();
  const auto header = dicom::read_header(dicom::MemoryAccess(as_bytes(file)));
  EXPECT_TRUE(header);
  return PixelFormat::of(*header);
}

TEST(PixelFormatTest, TellsTheImagePixelModule) {
  const auto format = format_of_file(slice_with_pixels()
                                         .number(tags::kBitsStored, Vr::US, 12)
                                         .number({0x0028, 0x0102}, Vr::US, 11)
                                         .number(tags::kPixelRepresentation, Vr::US, 1));
  ASSERT_TRUE(format) << to_string(format.error());
  EXPECT_EQ(format->rows, 4U);
  EXPECT_EQ(format->columns, 4U);
  EXPECT_EQ(format->samples_per_pixel, 1);
  EXPECT_EQ(format->bits_allocated, 16);
  EXPECT_EQ(format->bits_stored, 12);
  EXPECT_EQ(format->high_bit, 11);
  EXPECT_TRUE(format->is_signed);
  EXPECT_EQ(format->photometric_interpretation, "MONOCHROME2");
  EXPECT_EQ(format->frame_bytes(), 32U);
}

TEST(PixelFormatTest, CountsTheBytesOfOneBitAndOfHalvedChrominance) {
  PixelFormat bits;
  bits.rows = 3;
  bits.columns = 5;
  bits.bits_allocated = bits.bits_stored = 1;
  EXPECT_EQ(bits.frame_bytes(), 2U);

  PixelFormat halved;
  halved.rows = 4;
  halved.columns = 6;
  halved.samples_per_pixel = 3;
  halved.photometric_interpretation = "YBR_FULL_422";
  EXPECT_EQ(halved.frame_bytes(), 48U);
}

TEST(PixelFormatTest, RefusesWhatNoImageCanBe) {
  EXPECT_EQ(format_of_file(slice_with_pixels().remove(tags::kPixelData)).error().reason,
            "no_pixels");
  EXPECT_EQ(format_of_file(slice_with_pixels().number(tags::kRows, Vr::US, 0)).error().reason,
            "pixel_format");
  EXPECT_EQ(
      format_of_file(slice_with_pixels().number(tags::kBitsAllocated, Vr::US, 7)).error().reason,
      "pixel_format");
  EXPECT_EQ(
      format_of_file(slice_with_pixels().number(tags::kSamplesPerPixel, Vr::US, 9)).error().reason,
      "pixel_format");
  // 65,535 by 65,535 pixels of two bytes: no memory is taken for a number that somebody wrote.
  EXPECT_EQ(format_of_file(slice_with_pixels()
                               .number(tags::kRows, Vr::US, 65535)
                               .number(tags::kColumns, Vr::US, 65535))
                .error()
                .reason,
            "pixel_format");
}

}  // namespace
}  // namespace pacs::pixel
