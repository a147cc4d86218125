// Whatever the bytes are, reading answers with a header or an error: it does not crash, does not
// read beyond its bytes (these tests run under AddressSanitizer too) and does not take long.

#include <random>

#include <gtest/gtest.h>

#include "dicom/dicom_json.h"
#include "dicom/frame_table.h"
#include "dicom/header_reader.h"
#include "dicom/image_description.h"
#include "tests/support/dicom_builder.h"

namespace pacs::dicom {
namespace {

using pacs::testing::DicomBuilder;

// A bit of everything that a file can hold.
DicomBuilder rich() {
  DicomBuilder inner;
  inner.text(tags::kSpecificCharacterSet, Vr::CS, "\\ISO 2022 IR 87")
      .text(tags::kPatientName, Vr::PN, "Yamada=\x1B$B;3ED\x1B(B")
      .floats({0x0018, 0x9087}, Vr::FD, {1.5});
  DicomBuilder item;
  item.sequence({0x0040, 0xA730}, {inner, inner}, DicomBuilder::Length::undefined);
  return DicomBuilder::ct_slice("1.2.3", "1.2.3.4", "1.2.3.4.5")
      .text({0x0019, 0x0010}, Vr::LO, "SIEMENS CSA HEADER")
      .bytes({0x0019, 0x1010}, Vr::UN, "private!")
      .numbers({0x0028, 0x0009}, Vr::AT, {0x00181063})
      .sequence({0x0008, 0x1140}, {item}, DicomBuilder::Length::stated)
      .sequence({0x0008, 0x2112}, {item, DicomBuilder()}, DicomBuilder::Length::undefined);
}

std::vector<std::string> files() {
  std::vector<std::string> files;
  for (const std::string_view uid : {kImplicitVrLittleEndian, kExplicitVrLittleEndian,
                                     kExplicitVrBigEndian, kDeflatedExplicitVrLittleEndian}) {
    files.push_back(rich().transfer_syntax(uid).build());
  }
  files.push_back(rich()
                      .transfer_syntax("1.2.840.10008.1.2.4.50")
                      .text(tags::kNumberOfFrames, Vr::IS, "2")
                      .fragments({0, 12}, {"AAAA", "BB"})
                      .build());
  return files;
}

// Everything that the archive does with a file. True when it could be read.
bool take(const std::string& file) {
  const MemoryAccess access(as_bytes(file));
  const auto header = read_header(access);
  if (!header) {
    EXPECT_EQ(header.error().code, ErrorCode::invalid_argument) << to_string(header.error());
    return false;
  }
  const auto json = to_dicom_json(header->data_set);
  EXPECT_TRUE(json.starts_with('{') && json.ends_with('}'));
  (void)describe(*header);
  const auto table = FrameTable::build(access, *header);
  if (table) {
    EXPECT_TRUE(FrameTable::parse(table->serialize()));
  } else {
    EXPECT_EQ(table.error().code, ErrorCode::invalid_argument);
  }
  return true;
}

TEST(HostileFileTest, SurvivesACutAtEveryByte) {
  for (const std::string& file : files()) {
    ASSERT_TRUE(take(file));
    for (size_t size = 0; size < file.size(); ++size) {
      // A copy of just that size, so that a byte read too many is seen.
      take(std::string(file.data(), size));
    }
  }
}

TEST(HostileFileTest, RefusesACutThatIsNotBetweenElements) {
  const std::string file = rich().build();
  const auto reason = [&](size_t size) {
    const std::string cut = file.substr(0, size);
    const auto header = read_header(MemoryAccess(as_bytes(cut)));
    return header ? "no error" : header.error().reason;
  };
  for (size_t missing = 1; missing <= 32; ++missing) {
    EXPECT_EQ(reason(file.size() - missing), "truncated") << missing;
  }
}

TEST(HostileFileTest, SurvivesRandomChanges) {
  std::mt19937 generator(20261122);
  size_t readable = 0;
  for (const std::string& original : files()) {
    for (int round = 0; round < 2'000; ++round) {
      std::string file = original;
      const size_t changes = 1 + generator() % 8;
      for (size_t i = 0; i < changes; ++i) {
        const size_t at = generator() % file.size();
        switch (generator() % 4) {
          case 0:
            file[at] = static_cast<char>(generator());
            break;
          case 1:
            file[at] = '\xFF';
            break;
          case 2:
            file.erase(at, 1 + generator() % 8);
            break;
          default:
            file.insert(at, file.substr(generator() % file.size(), 1 + generator() % 64));
        }
        if (file.empty()) break;
      }
      if (take(file)) ++readable;
    }
  }
  EXPECT_GT(readable, 500U) << "the changes are too wild to reach the later code";
}

// Many places where a length can lie: each four bytes of a file become a few lengths in turn.
TEST(HostileFileTest, SurvivesLyingLengths) {
  for (const std::string& original : files()) {
    for (size_t at = 132; at + 4 <= original.size(); ++at) {
      for (const std::string_view lie :
           {std::string_view("\xFF\xFF\xFF\xFF", 4), std::string_view("\0\0\0\x80", 4)}) {
        std::string file = original;
        file.replace(at, lie.size(), lie);
        take(file);
      }
    }
  }
}

}  // namespace
}  // namespace pacs::dicom
