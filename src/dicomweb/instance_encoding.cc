#include "dicomweb/instance_encoding.h"

#include "archive/made_instance.h"
#include "dicom/transfer_syntax.h"

namespace pacs::dicomweb {

std::optional<InstanceEncoding> find_encoding(const index::ImageRecord& instance,
                                              const std::optional<std::string>& transfer_syntax) {
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
