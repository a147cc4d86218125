// Any file rewritten as Explicit VR Little Endian: what is written has the size that was told, is
// read again, and says the same; writing that once more changes nothing. De-identified, it has no
// private attributes and is read again, too.
#include <string>

#include "dicom/deidentification.h"
#include "dicom/dicom_json.h"
#include "dicom/explicit_file.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs::dicom;

std::string written(const ExplicitFile& file) {
  pacs::StringSink sink;
  FUZZ_CHECK(file.write(sink));
  FUZZ_CHECK(sink.text().size() == file.size_bytes());
  return sink.take();
}

void deidentify(const MemoryAccess& file, const Header& header) {
  const auto data_set = deidentified(header.data_set.root(), Pseudonyms({}));
  if (!data_set) return;
  for (const ElementView element : *data_set) FUZZ_CHECK(!element.tag().is_private());
  const DataSet notice = deidentification_notice();
  FileContent content = content_of(header, file);
  content.data_set = &*data_set;
  content.meta = nullptr;
  content.replacements = &notice;
  const auto writer = FileWriter::create(std::move(content));
  if (!writer) return;
  pacs::StringSink sink;
  FUZZ_CHECK(writer->write(sink));
  FUZZ_CHECK(sink.text().size() == writer->size_bytes());
  const std::string text = sink.take();
  const auto again = read_header(MemoryAccess(pacs::as_bytes(text)));
  FUZZ_CHECK(again);
  FUZZ_CHECK(again->data_set.find({0x0012, 0x0062}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const MemoryAccess file(pacs::as_bytes(pacs::fuzz::Input(data, size).rest()));
  const auto opened = ExplicitFile::open(file);
  if (!opened) {
    FUZZ_CHECK(opened.error().code == pacs::ErrorCode::invalid_argument ||
               opened.error().code == pacs::ErrorCode::unsupported);
    return 0;
  }
  // A deflate bomb is a matter of the inflated file's limit, not of this.
  if ((*opened)->size_bytes() > (1 << 22)) return 0;
  const std::string once = written(**opened);
  const MemoryAccess made(pacs::as_bytes(once));
  const auto header = read_header(made);
  FUZZ_CHECK(header);
  FUZZ_CHECK(header->transfer_syntax_uid == kExplicitVrLittleEndian);
  const auto again = ExplicitFile::open(made);
  FUZZ_CHECK(again);
  FUZZ_CHECK(written(**again) == once);
  deidentify(made, *header);
  return 0;
}
