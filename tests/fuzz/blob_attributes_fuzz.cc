// What stands with a blob, as a rebuild of the index reads it: one text for one set of attributes;
// a record has everything that its row needs, or it is `corrupt`.
#include "archive/blob_record.h"
#include "core/text.h"
#include "storage/blob_attributes.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs;

void check_record(const storage::BlobAttributes& attributes) {
  const auto record = archive::read_blob_record(attributes);
  if (!record) {
    FUZZ_CHECK(record.error().code == ErrorCode::corrupt);
    FUZZ_CHECK(record.error().reason == "bad_attributes");
    return;
  }
  FUZZ_CHECK(record->size_bytes > 0 && *attributes.find("sha256") != "");
  FUZZ_CHECK(!record->was_announced || record->request.image_uuid);
  const archive::DeclaredMetadata& declared = record->request.declared;
  const std::string* mime_type = attributes.find("mime-type");
  if (mime_type == nullptr || *mime_type != "application/dicom") {
    FUZZ_CHECK(declared.study_uid && declared.series_uid && declared.image_uid);
  }
  for (const auto id : {record->request.wanted_ids.study, record->request.wanted_ids.series,
                        record->request.wanted_ids.image, record->former_study_id}) {
    FUZZ_CHECK(!id || (*id >= 1 && *id <= index::WantedIds::kWantedIdMax));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto attributes = storage::BlobAttributes::from_json(fuzz::Input(data, size).rest());
  if (!attributes) {
    FUZZ_CHECK(attributes.error().code == ErrorCode::corrupt);
    return 0;
  }
  const std::string written = attributes->to_json();
  FUZZ_CHECK(written.size() <= storage::BlobAttributes::kSizeBytesMax);
  const auto again = storage::BlobAttributes::from_json(written);
  FUZZ_CHECK(again && *again == *attributes && again->to_json() == written);
  for (const auto& [name, value] : attributes->all()) {
    FUZZ_CHECK(is_utf8(value) && value.find('\0') == std::string::npos);
    FUZZ_CHECK(name.size() <= storage::BlobAttributes::kNameBytesMax);
  }
  check_record(*attributes);
  return 0;
}
