// A Native DICOM Model from outside: what is taken is a JSON object, which says the same when it
// has been XML again.
#include "core/json_value.h"
#include "dicom/dicom_xml.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string xml(pacs::fuzz::Input(data, size).rest());
  const auto json = pacs::dicom::native_xml_to_json(xml);
  if (!json) {
    FUZZ_CHECK(json.error().code == pacs::ErrorCode::invalid_argument);
    return 0;
  }
  const auto again = pacs::dicom::to_native_xml(*json);
  FUZZ_CHECK(again);
  const auto parsed = pacs::JsonValue::parse(*json, 300);
  FUZZ_CHECK(parsed && parsed->is_object());
  FUZZ_CHECK(pacs::dicom::native_xml_to_json(*again));
  return 0;
}
