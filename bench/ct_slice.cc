#include "bench/ct_slice.h"

#include <cstdio>
#include <cstring>
#include <random>

namespace pacs::bench {
namespace {

void put16(std::string& out, unsigned value) {
  out.push_back(static_cast<char>(value & 0xff));
  out.push_back(static_cast<char>(value >> 8 & 0xff));
}

void put32(std::string& out, uint32_t value) {
  put16(out, value & 0xffff);
  put16(out, value >> 16);
}

// Explicit VR little endian (PS3.5 7.1.2); tells where the value starts.
size_t element(std::string& out, unsigned group, unsigned number, const char* vr,
               std::string value) {
  const bool is_long = std::strcmp(vr, "OB") == 0 || std::strcmp(vr, "OW") == 0;
  if (value.size() % 2 != 0) value.push_back(std::strcmp(vr, "UI") == 0 ? '\0' : ' ');
  put16(out, group);
  put16(out, number);
  out.append(vr, 2);
  if (is_long) {
    put16(out, 0);
    put32(out, static_cast<uint32_t>(value.size()));
  } else {
    put16(out, static_cast<unsigned>(value.size()));
  }
  const size_t at = out.size();
  out.append(value);
  return at;
}

std::string us(unsigned value) {
  std::string bytes;
  put16(bytes, value);
  return bytes;
}

std::string uid(uint32_t run, uint32_t series, uint32_t image, unsigned level) {
  char text[64];
  std::snprintf(text, sizeof text, "1.2.826.0.1.3680043.10.1234.%u.1%09u.1%06u.1%06u", level, run,
                series, image);
  return text;
}

std::string pixels(unsigned side) {
  std::string bytes(size_t{2} * side * side, '\0');
  std::mt19937 random(1);
  for (size_t i = 0; i < bytes.size(); i += 2) {
    const unsigned value = (random() & 0xff) + 900;  // soft tissue and noise
    bytes[i] = static_cast<char>(value & 0xff);
    bytes[i + 1] = static_cast<char>(value >> 8);
  }
  return bytes;
}

}  // namespace

CtSlice::CtSlice(unsigned side) {
  study_uid_ = uid(0, 0, 0, 1);
  series_uid_ = uid(0, 0, 0, 2);
  image_uid_ = uid(0, 0, 0, 3);
  const char* const ct = "1.2.840.10008.5.1.4.1.1.2";
  std::string meta;
  element(meta, 2, 1, "OB", std::string("\0\1", 2));
  element(meta, 2, 2, "UI", ct);
  const size_t meta_image = element(meta, 2, 3, "UI", image_uid_);
  element(meta, 2, 0x10, "UI", "1.2.840.10008.1.2.1");
  element(meta, 2, 0x12, "UI", "1.2.826.0.1.3680043.10.1234.9");

  bytes_.assign(128, '\0');
  bytes_.append("DICM");
  std::string length;
  put32(length, static_cast<uint32_t>(meta.size()));
  element(bytes_, 2, 0, "UL", length);
  meta_image_at_ = bytes_.size() + meta_image;
  bytes_.append(meta);

  element(bytes_, 8, 5, "CS", "ISO_IR 100");
  element(bytes_, 8, 8, "CS", "ORIGINAL\\PRIMARY\\AXIAL");
  element(bytes_, 8, 0x16, "UI", ct);
  image_at_ = element(bytes_, 8, 0x18, "UI", image_uid_);
  element(bytes_, 8, 0x20, "DA", "20261122");
  element(bytes_, 8, 0x30, "TM", "101500");
  element(bytes_, 8, 0x60, "CS", "CT");
  element(bytes_, 8, 0x70, "LO", "ACME");
  element(bytes_, 8, 0x1030, "LO", "CT HEAD");
  element(bytes_, 8, 0x103e, "LO", "AXIAL 1.0");
  patient_at_ = element(bytes_, 0x10, 0x10, "PN", "BENCH^P000000");
  element(bytes_, 0x10, 0x20, "LO", "BENCH");
  element(bytes_, 0x18, 0x15, "CS", "HEAD");
  element(bytes_, 0x18, 0x50, "DS", "1.0");
  element(bytes_, 0x18, 0x60, "DS", "120");
  study_at_ = element(bytes_, 0x20, 0xd, "UI", study_uid_);
  series_at_ = element(bytes_, 0x20, 0xe, "UI", series_uid_);
  element(bytes_, 0x20, 0x11, "IS", "2");
  number_at_ = element(bytes_, 0x20, 0x13, "IS", "000000");
  element(bytes_, 0x20, 0x32, "DS", "-125\\-125\\10");
  element(bytes_, 0x20, 0x37, "DS", "1\\0\\0\\0\\1\\0");
  element(bytes_, 0x28, 2, "US", us(1));
  element(bytes_, 0x28, 4, "CS", "MONOCHROME2");
  element(bytes_, 0x28, 0x10, "US", us(side));
  element(bytes_, 0x28, 0x11, "US", us(side));
  element(bytes_, 0x28, 0x30, "DS", "0.488281\\0.488281");
  element(bytes_, 0x28, 0x100, "US", us(16));
  element(bytes_, 0x28, 0x101, "US", us(12));
  element(bytes_, 0x28, 0x102, "US", us(11));
  element(bytes_, 0x28, 0x103, "US", us(0));
  element(bytes_, 0x28, 0x1050, "DS", "40");
  element(bytes_, 0x28, 0x1051, "DS", "400");
  element(bytes_, 0x28, 0x1052, "DS", "-1024");
  element(bytes_, 0x28, 0x1053, "DS", "1");
  pixels_at_ = element(bytes_, 0x7fe0, 0x10, "OW", pixels(side));
}

void CtSlice::number(uint32_t run, uint32_t series, uint32_t image) {
  study_uid_ = uid(run, series, 0, 1);
  series_uid_ = uid(run, series, 0, 2);
  image_uid_ = uid(run, series, image, 3);
  bytes_.replace(study_at_, study_uid_.size(), study_uid_);
  bytes_.replace(series_at_, series_uid_.size(), series_uid_);
  bytes_.replace(image_at_, image_uid_.size(), image_uid_);
  bytes_.replace(meta_image_at_, image_uid_.size(), image_uid_);
  char text[8];
  std::snprintf(text, sizeof text, "%06u", image % 1'000'000);
  bytes_.replace(number_at_, 6, text);
  std::snprintf(text, sizeof text, "%06u", series % 1'000'000);
  bytes_.replace(patient_at_ + 7, 6, text);
  bytes_.replace(pixels_at_, image_uid_.size(), image_uid_);
}

}  // namespace pacs::bench
