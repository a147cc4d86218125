// JPEG and PNG as far as their size: what is told is one that a decoder can be asked for.
#include <algorithm>

#include "dicom/media_kind.h"
#include "dicom/picture_info.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs::dicom;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const pacs::Bytes bytes = pacs::as_bytes(pacs::fuzz::Input(data, size).rest());
  const MediaKind kind = sniff_media_kind(bytes.first(std::min(bytes.size(), kSniffedSizeMax)));
  FUZZ_CHECK(!mime_type(kind).empty());
  const auto picture = read_picture_info(MemoryAccess(bytes));
  if (!picture) {
    FUZZ_CHECK(picture.error().code == pacs::ErrorCode::invalid_argument ||
               picture.error().code == pacs::ErrorCode::unsupported);
    return 0;
  }
  // A file that is DICOM behind its preamble may begin like a picture; it is asked about as DICOM.
  FUZZ_CHECK(picture->kind == kind || kind == MediaKind::dicom);
  FUZZ_CHECK(picture->kind == MediaKind::jpeg || picture->kind == MediaKind::png);
  FUZZ_CHECK(picture->width >= 1 && picture->width <= kPictureSideMax);
  FUZZ_CHECK(picture->height >= 1 && picture->height <= kPictureSideMax);
  FUZZ_CHECK(picture->components >= 1 && picture->bits >= 1);
  return 0;
}
