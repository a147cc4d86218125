// A DICOMDIR: whatever it names, only plain files of its own medium are found. Input: the ids of
// the files, a line each; each is also tried as the whole DICOMDIR.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli/import_folder.h"
#include "core/text.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/support/dicom_builder.h"

namespace {

namespace fs = std::filesystem;
using pacs::testing::DicomBuilder;
namespace dicom = pacs::dicom;

constexpr dicom::Tag kDirectoryRecords{0x0004, 0x1220};
constexpr dicom::Tag kFileId{0x0004, 0x1500};
constexpr size_t kRecordsMax = 16;

// A medium, and beside it what is none of its business.
struct Medium {
  Medium() {
    std::string pattern = (fs::temp_directory_path() / "pacs-lite-XXXXXX").string();
    FUZZ_CHECK(::mkdtemp(pattern.data()) != nullptr);
    top = pattern;
    folder = top / "medium";
    fs::create_directories(folder / "A" / "B.1");
    std::ofstream(folder / "A" / "IM1") << "x";
    std::ofstream(folder / "A" / "B.1" / "im2.dcm;1") << "x";
    std::ofstream(top / "SECRET") << "x";
    fs::create_symlink(top, folder / "UP");
    fs::create_symlink(top / "SECRET", folder / "LINK");
  }
  ~Medium() {
    std::error_code ignored;
    fs::remove_all(top, ignored);
  }
  Medium(const Medium&) = delete;
  Medium& operator=(const Medium&) = delete;

  fs::path top;
  fs::path folder;
};

void check(const Medium& medium, std::string_view bytes) {
  const std::string path = medium.folder / "DICOMDIR";
  std::ofstream(path, std::ios::binary) << bytes;
  const auto contents = pacs::cli::read_dicomdir(path);
  if (!contents) return;
  for (const std::string& file : contents->files) {
    FUZZ_CHECK(file.find('\0') == std::string::npos);
    FUZZ_CHECK(fs::is_regular_file(fs::symlink_status(file)));
    const std::string real = fs::canonical(file).string();
    FUZZ_CHECK(real.starts_with(medium.folder.string() + "/"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Medium medium;
  pacs::fuzz::Input input(data, size);
  check(medium, input.rest());
  std::vector<DicomBuilder> records;
  while (!input.empty() && records.size() < kRecordsMax) {
    records.push_back(DicomBuilder().text(kFileId, dicom::Vr::CS, input.take_line()));
  }
  check(medium, DicomBuilder().sequence(kDirectoryRecords, records).build());
  return 0;
}
