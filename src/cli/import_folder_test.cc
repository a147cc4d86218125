#include "cli/import_folder.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "cli/import_zip.h"
#include "cli/test_image.h"
#include "tests/support/dicom_builder.h"
#include "tests/support/temporary_folder.h"

namespace pacs::cli {
namespace {

namespace fs = std::filesystem;

class ImportFolderTest : public ::testing::Test {
 protected:
  void write(const std::string& name, Bytes content) {
    const fs::path path = folder_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << as_text(content);
  }
  void write(const std::string& name, std::string_view text) { write(name, as_bytes(text)); }
  std::string write_image(const std::string& name) {
    TestImage image = make_test_image(random_);
    write(name, image.bytes);
    return image.image_uid;
  }

  void find(const std::string& path, ImportKinds kinds = ImportKinds::dicom) {
    const ImportFindings wanted{kinds, 1'000'000};
    EXPECT_TRUE(find_images(path, wanted, sink_));
  }
  [[nodiscard]] std::vector<std::string> taken() {
    std::sort(taken_.begin(), taken_.end());
    return taken_;
  }
  [[nodiscard]] std::string code_of(const std::string& place) const {
    for (const ImportResult& result : left_out_) {
      if (result.place.find(place) != std::string::npos) return result.code;
    }
    return "";
  }

  SystemRandom random_;
  testing_support::TemporaryFolder folder_;
  std::vector<std::string> taken_;
  std::vector<ImportResult> left_out_;
  ImportSink sink_{[this](const ImportItem& item) {
                     taken_.push_back(item.place.substr(folder_.path().string().size() + 1));
                     return true;
                   },
                   [this](ImportResult result) { left_out_.push_back(std::move(result)); }};
};

TEST_F(ImportFolderTest, TakesDicomByItsBytesAndSkipsTheRest) {
  write_image("a/IM1");
  write_image("a/b/c/image.dcm");
  write("a/viewer.exe", "MZ not an image");
  write("a/photo.jpg", "\xff\xd8\xff\xe0 a photo");
  write("a/broken.dcm", "not DICOM at all");
  write("a/empty", "");
  fs::create_symlink(folder_.path() / "a/IM1", folder_.path() / "a/link");
  find(folder_.path());
  EXPECT_EQ(taken(), (std::vector<std::string>{"a/IM1", "a/b/c/image.dcm", "a/broken.dcm"}));
  EXPECT_EQ(code_of("viewer.exe"), "no_image");
  EXPECT_EQ(code_of("photo.jpg"), "not_dicom");
  EXPECT_EQ(code_of("empty"), "no_image");
  EXPECT_EQ(code_of("link"), "no_plain_file");
}

TEST_F(ImportFolderTest, TakesPicturesWhenAskedTo) {
  write("photo.jpg", "\xff\xd8\xff\xe0 a photo");
  write("report.pdf", "%PDF-1.7 a report");
  write("readme.txt", "text");
  find(folder_.path(), ImportKinds::all);
  EXPECT_EQ(taken(), (std::vector<std::string>{"photo.jpg", "report.pdf"}));
}

TEST_F(ImportFolderTest, AFifoIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  find(folder_ / "pipe");
  EXPECT_EQ(code_of("pipe"), "no_plain_file");
}

TEST_F(ImportFolderTest, AMissingFileIsAFailure) {
  find(folder_ / "nothing");
  ASSERT_EQ(left_out_.size(), 1U);
  EXPECT_EQ(left_out_[0].outcome, ImportOutcome::failed);
}

// A DICOMDIR (PS3.3 F.3) with three images, of which one is spelt in lower case on the disk and one
// is missing.
class DicomdirTest : public ImportFolderTest {
 protected:
  static std::string dicomdir(const std::vector<std::string>& file_ids) {
    constexpr dicom::Tag kRecords{0x0004, 0x1220};
    constexpr dicom::Tag kRecordType{0x0004, 0x1430};
    constexpr dicom::Tag kFileId{0x0004, 0x1500};
    std::vector<testing::DicomBuilder> records;
    records.push_back(testing::DicomBuilder().text(kRecordType, dicom::Vr::CS, "PATIENT"));
    for (const std::string& file_id : file_ids) {
      records.push_back(testing::DicomBuilder()
                            .text(kRecordType, dicom::Vr::CS, "IMAGE")
                            .text(kFileId, dicom::Vr::CS, file_id));
    }
    return testing::DicomBuilder().sequence(kRecords, records).build();
  }
};

TEST_F(DicomdirTest, NamesTheImagesOfAMedium) {
  write_image("cd/DICOM/IM1");
  write_image("cd/dicom2/im2");
  write_image("cd/UNNAMED");
  write_image("outside");
  write("cd/DICOMDIR",
        dicomdir({"DICOM\\IM1", "DICOM2\\IM2", "DICOM\\GONE", "..\\outside", "DICOM"}));
  const auto contents = read_dicomdir(folder_ / "cd/DICOMDIR");
  ASSERT_TRUE(contents) << to_string(contents.error());
  EXPECT_EQ(contents->files.size(), 2U);
  EXPECT_EQ(contents->missing, (std::vector<std::string>{"DICOM\\GONE", "..\\outside", "DICOM"}));

  find(folder_ / "cd/DICOMDIR");
  EXPECT_EQ(taken(), (std::vector<std::string>{"cd/DICOM/IM1", "cd/dicom2/im2"}));
  EXPECT_EQ(code_of("cd/DICOMDIR"), "missing_on_medium");
}

TEST_F(DicomdirTest, NamesNothingOutsideTheMedium) {
  write_image("cd/DICOM/IM1");
  write_image("outside/IM1");
  fs::create_directory_symlink(folder_.path() / "outside", folder_.path() / "cd/LINK");
  const std::string zero_byte("DICOM\\IM1\0X", 11);
  write("cd/DICOMDIR", dicomdir({"LINK\\IM1", zero_byte, "DICOM\\IM1"}));
  const auto contents = read_dicomdir(folder_ / "cd/DICOMDIR");
  ASSERT_TRUE(contents) << to_string(contents.error());
  EXPECT_EQ(contents->files, (std::vector<std::string>{folder_ / "cd/DICOM/IM1"}));
  EXPECT_EQ(contents->missing, (std::vector<std::string>{"LINK\\IM1", zero_byte}));
}

TEST_F(DicomdirTest, AFolderIsTakenWholeWhateverItsDicomdirSays) {
  write_image("cd/DICOM/IM1");
  write_image("cd/UNNAMED");
  write("cd/DICOMDIR", dicomdir({"DICOM\\IM1", "DICOM\\GONE"}));
  find(folder_ / "cd");
  EXPECT_EQ(taken(), (std::vector<std::string>{"cd/DICOM/IM1", "cd/UNNAMED"}));
  EXPECT_EQ(code_of("cd/DICOMDIR"), "missing_on_medium");
}

class ImportZipTest : public ImportFolderTest {
 protected:
  // By Python's zipfile, which is none of ours.
  void zip(const std::string& script) {
    const std::string command = "cd '" + folder_.path().string() +
                                "' && /usr/bin/python3 -c \"import zipfile\n"
                                "z = zipfile.ZipFile('exam.zip', 'w', zipfile.ZIP_DEFLATED)\n" +
                                script + "\nz.close()\"";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  void find_in_zip(const ZipLimits& limits) {
    const ImportFindings wanted{ImportKinds::dicom, 1'000'000};
    EXPECT_TRUE(find_images_in_zip(folder_ / "exam.zip", wanted, sink_, limits));
  }
};

TEST_F(ImportZipTest, TakesImagesOutOfItWithoutTouchingTheirNames) {
  write_image("IM1");
  zip("z.write('IM1', 'DICOM/IM1')\nz.write('IM1', '../../escape.dcm')\n"
      "z.writestr('readme.txt', 'text')\nz.writestr('folder/', '')");
  find(folder_ / "exam.zip");
  EXPECT_EQ(taken(),
            (std::vector<std::string>{"exam.zip: ../../escape.dcm", "exam.zip: DICOM/IM1"}));
  EXPECT_EQ(code_of("readme.txt"), "no_image");
  EXPECT_FALSE(fs::exists(folder_.path().parent_path().parent_path() / "escape.dcm"));
}

TEST_F(ImportZipTest, LargeEntriesGoThroughAFileWithTheSameBytes) {
  const std::string uid = write_image("IM1");
  zip("z.write('IM1')");
  std::string unpacked;
  sink_.take = [&](const ImportItem& item) {
    unpacked.resize(item.content->size());
    return item.content
        ->read_at(0, {reinterpret_cast<std::byte*>(unpacked.data()), unpacked.size()})
        .has_value();
  };
  ZipLimits limits;
  limits.memory_bytes_max = 100;
  find_in_zip(limits);
  EXPECT_NE(unpacked.find(uid), std::string::npos);
  EXPECT_EQ(unpacked.size(), fs::file_size(folder_ / "IM1"));
}

TEST_F(ImportZipTest, ABombIsStoppedByWhatComesOut) {
  zip("z.writestr('bomb.dcm', bytes(900000))\nz.writestr('second.dcm', bytes(900000))\n"
      "z.writestr('third.dcm', bytes(900000))");
  ZipLimits limits;
  limits.output_bytes_always = 1'000'000;
  limits.growth_max = 2;
  find_in_zip(limits);
  EXPECT_EQ(taken(), (std::vector<std::string>{"exam.zip: bomb.dcm"}));
  EXPECT_EQ(code_of("second.dcm"), "zip_bomb");
  EXPECT_EQ(code_of("third.dcm"), "") << "it was looked at all the same";
}

TEST_F(ImportZipTest, AnEntryLargerThanAnImageMayBeIsAFailure) {
  zip("z.writestr('large.dcm', bytes(2000000))");
  find_in_zip({});
  EXPECT_EQ(code_of("large.dcm"), "too_large");
}

TEST_F(ImportZipTest, TooManyEntriesAreAFailure) {
  zip("[z.writestr(str(i), 'x') for i in range(20)]");
  ZipLimits limits;
  limits.entries_max = 10;
  find_in_zip(limits);
  EXPECT_EQ(code_of("exam.zip"), "no_image");
  EXPECT_EQ(left_out_.back().code, "too_many_entries");
  EXPECT_EQ(left_out_.size(), 11U);
}

TEST_F(ImportZipTest, ADamagedFileIsAFailureAndNoCrash) {
  write_image("IM1");
  zip("z.write('IM1')");
  fs::resize_file(folder_ / "exam.zip", fs::file_size(folder_ / "exam.zip") / 2);
  find_in_zip({});
  ASSERT_FALSE(left_out_.empty());
  EXPECT_EQ(left_out_[0].outcome, ImportOutcome::failed);
}

}  // namespace
}  // namespace pacs::cli
