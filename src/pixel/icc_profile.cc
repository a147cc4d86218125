#include "pixel/icc_profile.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pacs::pixel {
namespace {

constexpr size_t kProfileHeaderBytes = 128;

void append_u16(std::string& to, uint32_t number) {
  to += static_cast<char>(number >> 8);
  to += static_cast<char>(number);
}

void append_u32(std::string& to, uint32_t number) {
  append_u16(to, number >> 16);
  append_u16(to, number & 0xFFFF);
}

// s15Fixed16Number.
void append_fixed(std::string& to, double number) {
  append_u32(to, static_cast<uint32_t>(static_cast<int32_t>(std::lround(number * 65'536))));
}

std::string type_begin(std::string_view signature) {
  return std::string(signature) + std::string(4, '\0');
}

std::string xyz(double x, double y, double z) {
  std::string tag = type_begin("XYZ ");
  append_fixed(tag, x);
  append_fixed(tag, y);
  append_fixed(tag, z);
  return tag;
}

// One text in English (multiLocalizedUnicodeType).
std::string localized(std::string_view ascii) {
  std::string tag = type_begin("mluc");
  append_u32(tag, 1);
  append_u32(tag, 12);
  tag += "enUS";
  append_u32(tag, static_cast<uint32_t>(ascii.size() * 2));
  append_u32(tag, 28);
  for (const char character : ascii) append_u16(tag, static_cast<unsigned char>(character));
  return tag;
}

// A parametric one of five numbers (type 3): (a x + b)^g from d on, c x below.
using CurveNumbers = std::array<double, 5>;  // g, a, b, c, d

std::string curve_tag(const CurveNumbers& numbers) {
  std::string tag = type_begin("para");
  append_u16(tag, 3);
  append_u16(tag, 0);
  for (const double number : numbers) append_fixed(tag, number);
  return tag;
}

constexpr CurveNumbers kCurveOfSrgb = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};

std::string srgb_curve() { return curve_tag(kCurveOfSrgb); }

// From D65, that of the screen, to D50, that of the profile connection space (Bradford).
std::string adaptation_from_d65() {
  std::string tag = type_begin("sf32");
  for (const double number : {1.047882, 0.022918, -0.050217, 0.029587, 0.990479, -0.017059,
                              -0.009232, 0.015076, 0.751678}) {
    append_fixed(tag, number);
  }
  return tag;
}

std::string profile_header(size_t size, std::string_view colour_space) {
  std::string bytes;
  append_u32(bytes, static_cast<uint32_t>(size));
  append_u32(bytes, 0);           // no preferred engine
  append_u32(bytes, 0x04300000);  // version 4.3
  bytes += "mntr";
  bytes += colour_space;
  bytes += "XYZ ";
  for (const uint32_t part : {2026U, 1U, 1U, 0U, 0U, 0U}) append_u16(bytes, part);
  bytes += "acsp";
  bytes.resize(68, '\0');  // no platform, flags, device or intent (0: perceptual)
  append_fixed(bytes, 0.9642);
  append_fixed(bytes, 1);
  append_fixed(bytes, 0.8249);
  bytes.resize(kProfileHeaderBytes, '\0');
  return bytes;
}

// Primaries as the profile connection space has them, adapted to D50.
using Primaries = std::array<std::array<double, 3>, 3>;

using IccTags = std::vector<std::pair<std::string_view, std::string>>;

ByteVector profile_of(std::string_view colour_space, const IccTags& tags) {
  std::string table;
  std::string values;
  append_u32(table, static_cast<uint32_t>(tags.size()));
  const size_t values_at = kProfileHeaderBytes + 4 + tags.size() * 12;
  for (const auto& [name, value] : tags) {
    table += name;
    append_u32(table, static_cast<uint32_t>(values_at + values.size()));
    append_u32(table, static_cast<uint32_t>(value.size()));
    values += value;
    values.resize((values.size() + 3) / 4 * 4, '\0');
  }
  const std::string profile =
      profile_header(values_at + values.size(), colour_space) + table + values;
  const Bytes bytes = as_bytes(profile);
  return {bytes.begin(), bytes.end()};
}

enum class WhitePoint { d50, d65 };

IccTags common_tags(std::string_view description) {
  return {{"desc", localized(description)},
          {"cprt", localized("No copyright, use freely")},
          {"wtpt", xyz(0.9642, 1, 0.8249)}};
}

ByteVector make_rgb_profile(std::string_view description, const Primaries& primaries,
                            const CurveNumbers& curve, WhitePoint white) {
  IccTags tags = common_tags(description);
  if (white == WhitePoint::d65) tags.emplace_back("chad", adaptation_from_d65());
  constexpr std::array<std::string_view, 3> kPrimaryTags = {"rXYZ", "gXYZ", "bXYZ"};
  constexpr std::array<std::string_view, 3> kCurveTags = {"rTRC", "gTRC", "bTRC"};
  for (size_t i = 0; i < primaries.size(); ++i) {
    tags.emplace_back(kPrimaryTags[i], xyz(primaries[i][0], primaries[i][1], primaries[i][2]));
    tags.emplace_back(kCurveTags[i], curve_tag(curve));
  }
  return profile_of("RGB ", tags);
}

ByteVector make_profile(RgbSpace space) {
  switch (space) {
    case RgbSpace::adobe_rgb:
      return make_rgb_profile(
          "Adobe RGB (1998) compatible",
          {{{0.60974, 0.31111, 0.01947}, {0.20528, 0.62567, 0.06087}, {0.14919, 0.06322, 0.74457}}},
          {563.0 / 256, 1, 0, 0, 0}, WhitePoint::d65);
    case RgbSpace::romm_rgb:  // ISO 22028-2
      return make_rgb_profile(
          "ROMM RGB", {{{0.79767, 0.28804, 0}, {0.13519, 0.71188, 0}, {0.03134, 0.00009, 0.82491}}},
          {1.8, 1, 0, 1.0 / 16, 16.0 / 512}, WhitePoint::d50);
    case RgbSpace::display_p3:
      return make_rgb_profile("Display P3",
                              {{{0.51512, 0.24120, -0.00105},
                                {0.29198, 0.69225, 0.04189},
                                {0.15710, 0.06657, 0.78407}}},
                              kCurveOfSrgb, WhitePoint::d65);
    case RgbSpace::srgb:
      break;
  }
  return make_rgb_profile(
      "sRGB IEC61966-2.1",
      {{{0.43607, 0.22249, 0.01392}, {0.38515, 0.71687, 0.09708}, {0.14307, 0.06061, 0.71410}}},
      kCurveOfSrgb, WhitePoint::d65);
}

ByteVector make_grey_profile() {
  IccTags tags = common_tags("Grey of sRGB IEC61966-2.1");
  tags.emplace_back("chad", adaptation_from_d65());
  tags.emplace_back("kTRC", srgb_curve());
  return profile_of("GRAY", tags);
}

}  // namespace

const ByteVector& profile_of_space(RgbSpace space) {
  static const std::array<ByteVector, 4> profiles = {
      make_profile(RgbSpace::srgb), make_profile(RgbSpace::adobe_rgb),
      make_profile(RgbSpace::romm_rgb), make_profile(RgbSpace::display_p3)};
  return profiles[static_cast<size_t>(space)];
}

const ByteVector& srgb_profile(Picture::Colour colour) {
  static const ByteVector grey_profile = make_grey_profile();
  return colour == Picture::Colour::rgb ? profile_of_space(RgbSpace::srgb) : grey_profile;
}

bool looks_like_profile(Bytes bytes) {
  if (bytes.size() < kProfileHeaderBytes || bytes.size() > kIccProfileBytesMax) return false;
  uint32_t stated = 0;
  for (const std::byte one : bytes.first(4)) stated = stated << 8U | std::to_integer<uint32_t>(one);
  const std::string_view text = as_text(bytes);
  const std::string_view space = text.substr(16, 4);
  return stated <= bytes.size() && stated >= kProfileHeaderBytes && text.substr(36, 4) == "acsp" &&
         (space == "RGB " || space == "GRAY");
}

}  // namespace pacs::pixel
