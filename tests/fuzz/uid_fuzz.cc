// UIDs of data sets and requests: only digits and dots, or a UUID, are ever taken; two spellings of
// one UUID are one name.
#include "dicom/uid.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs::dicom;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = pacs::fuzz::Input(data, size).rest();
  if (is_uid(text)) {
    FUZZ_CHECK(!text.empty() && text.size() <= kUidSizeMax);
    FUZZ_CHECK(text.find_first_not_of("0123456789.") == std::string_view::npos);
    FUZZ_CHECK(text.find("..") == std::string_view::npos);
    FUZZ_CHECK(text.front() != '.' && text.back() != '.');
    FUZZ_CHECK(StudyUid::parse(text) && SopClassUid::parse(text));
  }
  FUZZ_CHECK(!is_conformant_uid(text) || is_uid(text));
  if (const auto uuid = uuid_from_uid(text)) FUZZ_CHECK(to_uid(*uuid) == text);
  const auto uid = SopInstanceUid::parse(text);
  if (!uid) return 0;
  FUZZ_CHECK(uid->is_uuid() || is_uid(text));
  FUZZ_CHECK(is_uid(uid->to_dicom()));
  FUZZ_CHECK(SopInstanceUid::parse(uid->str()) == uid);
  const auto uuid = uid->to_uuid();
  if (uid->is_uuid()) FUZZ_CHECK(uuid && uuid->str() == uid->str());
  if (uuid) FUZZ_CHECK(to_uid(*uuid) == uid->to_dicom());
  return 0;
}
