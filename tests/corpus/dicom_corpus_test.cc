// Reads every file of the corpus with src/dicom, and holds what it finds against the manifest and
// against DCMTK's dcm2json.
#include "tests/corpus/dicom_corpus.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <new>
#include <set>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include "core/crypto.h"
#include "core/file.h"
#include "core/text.h"
#include "dicom/charset.h"
#include "dicom/dicom_json.h"
#include "dicom/frame_table.h"
#include "dicom/image_description.h"
#include "dicom/uid.h"
#include "tests/corpus/json_difference.h"

// Every allocation of this program is counted, so that a test can say how much reading took.
namespace {
std::atomic<size_t> allocated_bytes{0};
std::atomic<size_t> allocated_bytes_peak{0};
}  // namespace

void* operator new(size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  const size_t now = allocated_bytes += malloc_usable_size(memory);
  size_t peak = allocated_bytes_peak;
  while (now > peak && !allocated_bytes_peak.compare_exchange_weak(peak, now)) {
  }
  return memory;
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  allocated_bytes -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept { operator delete(memory); }

namespace pacs::testing {
namespace {

using dicom::DicomJsonOptions;
using dicom::FileAccess;
using dicom::FrameTable;
using dicom::Header;
using dicom::ImageDescription;

// What is refused, and with which reason. All others are read.
const std::map<std::string, std::string>& refused() {
  static const std::map<std::string, std::string> kRefused = {
      {"malformed/dcm4che_dcm4che/3gb-bulk-data-truncated", "truncated"},
      {"malformed/dcm4che_dcm4che/no_preamble_dicm_in_data", "truncated"},
      {"malformed/dvtk-org_DVTk/Modality_Emulator/Resources/Data/Worklist/WLM_RQ/CR_Modality_.dcm",
       "malformed"},
      {"malformed/fo-dicom_fo-dicom/FO-DICOM.Tests/Test_Data/FreezePattern.dcm", "malformed"},
      {"malformed/fo-dicom_fo-dicom/FO-DICOM.Tests/Test_Data/GH1339.dcm", "truncated"},
      {"malformed/fo-dicom_fo-dicom/FO-DICOM.Tests/Test_Data/GH179B.dcm", "truncated"},
      {"malformed/fo-dicom_fo-dicom/FO-DICOM.Tests/Test_Data/GH364.dcm", "malformed"},
      {"malformed/fo-dicom_fo-dicom/FO-DICOM.Tests/Test_Data/GH626.dcm", "truncated"},
      {"malformed/orthanc-mirrors_orthanc-tests/2026-05-06-Deeply-Nested-Sequence.dcm",
       "nested_too_deeply"},
      {"malformed/pydicom_pydicom-data/emri_small_jpeg_2k_lossless_too_short.dcm", "truncated"},
      {"malformed/pydicom_pydicom/test_files/MR_truncated.dcm", "truncated"},
      {"malformed/pydicom_pydicom/test_files/rtplan_truncated.dcm", "truncated"},
      // A DICOMDIR whose last sequence claims more than the file has; it is no image.
      {"valid/pydicom_pydicom/test_files/dicomdirtests/DICOMDIR-nooffset", "truncated"},
  };
  return kRefused;
}

class DicomCorpusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto files = read_corpus();
    if (!files) GTEST_SKIP() << kNoCorpus;
    files_ = std::move(*files);
    ASSERT_GT(files_.size(), 100U);
  }

  static Result<Header> read(const CorpusFile& file) {
    const UniqueFd descriptor = PACS_TRY(open_file(file.path, O_RDONLY, 0, "a corpus file"));
    const FileAccess access = PACS_TRY(FileAccess::open(descriptor.get()));
    return dicom::read_header(access);
  }

  std::vector<CorpusFile> files_;
};

bool is_identified(const ImageDescription& image) {
  return dicom::StudyUid::parse(image.study_instance_uid) &&
         dicom::SeriesUid::parse(image.series_instance_uid) &&
         dicom::SopInstanceUid::parse(image.sop_instance_uid);
}

TEST_F(DicomCorpusTest, ReadsAllButTheKnownBrokenOnesQuicklyAndInLittleMemory) {
  size_t identified_malformed = 0;
  for (const CorpusFile& file : files_) {
    const size_t size = std::filesystem::file_size(file.path);
    const size_t before = allocated_bytes;
    allocated_bytes_peak = before;
    const auto start = std::chrono::steady_clock::now();
    const auto header = read(file);
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_LT(took, std::chrono::seconds(1)) << file.name;
    constexpr size_t kBeyondFileSizeMax = size_t{4} << 20;
    EXPECT_LT(allocated_bytes_peak - before, size + kBeyondFileSizeMax) << file.name;

    const auto expected = refused().find(file.name);
    if (expected != refused().end()) {
      ASSERT_FALSE(header) << file.name;
      EXPECT_EQ(header.error().code, ErrorCode::invalid_argument) << file.name;
      EXPECT_EQ(header.error().reason, expected->second) << file.name;
      continue;
    }
    ASSERT_TRUE(header) << file.name << ": " << to_string(header.error());
    const ImageDescription image = dicom::describe(*header);
    if (!file.is_valid() && is_identified(image)) ++identified_malformed;
  }
  std::printf("%zu malformed files can be read and identified\n", identified_malformed);
  EXPECT_EQ(identified_malformed, 19U);
}

TEST_F(DicomCorpusTest, FindsTheIdentifiersOfEveryValidImage) {
  std::set<std::string> without_identifiers;
  for (const CorpusFile& file : files_) {
    if (!file.is_valid() || refused().contains(file.name)) continue;
    const auto header = read(file);
    ASSERT_TRUE(header) << file.name;
    const ImageDescription image = dicom::describe(*header);
    if (!image.missing_identifiers().empty()) {
      without_identifiers.insert(file.column("sop_class_name"));
      continue;
    }
    // The UID of 67 characters that the corpus is known to have is refused; all others are taken.
    for (const std::string& uid :
         {image.study_instance_uid, image.series_instance_uid, image.sop_instance_uid}) {
      EXPECT_EQ(dicom::is_uid(uid), uid.size() <= dicom::kUidSizeMax) << file.name << ' ' << uid;
    }
  }
  // None of these is an image of a study.
  for (const std::string& sop_class : without_identifiers) {
    EXPECT_TRUE(sop_class.find("Directory") != std::string::npos ||
                sop_class.find("Palette") != std::string::npos ||
                sop_class.find("Hanging Protocol") != std::string::npos ||
                sop_class.find("Management") != std::string::npos)
        << sop_class;
  }
}

// Numbers may be padded in the manifest, which has them as other tools print them.
std::optional<uint64_t> number_in(const std::string& text) {
  return parse_unsigned(trim(std::string_view(text).substr(0, text.find('\\'))));
}

TEST_F(DicomCorpusTest, AgreesWithTheManifest) {
  // The manifest's names come from pydicom 2.3, which leaves the escape sequences of ISO-IR 58 in.
  const std::string name_with_escapes =
      "valid/fo-dicom_fo-dicom/FO-DICOM.Tests/Test_Data/charset/chrGB2312.dcm";
  for (const CorpusFile& file : files_) {
    if (!file.is_valid() || refused().contains(file.name)) continue;
    const auto header = read(file);
    ASSERT_TRUE(header) << file.name;
    const ImageDescription image = dicom::describe(*header);
    EXPECT_EQ(image.transfer_syntax_uid, file.column("transfer_syntax")) << file.name;
    EXPECT_EQ(image.sop_class_uid, file.column("sop_class_uid")) << file.name;
    EXPECT_EQ(image.modality, file.column("modality")) << file.name;
    if (const auto rows = number_in(file.column("rows"))) {
      EXPECT_EQ(image.rows, rows) << file.name;
    }
    if (const auto columns = number_in(file.column("cols"))) {
      EXPECT_EQ(image.columns, columns) << file.name;
    }
    if (const auto frames = number_in(file.column("frames"))) {
      EXPECT_EQ(image.number_of_frames, frames) << file.name;
    }
    if (file.name == name_with_escapes) continue;
    EXPECT_EQ(image.patient_name, dicom::without_trailing_delimiters(file.column("patient_name")))
        << file.name;
  }
}

// dcm2json of one file; nothing when its output is no JSON.
std::optional<JsonValue> dcm2json(const std::string& path) {
  const std::string command = "dcm2json -q -fc '" + path + "' 2>/dev/null";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string text;
  char buffer[65536];
  while (const size_t count = std::fread(buffer, 1, sizeof(buffer), pipe)) {
    text.append(buffer, count);
  }
  ::pclose(pipe);
  auto json = JsonValue::parse(text);
  return json ? std::optional(std::move(*json)) : std::nullopt;
}

// dcm2json stops at encapsulated pixels, and DCMTK with glibc's iconv knows no ISO 2022: it gets a
// copy without the pixels and with another
// character set of the same length.
std::string copy_for_dcmtk(std::string file, const Header& header) {
  if (const auto charset = header.data_set.find(dicom::tags::kSpecificCharacterSet)) {
    const std::string_view terms = as_text(charset->value());
    if (terms.find("2022") != std::string_view::npos && charset->file_offset()) {
      std::string plain = "ISO_IR 100";
      plain.resize(charset->value().size(), ' ');
      file.replace(*charset->file_offset(), plain.size(), plain);
    }
  }
  if (header.pixel_data && header.pixel_data->is_encapsulated) {
    const bool is_implicit = header.transfer_syntax.vr_encoding == dicom::VrEncoding::implicit_vr;
    const size_t header_size = is_implicit ? 8 : 12;
    file.erase(*header.pixel_data->offset - header_size, header.pixel_data->length + header_size);
  }
  return file;
}

bool has_other_bytes_than_ascii(const std::string& text) {
  for (const char byte : text) {
    if (static_cast<unsigned char>(byte) >= 0x80) return true;
  }
  return text.find("\\u00") != std::string::npos;
}

TEST_F(DicomCorpusTest, WritesTheJsonThatDcmtkWrites) {
  if (std::system("dcm2json --version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "dcm2json is not installed (package dcmtk)";
  }
  const std::string charset_of_wrong_vr =
      "valid/cornerstonejs_cornerstone3D/examplesOld/test-images/"
      "CTImage.dcm_JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91.dcm";
  const std::set<std::string> not_for_dcm2json = {
      // Its Specific Character Set came as UN, and dcm2json reads numbers out of it.
      charset_of_wrong_vr,
      // Encapsulated icons, at which dcm2json stops as well.
      "valid/fo-dicom_fo-dicom/FO-DICOM.Tests/Test_Data/GH133.dcm",
      "valid/fo-dicom_fo-dicom/FO-DICOM.Tests/Test_Data/GH538-jpeg14sv1.dcm",
      "valid/momostarsky_dicom-server-rs/common/data/JPEG2000Lossless.dcm",
      "valid/nipy_nibabel/nibabel/nicom/tests/data/slicethickness_empty_string.dcm",
  };
  DicomJsonOptions options;
  options.bulk_data_uri = [](std::string_view path) { return std::string(path); };
  std::string copy_path =
      (std::filesystem::temp_directory_path() / "pacs-lite-corpus-XXXXXX").string();
  const UniqueFd reserved(::mkstemp(copy_path.data()));
  ASSERT_TRUE(reserved);
  std::map<std::string, size_t> explained;
  size_t compared = 0;

  for (const CorpusFile& file : files_) {
    if (!file.is_valid() || refused().contains(file.name)) continue;
    if (not_for_dcm2json.contains(file.name)) continue;
    const auto header = read(file);
    ASSERT_TRUE(header) << file.name;
    auto original = read_file(file.path, uint64_t{1} << 30);
    ASSERT_TRUE(original);
    std::ofstream(copy_path, std::ios::binary | std::ios::trunc)
        << copy_for_dcmtk(*original, *header);
    const auto theirs = dcm2json(copy_path);
    ASSERT_TRUE(theirs) << "dcm2json cannot write " << file.name;
    const auto ours = JsonValue::parse(dicom::to_dicom_json(header->data_set, options));
    ASSERT_TRUE(ours) << file.name << to_string(ours.error());
    const bool is_extended = file.column("charset").find("2022") != std::string::npos;
    for (const JsonDifference& difference : differences(*ours, *theirs)) {
      if (difference.path == "7FE00010" && difference.theirs == "(absent)") continue;  // cut out
      std::string explanation = difference.explanation;
      if (explanation.empty() && is_extended && has_other_bytes_than_ascii(difference.theirs)) {
        explanation = "code extensions, which the copy for dcm2json does not declare";
      }
      EXPECT_NE(explanation, "") << file.name << '\n'
                                 << difference.path << "\n  ours:   " << difference.ours
                                 << "\n  theirs: " << difference.theirs;
      ++explained[explanation];
    }
    ++compared;
  }
  std::filesystem::remove(copy_path);
  std::printf("%zu files compared; differences by reason:\n", compared);
  for (const auto& [reason, count] : explained) std::printf("  %5zu %s\n", count, reason.c_str());
  EXPECT_GT(compared, 400U);
}

TEST_F(DicomCorpusTest, FindsTheFramesOfEveryImage) {
  // 65,535 by 65,535 pixels are claimed and a few bytes are there.
  const std::set<std::string> unknown = {
      "valid/orthanc-mirrors_orthanc-tests/2026-05-26-oob-monochrome-65535.dcm"};
  size_t tables = 0;
  for (const CorpusFile& file : files_) {
    if (!file.is_valid() || refused().contains(file.name)) continue;
    auto bytes = read_file(file.path, uint64_t{1} << 30);
    ASSERT_TRUE(bytes);
    const dicom::MemoryAccess access(as_bytes(*bytes));
    const auto header = dicom::read_header(access);
    ASSERT_TRUE(header) << file.name;
    const auto table = FrameTable::build(access, *header);
    if (unknown.contains(file.name)) {
      ASSERT_FALSE(table) << file.name;
      EXPECT_EQ(table.error().reason, "frames_unknown");
      continue;
    }
    ASSERT_TRUE(table) << file.name << ' ' << to_string(table.error());
    const auto again = FrameTable::parse(table->serialize());
    ASSERT_TRUE(again) << file.name;
    EXPECT_EQ(*again, *table) << file.name;
    if (table->frame_count() == 0) continue;
    ++tables;
    const size_t stated = number_in(file.column("frames")).value_or(1);
    EXPECT_EQ(table->frame_count(), std::max<size_t>(stated, 1)) << file.name;
    for (size_t i = 0; i < table->frame_count(); ++i) {
      for (const auto& piece : table->frame(i).pieces) {
        ASSERT_LE(piece.offset + piece.length, bytes->size()) << file.name;
      }
    }
  }
  EXPECT_GT(tables, 300U);
}

// What pydicom found (make_frame_digests.py), byte for byte.
TEST_F(DicomCorpusTest, CutsTheFramesThatPydicomCuts) {
  std::map<std::string, const CorpusFile*> by_name;
  for (const CorpusFile& file : files_) by_name[file.name] = &file;
  std::ifstream digests(PACS_LITE_SOURCE_DIR "/tests/corpus/frame_digests.tsv");
  ASSERT_TRUE(digests);
  size_t compared = 0;
  for (std::string line; std::getline(digests, line); ++compared) {
    const auto columns = split(line, '\t');
    ASSERT_EQ(columns.size(), 3U);
    const auto found = by_name.find(std::string(columns[0]));
    if (found == by_name.end()) continue;
    const auto bytes = read_file(found->second->path, uint64_t{1} << 30);
    ASSERT_TRUE(bytes);
    const dicom::MemoryAccess access(as_bytes(*bytes));
    const auto header = dicom::read_header(access);
    ASSERT_TRUE(header) << line;
    const auto table = FrameTable::build(access, *header);
    ASSERT_TRUE(table) << line << to_string(table.error());
    EXPECT_EQ(std::to_string(table->frame_count()), columns[1]) << line;
    Sha256 hash;
    for (size_t i = 0; i < table->frame_count(); ++i) {
      const FrameTable::Frame frame = table->frame(i);
      const uint64_t length = frame.length();
      hash.update(std::as_bytes(std::span(&length, 1)));
      for (const auto& piece : frame.pieces) {
        hash.update(as_bytes(*bytes).subspan(piece.offset, piece.length));
      }
    }
    EXPECT_EQ(hash.finish().hex(), columns[2]) << line;
  }
  EXPECT_GT(compared, 100U);
}

}  // namespace
}  // namespace pacs::testing
