#include "dicom/explicit_file.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "dicom/dicom_json.h"
#include "tests/support/dicom_builder.h"

namespace pacs::dicom {
namespace {

using pacs::testing::DicomBuilder;

constexpr Tag kCreator{0x0029, 0x0010};
constexpr Tag kPrivate{0x0029, 0x1001};
constexpr Tag kLutData{0x0028, 0x3006};
constexpr Tag kTextValue{0x0040, 0xA160};

Result<std::string> explicit_bytes(const std::string& file) {
  const MemoryAccess access(as_bytes(file));
  const auto opened = PACS_TRY(ExplicitFile::open(access));
  StringSink sink;
  PACS_TRY(opened->write(sink));
  EXPECT_EQ(sink.text().size(), opened->size_bytes());
  return sink.take();
}

std::string json_of(const std::string& file) {
  const MemoryAccess access(as_bytes(file));
  const auto header = read_header(access);
  EXPECT_TRUE(header) << to_string(header.error());
  if (!header) return {};
  DicomJsonOptions options;
  options.inline_binary_size_max = SIZE_MAX;
  return to_dicom_json(header->data_set, options);
}

// Numbers of every size, text, sequences in both forms, one private block.
DicomBuilder everything() {
  const DicomBuilder item = DicomBuilder()
                                .text({0x0008, 0x0100}, Vr::SH, "121139")
                                .numbers({0x0008, 0x1161}, Vr::UL, {7, 0x01020304});
  return DicomBuilder::ct_slice("1.2.3", "1.2.3.4", "1.2.3.4.5")
      .sequence({0x0040, 0xA730}, {item, item}, DicomBuilder::Length::undefined)
      .sequence({0x0008, 0x1140}, {item})
      .sequence({0x0008, 0x1115}, {})
      .floats({0x0018, 0x9073}, Vr::FD, {1.5, -2.25})
      .floats({0x0018, 0x605A}, Vr::FL, {0.5})
      .numbers({0x0020, 0x5000}, Vr::AT, {0x00100020})
      .numbers({0x0028, 0x0106}, Vr::US, {258})
      .text(kCreator, Vr::LO, "SOMEBODY UNKNOWN")
      .text({0x0008, 0x0018}, Vr::UI, "1.2.3.4.5");
}

std::string swapped_words(std::string words) {
  for (size_t at = 0; at + 1 < words.size(); at += 2) std::swap(words[at], words[at + 1]);
  return words;
}

std::string pixels_of(const std::string& file) {
  const MemoryAccess access(as_bytes(file));
  const auto header = read_header(access);
  EXPECT_TRUE(header && header->pixel_data && header->pixel_data->offset);
  return file.substr(*header->pixel_data->offset, header->pixel_data->length);
}

// G7: what leaves is Explicit VR Little Endian with the same attributes and pixels.
TEST(ExplicitFileTest, SaysTheSameInEveryNativeTransferSyntax) {
  const std::string pixels(size_t{3} << 20, 'p');
  std::string words = pixels;
  for (size_t at = 0; at < words.size(); ++at) words[at] = static_cast<char>(at * 7 / 3);
  const std::string wanted = everything().bytes(tags::kPixelData, Vr::OW, words).build();
  for (const std::string_view uid : {kImplicitVrLittleEndian, kExplicitVrLittleEndian,
                                     kDeflatedExplicitVrLittleEndian, kExplicitVrBigEndian}) {
    const bool is_big = uid == kExplicitVrBigEndian;
    const std::string file =
        everything()
            .transfer_syntax(uid)
            .bytes(tags::kPixelData, Vr::OW, is_big ? swapped_words(words) : words)
            .build();
    const auto made = explicit_bytes(file);
    ASSERT_TRUE(made) << uid << to_string(made.error());
    EXPECT_EQ(json_of(*made), json_of(wanted)) << uid;
    EXPECT_TRUE(pixels_of(*made) == words) << uid;
    const MemoryAccess access(as_bytes(*made));
    const auto header = read_header(access);
    EXPECT_EQ(header->transfer_syntax_uid, kExplicitVrLittleEndian);
    EXPECT_EQ(header->meta.find(tags::kMediaStorageSopInstanceUid)->text(), "1.2.3.4.5");
    EXPECT_FALSE(header->contradicts_transfer_syntax);
  }
}

TEST(ExplicitFileTest, LargeValuesThatAreNoPixelsComeInTheRightOrder) {
  std::string floats;
  for (int at = 0; at < 2 << 20; ++at) floats += static_cast<char>(at * 11 / 5);
  const auto with = [&](std::string_view uid, const std::string& value) {
    return everything().transfer_syntax(uid).bytes({0x0066, 0x0016}, Vr::OF, value).build();
  };
  std::string turned = floats;
  for (size_t at = 0; at < turned.size(); at += 4) {
    std::reverse(turned.begin() + static_cast<ptrdiff_t>(at),
                 turned.begin() + static_cast<ptrdiff_t>(at + 4));
  }
  const auto made = explicit_bytes(with(kExplicitVrBigEndian, turned));
  ASSERT_TRUE(made);
  EXPECT_NE(made->find(floats), std::string::npos);
  const auto inflated = explicit_bytes(with(kDeflatedExplicitVrLittleEndian, floats));
  ASSERT_TRUE(inflated);
  EXPECT_NE(inflated->find(floats), std::string::npos);
}

TEST(ExplicitFileTest, AValueTooLongForItsVrIsUnknownOrWords) {
  const std::string long_text(70'001, 'x');
  const std::string table(70'000, 't');
  const std::string file = everything()
                               .transfer_syntax(kImplicitVrLittleEndian)
                               .bytes({0x0010, 0x4000}, Vr::LT, long_text + "x")
                               .bytes(kTextValue, Vr::UT, long_text + "y")
                               .bytes(kLutData, Vr::US, table)
                               .build();
  const auto made = explicit_bytes(file);
  ASSERT_TRUE(made) << to_string(made.error());
  const MemoryAccess access(as_bytes(*made));
  const auto header = read_header(access);
  ASSERT_TRUE(header) << to_string(header.error());
  EXPECT_EQ(header->data_set.find({0x0010, 0x4000})->vr(), Vr::UN);
  EXPECT_EQ(as_text(header->data_set.find({0x0010, 0x4000})->value()), long_text + "x");
  EXPECT_EQ(header->data_set.find(kTextValue)->vr(), Vr::UT);
  EXPECT_EQ(header->data_set.find(kLutData)->vr(), Vr::OW);
}

TEST(ExplicitFileTest, PrivateValuesOfUnknownBlocksStayAsTheyAre) {
  const std::string file = everything()
                               .transfer_syntax(kImplicitVrLittleEndian)
                               .bytes(kPrivate, Vr::UN, "\x01\x02\x03\x04")
                               .build();
  const auto made = explicit_bytes(file);
  ASSERT_TRUE(made);
  const MemoryAccess access(as_bytes(*made));
  const auto header = read_header(access);
  EXPECT_EQ(header->data_set.find(kPrivate)->vr(), Vr::UN);
  EXPECT_EQ(as_text(header->data_set.find(kPrivate)->value()), "\x01\x02\x03\x04");
  EXPECT_EQ(header->data_set.find(kCreator)->vr(), Vr::LO);
}

TEST(ExplicitFileTest, GivesNoCompressedPixelsAsNativeOnes) {
  const std::string file = everything()
                               .transfer_syntax("1.2.840.10008.1.2.4.50")
                               .fragments({}, {"\xFF\xD8\xFF\xE0"})
                               .build();
  const auto made = explicit_bytes(file);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, "pixels_encapsulated");
}

TEST(InflatedFileTest, CanBeReadAnywhereAndEndsAtItsLimit) {
  const std::string file = everything()
                               .transfer_syntax(kDeflatedExplicitVrLittleEndian)
                               .bytes(tags::kPixelData, Vr::OW, std::string(size_t{1} << 20, 'p'))
                               .build();
  const MemoryAccess access(as_bytes(file));
  const auto header = read_header(access);
  ASSERT_TRUE(header);
  const auto inflated = InflatedFile::open(access, *header);
  ASSERT_TRUE(inflated);
  ByteVector whole(static_cast<size_t>((*inflated)->size()) + 1);
  EXPECT_EQ(*(*inflated)->read_at(0, whole), whole.size() - 1);
  for (const size_t at : {size_t{900'000}, size_t{3}, size_t{140}, size_t{70'000}}) {
    ByteVector part(1000);
    ASSERT_TRUE((*inflated)->read_at(at, part));
    EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + static_cast<ptrdiff_t>(at)));
  }
  const auto bounded = InflatedFile::open(access, *header, 1 << 19);
  ASSERT_FALSE(bounded);
  EXPECT_EQ(bounded.error().reason, "inflates_too_far");
}

TEST(InflatedFileTest, SaysThatADeflatedFileIsCutOff) {
  std::string file = everything().transfer_syntax(kDeflatedExplicitVrLittleEndian).build();
  const MemoryAccess whole(as_bytes(file));
  const auto header = read_header(whole);
  ASSERT_TRUE(header);
  const MemoryAccess cut(as_bytes(file).first(file.size() - 20));
  const auto inflated = InflatedFile::open(cut, *header);
  ASSERT_FALSE(inflated);
  EXPECT_EQ(inflated.error().reason, "truncated");
}

}  // namespace
}  // namespace pacs::dicom
