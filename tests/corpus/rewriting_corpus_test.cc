// Every file of the corpus that can be read, written anew by src/dicom: the data set says the same,
// the pixels are the same, and DCMTK reads what was implicit, big endian or deflated.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/file.h"
#include "dicom/dicom_json.h"
#include "dicom/explicit_file.h"
#include "dicom/frame_table.h"
#include "tests/corpus/dicom_corpus.h"
#include "tests/corpus/json_difference.h"

namespace pacs::testing {
namespace {

Result<std::string> rewritten(const dicom::RandomAccess& file, const dicom::Header& header) {
  StringSink sink;
  if (header.transfer_syntax.is_encapsulated) {
    const auto writer = PACS_TRY(dicom::FileWriter::create(dicom::content_of(header, file)));
    PACS_TRY(writer.write(sink));
    EXPECT_EQ(sink.text().size(), writer.size_bytes());
    return sink.take();
  }
  const auto opened = PACS_TRY(dicom::ExplicitFile::open(file));
  PACS_TRY(opened->write(sink));
  EXPECT_EQ(sink.text().size(), opened->size_bytes());
  return sink.take();
}

std::string text_of(const dicom::Header& header) {
  dicom::DicomJsonOptions options;
  options.inline_binary_size_max = size_t{16} << 10;
  options.bulk_data_uri = [](std::string_view path) { return std::string(path); };
  return dicom::to_dicom_json(header.data_set, options);
}

std::vector<JsonDifference> changes(const std::string& before, const std::string& after) {
  if (before == after) return {};
  const auto parsed_before = JsonValue::parse(before);
  const auto parsed_after = JsonValue::parse(after);
  EXPECT_TRUE(parsed_before && parsed_after);
  return differences(*parsed_before, *parsed_after);
}

std::string pixel_bytes(const std::string& file, const dicom::Header& header) {
  std::string bytes;
  if (!header.pixel_data || !header.pixel_data->offset) return bytes;
  if (!header.pixel_data->is_encapsulated) {
    return file.substr(*header.pixel_data->offset, header.pixel_data->length);
  }
  for (const dicom::Fragment& fragment : header.pixel_data->fragments) {
    bytes += file.substr(fragment.offset, fragment.length + fragment.length % 2);
  }
  return bytes;
}

// What is too long for its VR is UN (PS3.5 6.2.2), and compressed pixels are OB (PS3.5 A.4).
bool is_right_change(const JsonDifference& difference) {
  return (difference.path.ends_with(".vr") && difference.theirs == "\"UN\"") ||
         (difference.path.ends_with("7FE00010.vr") && difference.theirs == "\"OB\"");
}

TEST(RewritingCorpusTest, SaysTheSameAndIsReadByDcmtk) {
  auto files = read_corpus();
  if (!files) GTEST_SKIP() << kNoCorpus;
  const bool has_dcmtk = std::system("dcmdump --version >/dev/null 2>&1") == 0;
  const std::filesystem::path copy =
      std::filesystem::temp_directory_path() / ("pacs-lite-rewritten-" + std::to_string(getpid()));
  size_t compared = 0;
  size_t dumped = 0;
  for (const CorpusFile& file : *files) {
    const auto bytes = read_file(file.path, uint64_t{1} << 30);
    ASSERT_TRUE(bytes);
    const dicom::MemoryAccess access(as_bytes(*bytes));
    const auto header = dicom::read_header(access);
    if (!header) continue;
    const auto made = rewritten(access, *header);
    if (!made) {
      EXPECT_FALSE(file.is_valid()) << file.name << ' ' << to_string(made.error());
      continue;
    }
    const dicom::MemoryAccess made_access(as_bytes(*made));
    const auto made_header = dicom::read_header(made_access);
    ASSERT_TRUE(made_header) << file.name << ' ' << to_string(made_header.error());
    for (const JsonDifference& difference : changes(text_of(*header), text_of(*made_header))) {
      EXPECT_TRUE(is_right_change(difference))
          << file.name << '\n'
          << difference.path << "\n  before: " << difference.ours
          << "\n  after:  " << difference.theirs;
    }
    ++compared;
    const bool is_big = header->transfer_syntax.byte_order == std::endian::big;
    if (!is_big && !header->transfer_syntax.is_deflated && header->pixel_data) {
      const std::string before = pixel_bytes(*bytes, *header);
      const std::string after = pixel_bytes(*made, *made_header);
      EXPECT_TRUE(after.substr(0, before.size()) == before) << file.name;
    }
    if (!has_dcmtk || !file.is_valid() ||
        header->transfer_syntax_uid == dicom::kExplicitVrLittleEndian ||
        header->transfer_syntax.is_encapsulated) {
      continue;
    }
    std::ofstream(copy, std::ios::binary | std::ios::trunc) << *made;
    const std::string command = "dcmdump -q '" + copy.string() + "' >/dev/null 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << file.name;
    ++dumped;
  }
  std::filesystem::remove(copy);
  std::printf("%zu files written anew, %zu of them read by dcmdump\n", compared, dumped);
  EXPECT_GT(compared, 450U);
  EXPECT_TRUE(!has_dcmtk || dumped >= 60U);
}

}  // namespace
}  // namespace pacs::testing
