#include "cli/test_image.h"

#include <cstdint>
#include <string_view>

#include "core/assert.h"
#include "core/uuid.h"
#include "dicom/file_meta.h"
#include "dicom/tag.h"
#include "dicom/uid.h"

namespace pacs::cli {
namespace {

constexpr size_t kPreambleBytes = 128;
constexpr uint16_t kRows = 64;
constexpr std::string_view kSecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";  // PS3.4 B.5
constexpr std::string_view kExplicitLittleEndian = "1.2.840.10008.1.2.1";    // PS3.5 A.2
constexpr std::string_view kImplementation = dicom::kImplementationClassUid;

// Data elements with explicit value representation (PS3.5 7.1.2), little endian.
class ElementWriter {
 public:
  void text(dicom::Tag tag, std::string_view vr, std::string_view value) {
    std::string padded(value);
    if (padded.size() % 2 != 0) padded += vr == "UI" ? '\0' : ' ';
    head(tag, vr);
    number16(static_cast<uint16_t>(padded.size()));
    append(as_bytes(padded));
  }
  void number(dicom::Tag tag, uint16_t value) {
    head(tag, "US");
    number16(2);
    number16(value);
  }
  // OB, with its two reserved bytes and a length of 32 bits.
  void bytes(dicom::Tag tag, Bytes value) {
    PACS_ASSERT(value.size() % 2 == 0);
    head(tag, "OB");
    number16(0);
    number32(static_cast<uint32_t>(value.size()));
    append(value);
  }
  void group_length(uint16_t group, size_t length) {
    head({group, 0}, "UL");
    number16(4);
    number32(static_cast<uint32_t>(length));
  }
  void append(Bytes more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }
  [[nodiscard]] const ByteVector& written() const { return bytes_; }

 private:
  void head(dicom::Tag tag, std::string_view vr) {
    number16(tag.group);
    number16(tag.element);
    append(as_bytes(vr));
  }
  void number16(uint16_t value) {
    bytes_.push_back(static_cast<std::byte>(value & 0xFF));
    bytes_.push_back(static_cast<std::byte>(value >> 8));
  }
  void number32(uint32_t value) {
    number16(static_cast<uint16_t>(value & 0xFFFF));
    number16(static_cast<uint16_t>(value >> 16));
  }
  ByteVector bytes_;
};

std::string new_uid(Random& random) { return dicom::to_uid(Uuid::random(random)); }

ByteVector meta_information(const TestImage& image) {
  ElementWriter meta;
  const ByteVector version = {std::byte{0}, std::byte{1}};
  meta.bytes({0x0002, 0x0001}, version);
  meta.text({0x0002, 0x0002}, "UI", kSecondaryCapture);
  meta.text({0x0002, 0x0003}, "UI", image.image_uid);
  meta.text({0x0002, 0x0010}, "UI", kExplicitLittleEndian);
  meta.text({0x0002, 0x0012}, "UI", kImplementation);
  return meta.written();
}

ByteVector data_set(const TestImage& image) {
  ElementWriter writer;
  writer.text({0x0008, 0x0016}, "UI", kSecondaryCapture);
  writer.text({0x0008, 0x0018}, "UI", image.image_uid);
  writer.text({0x0008, 0x0020}, "DA", "20260101");
  writer.text({0x0008, 0x0060}, "CS", "OT");
  writer.text({0x0008, 0x1030}, "LO", "pacs-lite test-storage");
  writer.text({0x0010, 0x0010}, "PN", "Test^Storage");
  writer.text({0x0010, 0x0020}, "LO", "PACS-LITE-TEST");
  writer.text({0x0020, 0x000D}, "UI", image.study_uid);
  writer.text({0x0020, 0x000E}, "UI", image.series_uid);
  writer.text({0x0020, 0x0013}, "IS", "1");
  writer.number({0x0028, 0x0002}, 1);
  writer.text({0x0028, 0x0004}, "CS", "MONOCHROME2");
  writer.number({0x0028, 0x0010}, kRows);
  writer.number({0x0028, 0x0011}, kRows);
  writer.number({0x0028, 0x0100}, 8);
  writer.number({0x0028, 0x0101}, 8);
  writer.number({0x0028, 0x0102}, 7);
  writer.number({0x0028, 0x0103}, 0);
  ByteVector pixels(size_t{kRows} * kRows);
  for (size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::byte>((i % kRows + i / kRows) * 2);  // a slope from black to white
  }
  writer.bytes({0x7FE0, 0x0010}, pixels);
  return writer.written();
}

}  // namespace

TestImage make_test_image(Random& random) {
  TestImage image;
  image.study_uid = new_uid(random);
  image.series_uid = new_uid(random);
  image.image_uid = new_uid(random);
  const ByteVector meta = meta_information(image);
  ElementWriter file;
  file.append(ByteVector(kPreambleBytes));
  file.append(as_bytes("DICM"));
  file.group_length(0x0002, meta.size());
  file.append(meta);
  file.append(data_set(image));
  image.bytes = file.written();
  return image;
}

}  // namespace pacs::cli
