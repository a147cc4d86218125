// Value representations (PS3.5 6.2). The number of each is its two letters, so that reading one
// from an explicit data set is a comparison.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pacs::dicom {

constexpr uint16_t vr_code(char first, char second) {
  return static_cast<uint16_t>(static_cast<unsigned char>(first) << 8 |
                               static_cast<unsigned char>(second));
}

enum class Vr : uint16_t {
  AE = vr_code('A', 'E'),
  AS = vr_code('A', 'S'),
  AT = vr_code('A', 'T'),
  CS = vr_code('C', 'S'),
  DA = vr_code('D', 'A'),
  DS = vr_code('D', 'S'),
  DT = vr_code('D', 'T'),
  FD = vr_code('F', 'D'),
  FL = vr_code('F', 'L'),
  IS = vr_code('I', 'S'),
  LO = vr_code('L', 'O'),
  LT = vr_code('L', 'T'),
  OB = vr_code('O', 'B'),
  OD = vr_code('O', 'D'),
  OF = vr_code('O', 'F'),
  OL = vr_code('O', 'L'),
  OV = vr_code('O', 'V'),
  OW = vr_code('O', 'W'),
  PN = vr_code('P', 'N'),
  SH = vr_code('S', 'H'),
  SL = vr_code('S', 'L'),
  SQ = vr_code('S', 'Q'),
  SS = vr_code('S', 'S'),
  ST = vr_code('S', 'T'),
  SV = vr_code('S', 'V'),
  TM = vr_code('T', 'M'),
  UC = vr_code('U', 'C'),
  UI = vr_code('U', 'I'),
  UL = vr_code('U', 'L'),
  UN = vr_code('U', 'N'),
  UR = vr_code('U', 'R'),
  US = vr_code('U', 'S'),
  UT = vr_code('U', 'T'),
  UV = vr_code('U', 'V'),
};

// What the functions below say, looked up by the two letters: readers ask for each element.
struct VrTraits {
  bool is_vr = false;
  bool has_long_length = false;
};
inline constexpr size_t kVrLetters = 26;
extern const std::array<VrTraits, kVrLetters * kVrLetters> kVrTraits;

// All false unless both are upper case letters.
[[nodiscard]] inline VrTraits find_vr_traits(char first, char second) {
  const auto row = static_cast<unsigned>(first - 'A');
  const auto column = static_cast<unsigned>(second - 'A');
  if (row >= kVrLetters || column >= kVrLetters) return {};
  return kVrTraits[row * kVrLetters + column];
}

// "CS"; nothing for two letters that are no value representation.
[[nodiscard]] inline std::optional<Vr> parse_vr(std::string_view letters) {
  if (letters.size() != 2 || !find_vr_traits(letters[0], letters[1]).is_vr) return std::nullopt;
  return static_cast<Vr>(vr_code(letters[0], letters[1]));
}
[[nodiscard]] std::string to_string(Vr vr);

// OB, OD, OF, OL, OV, OW, SQ, SV, UC, UN, UR, UT, UV: two reserved bytes and a length of 32 bits in
// an explicit data set (PS3.5 7.1.2).
[[nodiscard]] inline bool has_long_length(Vr vr) {
  const auto code = static_cast<uint16_t>(vr);
  return find_vr_traits(static_cast<char>(code >> 8), static_cast<char>(code & 0xFF))
      .has_long_length;
}
// Text of the Specific Character Set: LO, LT, PN, SH, ST, UC, UT (PS3.5 6.1.2.2).
[[nodiscard]] bool is_encoded_text(Vr vr);
// Text of any repertoire, also AE, AS, CS, DA, DS, DT, IS, TM, UI, UR.
[[nodiscard]] bool is_text(Vr vr);
// OB, OD, OF, OL, OV, OW, UN.
[[nodiscard]] bool is_bulk(Vr vr);
// Bytes of one number: 2, 4 or 8; 1 where bytes have no order. AT is two numbers of 2 bytes.
[[nodiscard]] unsigned number_size(Vr vr);

}  // namespace pacs::dicom
