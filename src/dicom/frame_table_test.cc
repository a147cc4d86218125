#include "dicom/frame_table.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/support/dicom_builder.h"

namespace pacs::dicom {
namespace {

using pacs::testing::DicomBuilder;
using namespace std::string_literals;

constexpr std::string_view kJpeg = "1.2.840.10008.1.2.4.50";
const std::string kStart = "\xFF\xD8\xFF\xE0";

DicomBuilder image(int64_t rows, int64_t columns, int64_t bits, std::string_view frames) {
  return DicomBuilder::ct_slice("1.2", "1.2.3", "1.2.3.4")
      .number(tags::kRows, Vr::US, rows)
      .number(tags::kColumns, Vr::US, columns)
      .number(tags::kBitsAllocated, Vr::US, bits)
      .text(tags::kNumberOfFrames, Vr::IS, frames);
}

Result<FrameTable> table_of(const std::string& file) {
  const MemoryAccess access(as_bytes(file));
  const Header header = PACS_TRY(read_header(access));
  return FrameTable::build(access, header);
}

std::string bytes_of(const std::string& file, const FrameTable::Frame& frame) {
  std::string bytes;
  for (const auto& piece : frame.pieces) bytes += file.substr(piece.offset, piece.length);
  return bytes;
}

// The frames of a file, after its table has gone through its compact form.
std::vector<std::string> frames_of(const DicomBuilder& builder) {
  const std::string file = builder.build();
  const auto built = table_of(file);
  if (!built) return {to_string(built.error())};
  const auto table = FrameTable::parse(built->serialize());
  if (!table) return {to_string(table.error())};
  EXPECT_EQ(*table, *built);
  std::vector<std::string> frames;
  for (size_t i = 0; i < table->frame_count(); ++i) {
    frames.push_back(bytes_of(file, table->frame(i)));
  }
  return frames;
}

using Frames = std::vector<std::string>;

TEST(FrameTableTest, DividesNativePixelsByTheSizeOfAFrame) {
  EXPECT_EQ(frames_of(image(2, 2, 8, "3").bytes(tags::kPixelData, Vr::OW, "AAAABBBBCCCC")),
            (Frames{"AAAA", "BBBB", "CCCC"}));
  EXPECT_EQ(frames_of(image(1, 2, 16, "2").bytes(tags::kPixelData, Vr::OW, "AAAABBBB")),
            (Frames{"AAAA", "BBBB"}));
  EXPECT_EQ(frames_of(image(1, 3, 8, "1").bytes(tags::kPixelData, Vr::OB, "ABC ")),
            (Frames{"ABC"}));
}

TEST(FrameTableTest, CountsSamplesAndHalvedColours) {
  EXPECT_EQ(frames_of(image(1, 2, 8, "2")
                          .number(tags::kSamplesPerPixel, Vr::US, 3)
                          .text(tags::kPhotometricInterpretation, Vr::CS, "RGB")
                          .bytes(tags::kPixelData, Vr::OB, "rgbRGBrgbRGB")),
            (Frames{"rgbRGB", "rgbRGB"}));
  EXPECT_EQ(frames_of(image(1, 2, 8, "2")
                          .number(tags::kSamplesPerPixel, Vr::US, 3)
                          .text(tags::kPhotometricInterpretation, Vr::CS, "YBR_FULL_422")
                          .bytes(tags::kPixelData, Vr::OB, "yybryybr")),
            (Frames{"yybr", "yybr"}));
  EXPECT_EQ(frames_of(image(1, 1, 16, "2")
                          .remove(tags::kPixelData)
                          .bytes(tags::kFloatPixelData, Vr::OF, "AAAABBBB")),
            (Frames{"AAAA", "BBBB"}));
}

TEST(FrameTableTest, TellsTheFirstBitOfFramesThatAreNotWholeBytes) {
  const std::string file = image(1, 5, 1, "3").bytes(tags::kPixelData, Vr::OB, "\x01\x02").build();
  const auto table = table_of(file);
  ASSERT_TRUE(table);
  const uint64_t start = table->frame(0).pieces[0].offset;
  EXPECT_EQ(table->frame(0).first_bit, 0U);
  EXPECT_EQ(table->frame(1).first_bit, 5U);
  EXPECT_EQ(table->frame(2).first_bit, 2U);
  EXPECT_EQ(table->frame(1).bit_length, 5U);
  EXPECT_EQ(table->frame(0).pieces, (std::vector<FrameTable::Piece>{{start, 1}}));
  EXPECT_EQ(table->frame(1).pieces, (std::vector<FrameTable::Piece>{{start, 2}}));
  EXPECT_EQ(table->frame(2).pieces, (std::vector<FrameTable::Piece>{{start + 1, 1}}));
}

TEST(FrameTableTest, GoesByTheBasicOffsetTable) {
  EXPECT_EQ(
      frames_of(
          image(2, 2, 8, "2").transfer_syntax(kJpeg).fragments({0, 20}, {"AA", "aa", "BBBB"})),
      (Frames{"AAaa", "BBBB"}));
}

TEST(FrameTableTest, GoesByTheExtendedOffsetTable) {
  EXPECT_EQ(frames_of(image(2, 2, 8, "2")
                          .transfer_syntax(kJpeg)
                          .numbers(tags::kExtendedOffsetTable, Vr::OV, {0, 20})
                          .numbers(tags::kExtendedOffsetTableLengths, Vr::OV, {4, 4})
                          .fragments({}, {"AA", "aa", "BBBB"})),
            (Frames{"AAaa", "BBBB"}));
}

TEST(FrameTableTest, TakesAFragmentForAFrameWhereTheNumbersAgree) {
  EXPECT_EQ(frames_of(image(2, 2, 8, "2").transfer_syntax(kJpeg).fragments({}, {"AAAA", "BB"})),
            (Frames{"AAAA", "BB"}));
}

TEST(FrameTableTest, TakesAllFragmentsForASingleFrame) {
  EXPECT_EQ(frames_of(image(2, 2, 8, "1").transfer_syntax(kJpeg).fragments({}, {"AA", "BB", "CC"})),
            (Frames{"AABBCC"}));
}

TEST(FrameTableTest, FindsFramesByTheirStartWhereNoTableSays) {
  for (const std::string& start : {kStart, "\xFF\x4F\xFF\x51"s, "\xFF\x0A"s,
                                   "\0\0\0\x0CjP  \r\n\x87\n"s, "\0\0\0\x0CJXL \r\n\x87\n"s}) {
    EXPECT_EQ(frames_of(image(2, 2, 8, "2")
                            .transfer_syntax(kJpeg)
                            .fragments({}, {start + "1", "22", start + "3", "44", "55"})),
              (Frames{start + "122", start + "34455"}));
  }
}

TEST(FrameTableTest, DoesNotBelieveAnOffsetTableThatPointsNowhere) {
  for (const std::vector<uint32_t>& offsets :
       {std::vector<uint32_t>{0, 13}, {4, 12}, {0, 0}, {0, 1000}, {0}, {0, 12, 24, 36}}) {
    EXPECT_EQ(
        frames_of(image(2, 2, 8, "2").transfer_syntax(kJpeg).fragments(offsets, {"AAAA", "BB"})),
        (Frames{"AAAA", "BB"}));
  }
}

TEST(FrameTableTest, SaysWhenFramesCannotBeToldApart) {
  const auto reason = [](const DicomBuilder& builder) {
    const auto table = table_of(builder.build());
    return table ? std::string("no error") : table.error().reason;
  };
  EXPECT_EQ(reason(image(2, 2, 8, "2").transfer_syntax(kJpeg).fragments({}, {"A ", "B ", "C "})),
            "frames_unknown");
  EXPECT_EQ(reason(image(2, 2, 8, "5").transfer_syntax(kJpeg).fragments({}, {"A ", "B "})),
            "frames_unknown");
  EXPECT_EQ(reason(image(9, 9, 8, "1").bytes(tags::kPixelData, Vr::OW, "short!")),
            "frames_unknown");
  EXPECT_EQ(reason(image(2, 2, 8, "4294967295").bytes(tags::kPixelData, Vr::OW, "AAAA")),
            "frames_unknown");
  EXPECT_EQ(reason(image(65535, 65535, 65535, "1").bytes(tags::kPixelData, Vr::OW, "AAAA")),
            "frames_unknown");
  EXPECT_EQ(reason(image(2, 2, 8, "1").remove(tags::kRows).bytes(tags::kPixelData, Vr::OW, "AAAA")),
            "frames_unknown");
  // A JPEG that is not wrapped is no native frame either.
  EXPECT_EQ(reason(image(2, 2, 8, "1")
                       .transfer_syntax(kJpeg)
                       .bytes(tags::kPixelData, Vr::OB, kStart + "0123")),
            "frames_unknown");
}

TEST(FrameTableTest, KeepsAVideoInOnePiece) {
  const std::string file = image(2, 2, 8, "500")
                               .transfer_syntax("1.2.840.10008.1.2.4.102")
                               .fragments({}, {"moov", "mdat"})
                               .build();
  const auto table = table_of(file);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->layout(), FrameTable::Layout::video);
  ASSERT_EQ(table->frame_count(), 1U);
  EXPECT_EQ(bytes_of(file, table->frame(0)), "moovmdat");
}

TEST(FrameTableTest, HasNoFramesWithoutPixelsInTheFile) {
  EXPECT_EQ(frames_of(image(2, 2, 8, "1").remove(tags::kPixelData)), Frames{});
  EXPECT_EQ(frames_of(image(2, 2, 8, "1")
                          .transfer_syntax(kDeflatedExplicitVrLittleEndian)
                          .bytes(tags::kPixelData, Vr::OW, "AAAA")),
            Frames{});
}

// The examples of docs/design/frame-table.md.
TEST(FrameTableTest, WritesTheFormThatIsDocumented) {
  const auto parsed = [](std::string_view hex) {
    const auto bytes = from_hex(hex);
    return bytes ? FrameTable::parse(*bytes) : Result<FrameTable>(FrameTable());
  };
  const auto wrapped = parsed("010202028c08020802010804");
  ASSERT_TRUE(wrapped);
  ASSERT_EQ(wrapped->frame_count(), 2U);
  EXPECT_EQ(wrapped->frame(0).pieces, (std::vector<FrameTable::Piece>{{1036, 2}, {1046, 2}}));
  EXPECT_EQ(wrapped->frame(1).pieces, (std::vector<FrameTable::Piece>{{1056, 4}}));
  const auto native = parsed("010103f40720");
  ASSERT_TRUE(native);
  ASSERT_EQ(native->frame_count(), 3U);
  EXPECT_EQ(native->frame(2).pieces, (std::vector<FrameTable::Piece>{{1020, 4}}));

  const auto form = [](const DicomBuilder& builder) {
    const auto table = table_of(builder.build());
    return table ? to_hex(table->serialize()) : to_string(table.error());
  };
  EXPECT_EQ(form(image(2, 2, 8, "1").remove(tags::kPixelData)), "0100");
  const std::string in_file =
      form(image(2, 2, 8, "2").transfer_syntax(kJpeg).fragments({0, 20}, {"AA", "aa", "BBBB"}));
  EXPECT_TRUE(in_file.starts_with("01020202")) << in_file;
  EXPECT_TRUE(in_file.ends_with("020802010804")) << in_file;
}

TEST(FrameTableTest, TakesNothingElseForATable) {
  for (const std::string_view hex : {"",
                                     "01",
                                     "00",
                                     "0200",
                                     "0104",
                                     "010000",
                                     "0101",
                                     "010101",
                                     "01010100",
                                     "0101010000",
                                     "01010080",
                                     "010100e80720",
                                     "0102",
                                     "010200",
                                     "010201",
                                     "01020100",
                                     "0102010105",
                                     "01020102050402",
                                     "01020101050400",
                                     "010301",
                                     "01030201050401050401",
                                     "0102ffffffff0f01",
                                     "010101ffffffffffffffffff0120",
                                     "0101ffffffffffffffff7f0020",
                                     "01010105808080808080808080",
                                     "0101010580a000",
                                     "0102010105ffffffffffffffffff01",
                                     "010201010580808080808080801e"}) {
    const auto bytes = from_hex(hex);
    ASSERT_TRUE(bytes) << hex;
    const auto table = FrameTable::parse(*bytes);
    ASSERT_FALSE(table) << hex;
    EXPECT_EQ(table.error().code, ErrorCode::corrupt);
    EXPECT_EQ(table.error().reason, "frame_table");
  }
}

TEST(FrameTableTest, SurvivesAnyBytesAndWritesBackWhatItTakes) {
  std::mt19937 generator(7);
  const auto whole = from_hex("010203020504080201080403020108020102");
  ASSERT_TRUE(whole);
  for (int round = 0; round < 20'000; ++round) {
    ByteVector bytes(*whole);
    const size_t changes = 1 + generator() % 3;
    for (size_t i = 0; i < changes; ++i) {
      bytes[generator() % bytes.size()] = static_cast<std::byte>(generator());
    }
    bytes.resize(generator() % (bytes.size() + 1));
    const auto table = FrameTable::parse(bytes);
    if (!table) continue;
    EXPECT_EQ(table->serialize(), bytes);
    if (table->frame_count() > 0) {
      (void)table->frame(table->frame_count() - 1);
    }
  }
}

}  // namespace
}  // namespace pacs::dicom
