// Metadata of a store in the DICOM JSON model: what is taken can be written as a file and read
// again, and then says what it said before.
#include "dicom/dicom_json.h"
#include "dicom/file_writer.h"
#include "dicom/json_data_set.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs::dicom;

std::string json_of_data_set(const DataSet& data_set) {
  DicomJsonOptions options;
  options.inline_binary_size_max = SIZE_MAX;
  options.inline_value_size_max = SIZE_MAX;
  return to_dicom_json(data_set, options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto parsed =
      pacs::JsonValue::parse(pacs::fuzz::Input(data, size).rest(), kJsonModelDepthMax);
  if (!parsed) return 0;
  constexpr uint64_t kBulkBytes = 64;
  const auto read = read_json_data_set(*parsed, [](const std::string& uri) {
    return BulkPlace{uri.size() % kBulkBytes, 1};
  });
  if (!read) {
    FUZZ_CHECK(read.error().code == pacs::ErrorCode::invalid_argument);
    return 0;
  }
  const std::string bulk(kBulkBytes, 'b');
  const MemoryAccess access(pacs::as_bytes(bulk));
  FileContent content;
  content.data_set = &*read;
  content.file = &access;
  const auto writer = FileWriter::create(content);
  if (!writer) {
    FUZZ_CHECK(writer.error().code == pacs::ErrorCode::unsupported);
    return 0;
  }
  pacs::StringSink sink;
  FUZZ_CHECK(writer->write(sink));
  FUZZ_CHECK(sink.text().size() == writer->size_bytes());
  const MemoryAccess file(pacs::as_bytes(sink.text()));
  const auto header = read_header(file);
  FUZZ_CHECK(header);
  FUZZ_CHECK(!json_of_data_set(header->data_set).empty());
  return 0;
}
