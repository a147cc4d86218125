// In which encoding an instance leaves as application/dicom (PS3.18 8.7.3).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dicomweb/accepted.h"
#include "index/image_record.h"

namespace pacs::dicomweb {

struct InstanceEncoding {
  enum class Origin {
    stored,
    made_explicit,
    made_of_picture,  // the object that a JPEG, PNG or PDF is; a JPEG stays compressed
    transcoded,
  };
  Origin origin = Origin::stored;
  std::string transfer_syntax{};  // of what is transcoded
};

// For one that asks for this transfer syntax, for "*", or for none: then Explicit VR Little Endian
// is the default, and what is stored compressed leaves as it is (8.7.3.4). An instance without
// pixels has nothing to compress: it leaves as for none. Nothing when it cannot be had.
[[nodiscard]] std::optional<InstanceEncoding> find_encoding(
    const index::ImageRecord& instance, const std::optional<std::string>& transfer_syntax);

// `application/dicom; transfer-syntax=1.2.840.10008.1.2.1`
[[nodiscard]] std::string dicom_type(std::string_view transfer_syntax);

}  // namespace pacs::dicomweb
