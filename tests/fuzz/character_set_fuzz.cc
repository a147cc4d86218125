// Text in any Specific Character Set: whatever the bytes are, UTF-8 comes out, and of ASCII the
// same.
#include <array>

#include "core/text.h"
#include "dicom/charset.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs::dicom;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr std::array kVrs = {Vr::LO, Vr::PN, Vr::LT, Vr::UT, Vr::SH, Vr::UC};
  pacs::fuzz::Input input(data, size);
  const Vr vr = kVrs[input.take_byte() % kVrs.size()];
  const CharacterSet set = CharacterSet::parse(input.take_line());
  const std::string_view text = input.rest();
  const std::string decoded = set.to_utf8(text, vr);
  FUZZ_CHECK(pacs::is_utf8(decoded));
  // No set makes more than a few bytes of one.
  FUZZ_CHECK(decoded.size() <= 4 * text.size());
  if (set.is_ascii(text)) FUZZ_CHECK(decoded == text);
  const auto values = set.values_to_utf8(text, vr);
  FUZZ_CHECK(!values.empty() && (has_several_values(vr) || values.size() == 1));
  for (const std::string& value : values) {
    FUZZ_CHECK(pacs::is_utf8(value));
    FUZZ_CHECK(without_padding(value, vr) == value);
    const std::string name = without_trailing_delimiters(value);
    FUZZ_CHECK(name.size() <= value.size() && without_trailing_delimiters(name) == name);
  }
  return 0;
}
