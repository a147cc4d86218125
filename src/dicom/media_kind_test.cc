#include "dicom/media_kind.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/dicom_builder.h"

namespace pacs::dicom {
namespace {

using pacs::testing::DicomBuilder;
using namespace std::string_literals;

MediaKind sniff(const std::string& bytes) { return sniff_media_kind(as_bytes(bytes)); }

TEST(MediaKindTest, TellsTheFourKindsByTheirFirstBytes) {
  EXPECT_EQ(sniff("\xFF\xD8\xFF\xE0\0\x10JFIF"s), MediaKind::jpeg);
  EXPECT_EQ(sniff("\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR"s), MediaKind::png);
  EXPECT_EQ(sniff("%PDF-1.7\n"), MediaKind::pdf);
  EXPECT_EQ(sniff("\xEF\xBB\xBF\n%PDF-1.7\n"), MediaKind::pdf);
  EXPECT_EQ(sniff(std::string(128, '\0') + "DICM"), MediaKind::dicom);
  EXPECT_EQ(sniff("%PDF" + std::string(124, 'x') + "DICM"), MediaKind::dicom);
}

TEST(MediaKindTest, KnowsDicomWithoutPreamble) {
  for (const std::string_view uid :
       {kImplicitVrLittleEndian, kExplicitVrLittleEndian, kExplicitVrBigEndian}) {
    const DicomBuilder slice =
        DicomBuilder::ct_slice("1.2", "1.2.3", "1.2.3.4").transfer_syntax(uid);
    EXPECT_EQ(sniff(DicomBuilder(slice).without_preamble().build()), MediaKind::dicom) << uid;
    EXPECT_EQ(sniff(DicomBuilder(slice).without_preamble().without_meta().build()),
              MediaKind::dicom)
        << uid;
  }
}

TEST(MediaKindTest, TakesNothingElseForAnyOfThem) {
  for (const std::string& bytes :
       {""s, "\xFF"s, "\xFF\xD8"s, "GIF89a"s, "<html>"s, "PK\3\4"s, std::string(2000, '\0'),
        std::string(128, '\0') + "DIC", "\x08\0\x05\0\xFF\xFF\xFF\x7F"s, "\x08\0\x05\0"s,
        std::string(1100, ' ') + "%PDF-1.7"}) {
    EXPECT_EQ(sniff(bytes), MediaKind::other) << to_hex(as_bytes(bytes));
  }
}

TEST(MediaKindTest, HasAMimeTypeAndAnExtensionForEach) {
  EXPECT_EQ(mime_type(MediaKind::dicom), "application/dicom");
  EXPECT_EQ(mime_type(MediaKind::jpeg), "image/jpeg");
  EXPECT_EQ(mime_type(MediaKind::png), "image/png");
  EXPECT_EQ(mime_type(MediaKind::pdf), "application/pdf");
  EXPECT_EQ(mime_type(MediaKind::other), "application/octet-stream");
  EXPECT_EQ(file_extension(MediaKind::dicom), ".dcm");
  EXPECT_EQ(file_extension(MediaKind::jpeg), ".jpg");
  EXPECT_EQ(file_extension(MediaKind::png), ".png");
  EXPECT_EQ(file_extension(MediaKind::pdf), ".pdf");
  EXPECT_EQ(file_extension(MediaKind::other), "");
}

}  // namespace
}  // namespace pacs::dicom
