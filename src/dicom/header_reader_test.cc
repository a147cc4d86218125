#include "dicom/header_reader.h"

#include <string>

#include <gtest/gtest.h>

#include "dicom/image_description.h"
#include "tests/support/dicom_builder.h"

namespace pacs::dicom {
namespace {

using pacs::testing::DicomBuilder;

Result<Header> read(const std::string& file, const HeaderLimits& limits = {}) {
  const MemoryAccess access(as_bytes(file));
  return read_header(access, limits);
}

DicomBuilder slice() { return DicomBuilder::ct_slice("1.2.3", "1.2.3.4", "1.2.3.4.5"); }

std::string text_of(DataSetView data_set, Tag tag) {
  const auto element = data_set.find(tag);
  return element ? std::string(element->text()) : "(absent)";
}

void expect_slice(const Header& header, const std::string& name) {
  EXPECT_EQ(text_of(header.data_set, tags::kStudyInstanceUid), "1.2.3") << name;
  EXPECT_EQ(text_of(header.data_set, tags::kPatientName), "Phantom^Head") << name;
  const ImageDescription image = describe(header);
  EXPECT_EQ(image.rows, 4U) << name;
  EXPECT_EQ(image.columns, 4U) << name;
  ASSERT_TRUE(header.pixel_data) << name;
}

TEST(HeaderReaderTest, ReadsEveryTransferSyntaxThatAFileCanHave) {
  for (const TransferSyntax& syntax : transfer_syntaxes()) {
    const std::string name(syntax.name);
    DicomBuilder builder = slice().transfer_syntax(syntax.uid);
    if (syntax.is_encapsulated) builder.fragments({}, {"\xFF\xD8\xFF\xE0"});
    const auto header = read(builder.build());
    ASSERT_TRUE(header) << name << to_string(header.error());
    expect_slice(*header, name);
    EXPECT_EQ(header->transfer_syntax_uid, syntax.uid) << name;
    EXPECT_EQ(header->pixel_data->is_encapsulated, syntax.is_encapsulated) << name;
    EXPECT_FALSE(header->contradicts_transfer_syntax) << name;
    EXPECT_EQ(header->pixel_data->offset.has_value(), !syntax.is_deflated) << name;
  }
}

TEST(HeaderReaderTest, ReadsFilesWithoutPreambleAndWithoutMetaInformation) {
  for (const std::string_view uid :
       {kImplicitVrLittleEndian, kExplicitVrLittleEndian, kExplicitVrBigEndian}) {
    const auto bare = read(slice().transfer_syntax(uid).without_preamble().without_meta().build());
    ASSERT_TRUE(bare) << uid << to_string(bare.error());
    EXPECT_EQ(bare->transfer_syntax_uid, uid);
    EXPECT_FALSE(bare->has_preamble);
    expect_slice(*bare, std::string(uid));

    const auto no_preamble = read(slice().transfer_syntax(uid).without_preamble().build());
    ASSERT_TRUE(no_preamble) << uid << to_string(no_preamble.error());
    EXPECT_EQ(no_preamble->transfer_syntax_uid, uid);
    expect_slice(*no_preamble, std::string(uid));

    const auto no_meta = read(slice().transfer_syntax(uid).without_meta().build());
    ASSERT_TRUE(no_meta) << uid << to_string(no_meta.error());
    EXPECT_EQ(no_meta->transfer_syntax_uid, uid);
    expect_slice(*no_meta, std::string(uid));
  }
}

TEST(HeaderReaderTest, SaysWhereTheNativePixelsStandWithoutReadingThem) {
  const std::string pixels = "0123456789ABCDEF0123456789ABCDEF";
  const std::string file = slice()
                               .bytes(tags::kPixelData, Vr::OW, pixels)
                               .text({0x7FE1, 0x0010}, Vr::LO, "AFTER")
                               .build();
  const auto header = read(file);
  ASSERT_TRUE(header);
  ASSERT_TRUE(header->pixel_data);
  EXPECT_EQ(file.substr(*header->pixel_data->offset, header->pixel_data->length), pixels);
  EXPECT_EQ(header->pixel_data->vr, Vr::OW);
  const auto element = header->data_set.find(tags::kPixelData);
  ASSERT_TRUE(element);
  EXPECT_FALSE(element->is_in_memory());
  EXPECT_EQ(element->length(), pixels.size());
  EXPECT_EQ(text_of(header->data_set, Tag{0x7FE1, 0x0010}), "AFTER");
}

TEST(HeaderReaderTest, SaysWhereEachFragmentStands) {
  const std::string file = slice()
                               .transfer_syntax("1.2.840.10008.1.2.4.50")
                               .fragments({0, 12}, {"AAAA", "BBBBBB"})
                               .text({0x7FE1, 0x0010}, Vr::LO, "AFTER")
                               .build();
  const auto header = read(file);
  ASSERT_TRUE(header) << to_string(header.error());
  const auto& pixels = *header->pixel_data;
  EXPECT_TRUE(pixels.is_encapsulated);
  EXPECT_EQ(pixels.basic_offset_table.length, 8U);
  ASSERT_EQ(pixels.fragments.size(), 2U);
  EXPECT_EQ(file.substr(pixels.fragments[0].offset, pixels.fragments[0].length), "AAAA");
  EXPECT_EQ(file.substr(pixels.fragments[1].offset, pixels.fragments[1].length), "BBBBBB");
  EXPECT_EQ(text_of(header->data_set, Tag{0x7FE1, 0x0010}), "AFTER");
}

TEST(HeaderReaderTest, ReadsSequencesOfStatedAndUndefinedLengthInEverySyntax) {
  for (const auto length : {DicomBuilder::Length::stated, DicomBuilder::Length::undefined}) {
    for (const std::string_view uid : {kImplicitVrLittleEndian, kExplicitVrLittleEndian,
                                       kExplicitVrBigEndian, kDeflatedExplicitVrLittleEndian}) {
      DicomBuilder inner;
      inner.text({0x0008, 0x1150}, Vr::UI, "1.2.840.10008.5.1.4.1.1.4");
      DicomBuilder outer;
      outer.sequence({0x0008, 0x1199}, {inner, inner}, length)
          .text({0x0020, 0x000E}, Vr::UI, "9.8");
      const auto header =
          read(slice().transfer_syntax(uid).sequence({0x0008, 0x1115}, {outer}, length).build());
      ASSERT_TRUE(header) << to_string(header.error());
      const auto sequence = header->data_set.find({0x0008, 0x1115});
      ASSERT_TRUE(sequence);
      ASSERT_EQ(sequence->item_count(), 1U);
      EXPECT_EQ(text_of(sequence->item(0), tags::kSeriesInstanceUid), "9.8");
      const auto nested = sequence->item(0).find({0x0008, 0x1199});
      ASSERT_TRUE(nested);
      ASSERT_EQ(nested->items().size(), 2U);
      EXPECT_EQ(text_of(nested->item(1), Tag{0x0008, 0x1150}), "1.2.840.10008.5.1.4.1.1.4");
      expect_slice(*header, std::string(uid));
    }
  }
}

TEST(HeaderReaderTest, ReadsAnUnknownSequenceOfUndefinedLengthAsImplicit) {
  DicomBuilder item;
  item.text(tags::kPatientId, Vr::LO, "INNER");
  DicomBuilder implicit;
  implicit.transfer_syntax(kImplicitVrLittleEndian)
      .sequence({0x0009, 0x1001}, {item}, DicomBuilder::Length::undefined);
  std::string bytes = implicit.build_data_set();
  bytes.insert(4, std::string("UN\0\0", 4));
  const auto header = read(slice().remove(tags::kPixelData).raw(bytes).build());
  ASSERT_TRUE(header) << to_string(header.error());
  const auto sequence = header->data_set.find({0x0009, 0x1001});
  ASSERT_TRUE(sequence);
  EXPECT_EQ(sequence->vr(), Vr::SQ);
  ASSERT_EQ(sequence->item_count(), 1U);
  EXPECT_EQ(text_of(sequence->item(0), tags::kPatientId), "INNER");
}

TEST(HeaderReaderTest, KnowsPrivateElementsOfImplicitDataSetsByTheirCreator) {
  const auto header = read(slice()
                               .transfer_syntax(kImplicitVrLittleEndian)
                               .text({0x0029, 0x0010}, Vr::LO, "SIEMENS CSA HEADER")
                               .text({0x0029, 0x1008}, Vr::CS, "IMAGE NUM 4")
                               .text({0x0021, 0x0010}, Vr::LO, "NOBODY KNOWS")
                               .text({0x0021, 0x1001}, Vr::IS, "5")
                               .build());
  ASSERT_TRUE(header);
  EXPECT_EQ(header->data_set.find({0x0029, 0x1008})->vr(), Vr::CS);
  EXPECT_EQ(header->data_set.find({0x0021, 0x1001})->vr(), Vr::UN);
}

TEST(HeaderReaderTest, LeavesOutGroupLengthsAndTrailingPadding) {
  const auto header = read(slice()
                               .number({0x0008, 0x0000}, Vr::UL, 100)
                               .number({0x0019, 0x0000}, Vr::UL, 100)
                               .bytes({0xFFFC, 0xFFFC}, Vr::OB, std::string(100, '\0'))
                               .build());
  ASSERT_TRUE(header);
  EXPECT_FALSE(header->data_set.find({0x0008, 0x0000}));
  EXPECT_FALSE(header->data_set.find({0x0019, 0x0000}));
  EXPECT_FALSE(header->data_set.find({0xFFFC, 0xFFFC}));
  EXPECT_FALSE(header->meta.find(tags::kFileMetaInformationGroupLength));
}

TEST(HeaderReaderTest, BelievesTheBytesMoreThanAWrongTransferSyntax) {
  const std::string implicit = slice().transfer_syntax(kImplicitVrLittleEndian).build_data_set();
  std::string file = slice().build();
  file.resize(file.size() - slice().build_data_set().size());
  const auto header = read(file + implicit);
  ASSERT_TRUE(header) << to_string(header.error());
  EXPECT_TRUE(header->contradicts_transfer_syntax);
  EXPECT_EQ(header->transfer_syntax_uid, kExplicitVrLittleEndian);
  EXPECT_EQ(header->transfer_syntax.vr_encoding, VrEncoding::implicit_vr);
  expect_slice(*header, "implicit bytes");
}

TEST(HeaderReaderTest, ReadsPrivateTransferSyntaxesByTheirBytes) {
  const auto header = read(slice().transfer_syntax("1.2.840.113619.5.2").build());
  ASSERT_TRUE(header);
  EXPECT_EQ(header->transfer_syntax_uid, "1.2.840.113619.5.2");
  EXPECT_EQ(header->transfer_syntax.uid, "");
  expect_slice(*header, "private");
}

TEST(HeaderReaderTest, KeepsLargeValuesInTheFile) {
  const std::string large(3000, 'x');
  const std::string file = slice().text({0x0008, 0x4000}, Vr::UT, large).build();
  HeaderLimits limits;
  limits.value_size_kept_max = 2999;
  const auto header = read(file, limits);
  ASSERT_TRUE(header);
  const auto element = header->data_set.find({0x0008, 0x4000});
  ASSERT_TRUE(element);
  EXPECT_FALSE(element->is_in_memory());
  EXPECT_EQ(element->length(), 3000U);
  EXPECT_EQ(file.substr(*element->file_offset(), 3000), large);
  expect_slice(*header, "large value");
}

TEST(HeaderReaderTest, NestsAsDeepAsTheLimitAndNoDeeper) {
  const auto nested = [](size_t depth) {
    DicomBuilder builder;
    builder.text(tags::kPatientId, Vr::LO, "DEEP");
    for (size_t i = 0; i < depth; ++i) {
      DicomBuilder around;
      around.sequence({0x0040, 0xA730}, {builder}, DicomBuilder::Length::undefined);
      builder = around;
    }
    return builder.text(tags::kModality, Vr::CS, "SR").build();
  };
  EXPECT_TRUE(read(nested(64)));
  const auto header = read(nested(65));
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(header.error().reason, "nested_too_deeply");
}

TEST(HeaderReaderTest, RefusesTooManyElementsItemsAndFragments) {
  HeaderLimits limits;
  limits.element_count_max = 100;
  const auto items =
      read(slice().sequence({0x0040, 0xA730}, std::vector<DicomBuilder>(101)).build(), limits);
  ASSERT_FALSE(items);
  EXPECT_EQ(items.error().reason, "too_many_elements");

  limits.fragment_count_max = 3;
  const auto fragments = [&](size_t count) {
    return read(slice()
                    .transfer_syntax("1.2.840.10008.1.2.5")
                    .fragments({}, std::vector<std::string>(count, "ab"))
                    .build(),
                limits);
  };
  EXPECT_TRUE(fragments(3));
  ASSERT_FALSE(fragments(4));
  EXPECT_EQ(fragments(4).error().reason, "too_many_fragments");
}

TEST(HeaderReaderTest, RefusesALengthBeyondTheFileWithoutAllocatingIt) {
  const auto claim = [](std::string_view vr_and_length) {
    std::string file = slice().remove(tags::kPixelData).build();
    file += std::string("\xE0\x7F\x10\x00", 4);
    file += vr_and_length;
    return file + std::string(1000, '\0');
  };
  for (const std::string_view header :
       {std::string_view("OW\0\0\0\0\0\xC0", 8), std::string_view("OB\0\0\xFE\xFF\xFF\xFF", 8),
        std::string_view("UT\0\0\xE9\x03\0\0", 8)}) {
    const auto result = read(claim(header));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(result.error().reason, "truncated");
  }
}

TEST(HeaderReaderTest, RefusesEncapsulatedPixelsWithoutTheirDelimiter) {
  const std::string file =
      slice().transfer_syntax("1.2.840.10008.1.2.4.50").fragments({}, {"AAAA", "BBBB"}).build();
  const auto result = read(file.substr(0, file.size() - 8));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, "truncated");
}

TEST(HeaderReaderTest, BoundsWhatIsInflated) {
  HeaderLimits limits;
  limits.inflated_size_max = 1 << 20;
  const auto bomb = [](Tag tag) {
    return slice()
        .remove(tags::kPixelData)
        .transfer_syntax(kDeflatedExplicitVrLittleEndian)
        .bytes(tag, Vr::OB, std::string(size_t{4} << 20, '\0'))
        .build();
  };
  const auto before_pixels = read(bomb({0x0042, 0x0011}), limits);
  ASSERT_FALSE(before_pixels);
  EXPECT_EQ(before_pixels.error().reason, "inflates_too_far");
  const auto pixels = read(bomb(tags::kPixelData), limits);
  ASSERT_TRUE(pixels) << to_string(pixels.error());
  EXPECT_EQ(pixels->pixel_data->length, size_t{4} << 20);
  EXPECT_FALSE(pixels->pixel_data->offset);
}

TEST(HeaderReaderTest, RefusesADeflatedDataSetThatIsCutOrSpoilt) {
  const std::string file = slice().transfer_syntax(kDeflatedExplicitVrLittleEndian).build();
  const auto cut = read(file.substr(0, file.size() - 20));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().reason, "truncated");
  std::string spoilt = file;
  const size_t start =
      file.size() -
      slice().transfer_syntax(kDeflatedExplicitVrLittleEndian).build_data_set().size();
  spoilt[start] = '\xFF';
  const auto result = read(spoilt);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, "malformed");
}

TEST(HeaderReaderTest, RefusesWhatIsNoDicom) {
  for (const std::string& file :
       {std::string(), std::string("hello"), std::string(4000, '\0'), std::string("%PDF-1.7\n"),
        std::string("\xFF\xD8\xFF\xE0"), std::string(2000, 'x')}) {
    const auto result = read(file);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(result.error().reason, "not_dicom");
  }
}

TEST(HeaderReaderTest, PassesOnAnErrorOfTheFile) {
  class FailingAccess final : public RandomAccess {
   public:
    [[nodiscard]] uint64_t size() const override { return 1 << 20; }
    [[nodiscard]] Result<size_t> read_at(uint64_t, MutableBytes) const override {
      return unavailable("stalled", "The store does not answer.");
    }
  };
  const auto result = read_header(FailingAccess());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace pacs::dicom
