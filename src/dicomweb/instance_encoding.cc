#include "dicomweb/instance_encoding.h"

#include "archive/made_instance.h"
#include "archive/picture_instance.h"
#include "archive/transcoding.h"
#include "dicom/transfer_syntax.h"

namespace pacs::dicomweb {
namespace {
constexpr std::string_view kJpegBaseline = "1.2.840.10008.1.2.4.50";
}

std::optional<InstanceEncoding> find_encoding(const index::ImageRecord& instance,
                                              const std::optional<std::string>& transfer_syntax) {
  if (archive::is_picture(instance)) {
    const bool is_jpeg = instance.attributes.mime_type == "image/jpeg";
    const std::string_view natural = is_jpeg ? kJpegBaseline : dicom::kExplicitVrLittleEndian;
    const bool can_be_had =
        !transfer_syntax || *transfer_syntax == "*" || *transfer_syntax == natural;
    if (!can_be_had) return std::nullopt;
    return InstanceEncoding{InstanceEncoding::Origin::made_of_picture};
  }
  const std::string& stored = instance.attributes.transfer_syntax;
  if (transfer_syntax && (*transfer_syntax == "*" || *transfer_syntax == stored)) {
    return InstanceEncoding{};
  }
  const bool has_pixels = instance.attributes.rows.has_value();
  const bool is_default = !transfer_syntax || !has_pixels;
  if (is_default || *transfer_syntax == dicom::kExplicitVrLittleEndian) {
    if (archive::is_to_be_made_explicit(instance)) {
      return InstanceEncoding{InstanceEncoding::Origin::made_explicit};
    }
    if (is_default && (!transfer_syntax || archive::can_transcode(stored, *transfer_syntax))) {
      return InstanceEncoding{};
    }
  }
  if (has_pixels && archive::can_transcode(stored, *transfer_syntax)) {
    return InstanceEncoding{InstanceEncoding::Origin::transcoded, *transfer_syntax};
  }
  return std::nullopt;
}

std::string dicom_type(std::string_view transfer_syntax) {
  return "application/dicom; transfer-syntax=" + std::string(transfer_syntax);
}

}  // namespace pacs::dicomweb
