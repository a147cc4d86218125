#include "dicomweb/instance_encoding.h"

#include "archive/made_instance.h"
#include "archive/picture_instance.h"
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
    return can_be_had ? std::optional(InstanceEncoding::made_of_picture) : std::nullopt;
  }
  const std::string& stored = instance.attributes.transfer_syntax;
  const bool is_explicit_wanted =
      !transfer_syntax || *transfer_syntax == dicom::kExplicitVrLittleEndian;
  if (is_explicit_wanted && archive::is_to_be_made_explicit(instance)) {
    return InstanceEncoding::made_explicit;
  }
  if (!transfer_syntax || *transfer_syntax == "*" || *transfer_syntax == stored) {
    return InstanceEncoding::stored;
  }
  return std::nullopt;
}

std::string dicom_type(std::string_view transfer_syntax) {
  return "application/dicom; transfer-syntax=" + std::string(transfer_syntax);
}

}  // namespace pacs::dicomweb
