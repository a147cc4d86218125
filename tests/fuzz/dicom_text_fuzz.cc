// Dates, times and numbers that data sets have as text, and the times of our own records.
#include "core/clock.h"
#include "core/json_value.h"
#include "dicom/decimal_text.h"
#include "dicom/image_description.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs::dicom;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = pacs::fuzz::Input(data, size).rest();
  const std::string date = iso_date(text);
  FUZZ_CHECK(date.empty() || (date.size() == 10 && date[4] == '-' && date[7] == '-'));
  const std::string time = iso_time(text);
  FUZZ_CHECK(time.empty() || (time.size() == 8 && time[2] == ':' && time[5] == ':'));
  if (const auto number = json_number(text)) {
    const auto value = pacs::JsonValue::parse(*number);
    FUZZ_CHECK(value && value->as_double());
  }
  if (const auto integer = integer_of(text)) {
    FUZZ_CHECK(integer_of(std::to_string(*integer)) == integer);
  }
  if (const auto moment = pacs::from_rfc3339(text)) {
    FUZZ_CHECK(pacs::from_rfc3339(pacs::to_rfc3339(*moment)) == moment);
  }
  return 0;
}
