#include "dicom/file_writer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "dicom/data_set_builder.h"
#include "dicom/frame_table.h"
#include "tests/support/dicom_builder.h"

namespace pacs::dicom {
namespace {

using pacs::testing::DicomBuilder;

constexpr std::string_view kJpegLossless = "1.2.840.10008.1.2.4.70";

std::string written(const FileContent& content) {
  const auto writer = FileWriter::create(content);
  EXPECT_TRUE(writer) << to_string(writer.error());
  StringSink sink;
  EXPECT_TRUE(writer->write(sink));
  EXPECT_EQ(sink.text().size(), writer->size_bytes());
  return sink.take();
}

struct SourceFile {
  explicit SourceFile(std::string the_bytes) : bytes(std::move(the_bytes)) {}
  std::string bytes;
  MemoryAccess access{as_bytes(bytes)};
  Header header = *read_header(access);
};

FramesToWrite frames_of(const std::vector<std::string>& frames) {
  FramesToWrite pixels;
  for (const std::string& frame : frames) pixels.frame_sizes.push_back(frame.size());
  pixels.write_frame = [frames](size_t index, ByteSink& sink) {
    return sink.write(as_bytes(frames[index]));
  };
  return pixels;
}

DicomBuilder two_frames() {
  return DicomBuilder::ct_slice("1.2.3", "1.2.3.4", "1.2.3.4.5")
      .text({0x0028, 0x0008}, Vr::IS, "2")
      .bytes(tags::kPixelData, Vr::OW, std::string(64, 'n'))
      .bytes({0xFFFC, 0xFFFC}, Vr::OB, std::string(8, '\0'))
      .text({0x7FE1, 0x0010}, Vr::LO, "BEHIND");
}

TEST(FileWriterTest, PutsCompressedFramesInThePlaceOfNativeOnes) {
  const SourceFile source(two_frames().build());
  const std::vector<std::string> frames = {"first frame", "the second"};
  FramesToWrite pixels = frames_of(frames);
  pixels.is_encapsulated = true;
  FileContent content = content_of(source.header, source.access);
  content.transfer_syntax_uid = kJpegLossless;
  content.frames = &pixels;
  const SourceFile made(written(content));
  EXPECT_EQ(made.header.transfer_syntax_uid, kJpegLossless);
  EXPECT_FALSE(made.header.contradicts_transfer_syntax);
  ASSERT_TRUE(made.header.pixel_data);
  EXPECT_EQ(made.header.pixel_data->basic_offset_table.length, 8U);
  const auto table = FrameTable::build(made.access, made.header);
  ASSERT_TRUE(table);
  ASSERT_EQ(table->frame_count(), 2U);
  for (size_t index = 0; index < 2; ++index) {
    const auto pieces = table->frame(index).pieces;
    ASSERT_EQ(pieces.size(), 1U);
    EXPECT_EQ(made.bytes.substr(pieces[0].offset, frames[index].size()), frames[index]);
  }
  EXPECT_EQ(made.header.data_set.find({0x7FE1, 0x0010})->text(), "BEHIND");
}

TEST(FileWriterTest, PutsNativeFramesInThePlaceOfCompressedOnes) {
  const SourceFile source(
      two_frames().transfer_syntax(kJpegLossless).fragments({0, 12}, {"abcd", "efgh"}).build());
  FramesToWrite pixels = frames_of({std::string(32, 'x'), std::string(32, 'y')});
  FileContent content = content_of(source.header, source.access);
  content.transfer_syntax_uid = kExplicitVrLittleEndian;
  content.frames = &pixels;
  const SourceFile made(written(content));
  ASSERT_TRUE(made.header.pixel_data && made.header.pixel_data->offset);
  EXPECT_EQ(made.bytes.substr(*made.header.pixel_data->offset, 64),
            std::string(32, 'x') + std::string(32, 'y'));
}

TEST(FileWriterTest, ReplacesAddsAndLeavesOutAttributes) {
  const SourceFile source(
      two_frames().transfer_syntax(kJpegLossless).fragments({}, {"abcd", "efgh"}).build());
  DataSetBuilder replacements;
  replacements.add_text(tags::kSopInstanceUid, Vr::UI, "1.9.9");
  replacements.add_text(tags::kPatientName, Vr::PN, "Other");
  replacements.add_text({0x0040, 0x0254}, Vr::LO, "Added");
  replacements.add_text({0x7FE1, 0x0010}, Vr::LO, "NEW");
  const DataSet more = replacements.take();
  FileContent content = content_of(source.header, source.access);
  content.replacements = &more;
  content.left_out = {tags::kPatientId};
  const SourceFile made(written(content));
  EXPECT_EQ(made.header.data_set.find(tags::kPatientName)->text(), "Other");
  EXPECT_EQ(made.header.data_set.find({0x0040, 0x0254})->text(), "Added");
  EXPECT_FALSE(made.header.data_set.find(tags::kPatientId));
  EXPECT_EQ(made.header.data_set.find({0x7FE1, 0x0010})->text(), "NEW");
  EXPECT_EQ(made.header.meta.find(tags::kMediaStorageSopInstanceUid)->text(), "1.9.9");
  ASSERT_EQ(made.header.pixel_data->fragments.size(), 2U);
  EXPECT_EQ(made.bytes.substr(made.header.pixel_data->fragments[1].offset, 4), "efgh");
  Tag last;
  for (const ElementView element : made.header.data_set) {
    EXPECT_LT(last, element.tag());
    last = element.tag();
  }
}

TEST(FileWriterTest, KeepsTheCompressedPixelsOfAnIcon) {
  const DicomBuilder icon = DicomBuilder()
                                .numbers({0x0028, 0x0010}, Vr::US, {1})
                                .fragments({}, {"icon of odd"})
                                .transfer_syntax(kJpegLossless);
  const SourceFile source(two_frames()
                              .transfer_syntax(kJpegLossless)
                              .sequence({0x0088, 0x0200}, {icon}, DicomBuilder::Length::undefined)
                              .fragments({}, {"abcd", "efgh"})
                              .build());
  const SourceFile made(written(content_of(source.header, source.access)));
  const auto sequence = made.header.data_set.find({0x0088, 0x0200});
  ASSERT_TRUE(sequence && sequence->item_count() == 1);
  const auto pixels = sequence->item(0).find(tags::kPixelData);
  ASSERT_TRUE(pixels && pixels->file_offset());
  EXPECT_FALSE(pixels->length());
  EXPECT_EQ(made.bytes.substr(*pixels->file_offset() + 16, 11), "icon of odd");
}

TEST(FileWriterTest, RefusesFramesThatAreNotAsLongAsTheyWereToBe) {
  const SourceFile source(two_frames().build());
  for (const std::string said : {"short", "much too long"}) {
    FramesToWrite pixels = frames_of({said});
    pixels.frame_sizes = {8};
    FileContent content = content_of(source.header, source.access);
    content.frames = &pixels;
    const auto writer = FileWriter::create(content);
    ASSERT_TRUE(writer);
    StringSink sink;
    const auto done = writer->write(sink);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().reason, "frame_size");
  }
}

TEST(FileWriterTest, UsesAnExtendedOffsetTableWhereABasicOneCannotTell) {
  const SourceFile source(two_frames().build());
  FramesToWrite pixels;
  pixels.is_encapsulated = true;
  pixels.frame_sizes = {0xFFFFFFF0, 0xFFFFFFF0, 4};
  FileContent content = content_of(source.header, source.access);
  content.transfer_syntax_uid = kJpegLossless;
  content.frames = &pixels;
  const auto writer = FileWriter::create(content);
  ASSERT_TRUE(writer);
  EXPECT_GT(writer->size_bytes(), uint64_t{2} * 0xFFFFFFF0);
  pixels.write_frame = [](size_t, ByteSink&) -> Result<void> { return unavailable("enough", ""); };
  StringSink sink;
  EXPECT_EQ(writer->write(sink).error().reason, "enough");
}

}  // namespace
}  // namespace pacs::dicom
