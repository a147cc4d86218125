// A small DICOM image of nobody, made on the spot: what `test-storage` sends through the archive.
#pragma once

#include <string>

#include "core/bytes.h"
#include "core/crypto.h"

namespace pacs::cli {

struct TestImage {
  ByteVector bytes;  // a Part 10 file (PS3.10 7), Explicit VR Little Endian
  std::string study_uid;
  std::string series_uid;
  std::string image_uid;
};

// New UIDs each time, under 2.25 (PS3.5 B.2); 64 x 64 pixels, patient "Test^Storage".
[[nodiscard]] TestImage make_test_image(Random& random);

}  // namespace pacs::cli
