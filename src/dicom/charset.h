// Text of a data set to UTF-8 by its Specific Character Set (0008,0005): single and multi-byte
// sets, and ISO 2022 code extensions that switch between them within a value (PS3.3 C.12.1.1.2,
// PS3.5 6.1.2). Nothing here can fail: what cannot be decoded becomes U+FFFD.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dicom/data_set.h"
#include "dicom/vr.h"

namespace pacs::dicom {

class CharacterSet {
 public:
  // ISO-IR 6, what a data set without (0008,0005) has. Devices that write other bytes all the same
  // mean UTF-8 or Latin 1; they are read as the one where it fits and as the other where not.
  CharacterSet() = default;
  // From the value of (0008,0005), which may name several sets. Common misspellings are taken;
  // a name that nobody knows counts as the default.
  [[nodiscard]] static CharacterSet parse(std::string_view value);
  // That of this data set or item, or else the one around it (PS3.3 C.12.1.1.2).
  [[nodiscard]] static CharacterSet of(DataSetView data_set, const CharacterSet& around);

  // `text` may hold several values: a backslash ends code extensions (PS3.5 6.1.2.5.3) unless the
  // VR has only one value (LT, ST, UT), and in PN "^" and "=" do so as well. A byte 5C inside a
  // multi-byte character is no backslash.
  [[nodiscard]] std::string to_utf8(std::string_view text, Vr vr) const;
  // True when `text` is the same in UTF-8: ASCII without escape sequences, in a set that starts
  // with ASCII.
  [[nodiscard]] bool is_ascii(std::string_view text) const;

  // The single values, decoded, with padding taken off where the VR allows it (PS3.5 6.2).
  [[nodiscard]] std::vector<std::string> values_to_utf8(std::string_view text, Vr vr) const;

 private:
  // Indexes into the table of the defined terms; the first is the set that a value starts with.
  std::vector<unsigned char> sets_;
  bool is_declared_ = false;
};

// False for LT, ST, UR and UT, in which a backslash is a character.
[[nodiscard]] bool has_several_values(Vr vr);
// Without the padding of the VR (PS3.5 6.2): spaces and zero bytes at the end, and spaces at the
// start of a single value except in LT, PN, ST, UC, UR and UT.
[[nodiscard]] std::string_view without_padding(std::string_view value, Vr vr);
// Of a person's name, in UTF-8: each component group without the delimiters and spaces that nothing
// follows, and without groups that nothing follows (PS3.5 6.2.1): "Doe^John^^^" is "Doe^John".
[[nodiscard]] std::string without_trailing_delimiters(std::string_view person_name);

}  // namespace pacs::dicom
