// Tombstones in a store: what is read names keys of the layout, and written again it is the same.
#include "archive/tombstones.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto images = archive::parse_tombstone(fuzz::Input(data, size).rest());
  if (!images) {
    FUZZ_CHECK(images.error().code == ErrorCode::corrupt);
    return 0;
  }
  const std::string written = archive::tombstone_text(*images);
  const auto again = archive::parse_tombstone(written);
  FUZZ_CHECK(again && again->size() == images->size());
  for (size_t i = 0; i < images->size(); ++i) {
    const index::RemovedImage& image = (*images)[i];
    FUZZ_CHECK(ObjectKey::parse(image.key.str()) == image.key);
    FUZZ_CHECK((*again)[i].key == image.key && (*again)[i].image_uid == image.image_uid &&
               (*again)[i].image_id == image.image_id && (*again)[i].sha256 == image.sha256 &&
               (*again)[i].owner == image.owner && (*again)[i].removed_at == image.removed_at);
  }
  FUZZ_CHECK(archive::tombstone_text(*again) == written);
  return 0;
}
