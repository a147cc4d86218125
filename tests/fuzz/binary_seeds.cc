#include <zlib.h>

#include "dicom/frame_table.h"
#include "dicom/header_reader.h"
#include "tests/fuzz/seeds.h"
#include "tests/support/dicom_builder.h"

namespace pacs::fuzz {
namespace {

using dicom::Tag;
using dicom::Vr;
using pacs::testing::DicomBuilder;
namespace tags = dicom::tags;

constexpr std::string_view kJpegBaseline = "1.2.840.10008.1.2.4.50";
constexpr std::string_view kRle = "1.2.840.10008.1.2.5";
constexpr std::string_view kMpeg4 = "1.2.840.10008.1.2.4.102";

DicomBuilder slice() { return DicomBuilder::ct_slice("1.2.3", "1.2.3.4", "1.2.3.4.5"); }

// Each VR once, sequences of both kinds of length, private elements.
DicomBuilder rich() {
  const auto inner = DicomBuilder()
                         .text({0x0008, 0x0100}, Vr::SH, "T-1")
                         .text({0x0008, 0x0104}, Vr::LO,
                               "Gr\xFC\xDF"
                               "e");
  return slice()
      .text(tags::kSpecificCharacterSet, Vr::CS, "\\ISO 2022 IR 87")
      .text(tags::kPatientName, Vr::PN, "Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B")
      .text({0x0010, 0x1010}, Vr::AS, "042Y")
      .text({0x0018, 0x0050}, Vr::DS, "1.5\\-2e3\\+07.")
      .text({0x0020, 0x0013}, Vr::IS, "12")
      .text({0x0008, 0x002A}, Vr::DT, "20260131093015.5+0100")
      .text({0x0008, 0x1190}, Vr::UR, "https://pacs.example/x")
      .text({0x0020, 0x4000}, Vr::LT, "a\\b\r\nc")
      .floats({0x0018, 0x9073}, Vr::FD, {1.5, -0.25})
      .floats({0x0008, 0x2130}, Vr::FL, {3.25})
      .numbers({0x0028, 0x0009}, Vr::AT, {0x00181063})
      .numbers({0x0028, 0x0106}, Vr::SS, {-5})
      .numbers({0x0008, 0x1161}, Vr::UL, {1, 2, 3})
      .bytes({0x0009, 0x1001}, Vr::UN, "1234")
      .text({0x0009, 0x0010}, Vr::LO, "ACME")
      .sequence({0x0008, 0x1110}, {inner, inner})
      .sequence({0x0040, 0x0275}, {DicomBuilder().sequence({0x0040, 0x0008}, {inner})},
                DicomBuilder::Length::undefined);
}

DicomBuilder encapsulated(std::string_view syntax, int frames) {
  const std::string picture = std::string("\xFF\xD8", 2) + "pixels" + std::string("\xFF\xD9", 2);
  std::vector<uint32_t> offsets;
  std::vector<std::string> fragments;
  for (int i = 0; i < frames; ++i) {
    offsets.push_back(static_cast<uint32_t>(i * (8 + static_cast<int>(picture.size()))));
    fragments.push_back(picture);
  }
  return slice()
      .transfer_syntax(syntax)
      .text(tags::kNumberOfFrames, Vr::IS, std::to_string(frames))
      .fragments(offsets, fragments);
}

DicomBuilder nested(int depth) {
  DicomBuilder item = DicomBuilder().text({0x0008, 0x0100}, Vr::SH, "deep");
  for (int i = 0; i < depth; ++i) {
    item = DicomBuilder().sequence({0x0040, 0xA730}, {item}, DicomBuilder::Length::undefined);
  }
  return slice().sequence({0x0040, 0xA730}, {item});
}

void add_files_to_rewrite(Seeds& seeds) {
  const std::string noun = "explicit_file";
  seeds.push_back({noun, "implicit", rich().transfer_syntax("1.2.840.10008.1.2").build()});
  seeds.push_back({noun, "big_endian", rich().transfer_syntax("1.2.840.10008.1.2.2").build()});
  seeds.push_back({noun, "deflated", rich().transfer_syntax("1.2.840.10008.1.2.1.99").build()});
  seeds.push_back({noun, "explicit", nested(3).build()});
}

void add_dicom_files(Seeds& seeds) {
  const std::string noun = "dicom_file";
  seeds.push_back({noun, "explicit", rich().build()});
  seeds.push_back({noun, "implicit", rich().transfer_syntax("1.2.840.10008.1.2").build()});
  seeds.push_back({noun, "big_endian", rich().transfer_syntax("1.2.840.10008.1.2.2").build()});
  seeds.push_back({noun, "deflated", rich().transfer_syntax("1.2.840.10008.1.2.1.99").build()});
  seeds.push_back({noun, "without_meta", slice().without_meta().without_preamble().build()});
  seeds.push_back({noun, "jpeg", encapsulated(kJpegBaseline, 3).build()});
  seeds.push_back({noun, "jpeg_without_table",
                   slice().transfer_syntax(kJpegBaseline).fragments({}, {"ab", "cd"}).build()});
  seeds.push_back({noun, "rle", encapsulated(kRle, 1).build()});
  seeds.push_back({noun, "video", encapsulated(kMpeg4, 1).build()});
  seeds.push_back({noun, "frames",
                   slice()
                       .text(tags::kNumberOfFrames, Vr::IS, "4")
                       .number(tags::kBitsAllocated, Vr::US, 1)
                       .number(tags::kRows, Vr::US, 3)
                       .number(tags::kColumns, Vr::US, 3)
                       .build()});
  seeds.push_back({noun, "nested", nested(7).build()});
  seeds.push_back({noun, "numbers",
                   slice()
                       .text({0x0018, 0x0050}, Vr::DS, "-0.5\\.5\\1E5\\x\\")
                       .floats({0x0018, 0x9073}, Vr::FD, {1e300})
                       .build()});
  for (const auto& [name, builder] : {std::pair("rich", rich()), std::pair("nested", nested(5))}) {
    seeds.push_back({"deflated_file", name, "\x06" + builder.build_data_set()});
  }
}

void add_frame_tables(Seeds& seeds) {
  for (const auto& [name, builder] :
       {std::pair("native", slice()), std::pair("jpeg", encapsulated(kJpegBaseline, 3)),
        std::pair("video", encapsulated(kMpeg4, 1))}) {
    const std::string file = builder.build();
    const dicom::MemoryAccess access(as_bytes(file));
    const auto table = dicom::FrameTable::build(access, dicom::read_header(access).value());
    seeds.push_back({"frame_table", name, std::string(as_text(table.value().serialize()))});
  }
}

std::string number(uint64_t value, size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

// One entry of a ZIP file (APPNOTE 4.3.7, 4.3.12, 4.3.16), not compressed.
std::string zip_of(const std::string& name, const std::string& content) {
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
  const std::string common = number(20, 2) + number(0, 2) + number(0, 2) + number(0, 4) +
                             number(crc, 4) + number(content.size(), 4) +
                             number(content.size(), 4) + number(name.size(), 2) + number(0, 2);
  const std::string local = "PK\x03\x04" + common + name + content;
  const std::string entry = "PK\x01\x02" + number(20, 2) + common + number(0, 2) + number(0, 2) +
                            number(0, 2) + number(0, 4) + number(0, 4) + name;
  return local + entry + "PK\x05\x06" + number(0, 4) + number(1, 2) + number(1, 2) +
         number(entry.size(), 4) + number(local.size(), 4) + number(0, 2);
}

void add_archives(Seeds& seeds) {
  seeds.push_back({"zip", "image", zip_of("A/IM1", slice().build())});
  seeds.push_back({"zip", "text", zip_of("../README.TXT", "hello")});
  seeds.push_back({"zip", "large", zip_of("IM1.dcm", slice().build() + std::string(70'000, 'x'))});
  seeds.push_back({"zip_members", "one", "\xFF" + zip_of("A/IM1", slice().build())});
  seeds.push_back({"zip_members", "slow", std::string(1, '\0') + zip_of("../README.TXT", "hello")});
  const std::string directory =
      DicomBuilder()
          .sequence({0x0004, 0x1220}, {DicomBuilder().text({0x0004, 0x1500}, Vr::CS, "A\\IM1")})
          .build();
  seeds.push_back({"dicomdir", "whole", directory});
  seeds.push_back({"dicomdir", "ids", "A\\IM1\nA\\B.1\\IM2.DCM\nUP\\SECRET\nLINK\n..\\SECRET\n"});
}

void add_pictures(Seeds& seeds) {
  const std::string start("\xFF\xD8\xFF\xE0\x00\x04..\xFF\xC0\x00\x11\x08", 13);
  seeds.push_back(
      {"picture", "jpeg",
       start + std::string("\x00\x10\x00\x20\x03", 5) + std::string(9, '\x11') + "\xFF\xD9"});
  seeds.push_back({"picture", "png",
                   std::string("\x89PNG\r\n\x1a\n\x00\x00\x00\x0DIHDR"
                               "\x00\x00\x00\x10\x00\x00\x00\x20\x08\x02"
                               "\x00\x00\x00",
                               29)});
  seeds.push_back({"picture", "pdf", "%PDF-1.7\n"});
}

}  // namespace

void add_binary_seeds(Seeds& seeds) {
  add_dicom_files(seeds);
  add_files_to_rewrite(seeds);
  add_frame_tables(seeds);
  add_archives(seeds);
  add_pictures(seeds);
}

}  // namespace pacs::fuzz
