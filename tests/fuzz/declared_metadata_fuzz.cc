// What a client declares of an image: names are UIDs, texts are within their limits, and what is
// kept is read again as the same.
#include <initializer_list>

#include "archive/declared_metadata.h"
#include "core/text.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using pacs::archive::DeclaredMetadata;

template <typename Uid>
void check_uid(const std::optional<Uid>& uid) {
  if (uid) FUZZ_CHECK(pacs::dicom::is_uid(uid->to_dicom()));
}

void check(const DeclaredMetadata& declared) {
  check_uid(declared.study_uid);
  check_uid(declared.series_uid);
  check_uid(declared.image_uid);
  for (const std::string* text :
       {&declared.patient_id, &declared.patient_name, &declared.study_description,
        &declared.modality, &declared.series_description, &declared.body_part}) {
    FUZZ_CHECK(text->size() <= DeclaredMetadata::kTextBytesMax && pacs::is_utf8(*text));
    FUZZ_CHECK(pacs::trim(*text) == *text);
  }
  FUZZ_CHECK(declared.study_date.empty() || declared.study_date.size() == 10);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto value = pacs::JsonValue::parse(pacs::fuzz::Input(data, size).rest());
  if (!value) return 0;
  const auto declared = DeclaredMetadata::from_json(*value);
  if (!declared) {
    FUZZ_CHECK(declared.error().reason == "bad_field");
    return 0;
  }
  check(*declared);
  const auto kept = pacs::JsonValue::parse(declared->json);
  FUZZ_CHECK(kept.has_value());
  const auto again = DeclaredMetadata::from_json(*kept);
  FUZZ_CHECK(again && again->json == declared->json && again->image_uid == declared->image_uid &&
             again->patient_name == declared->patient_name &&
             again->instance_number == declared->instance_number);
  return 0;
}
