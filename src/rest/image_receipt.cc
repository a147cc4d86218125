#include "rest/image_receipt.h"

#include <utility>

#include "access/receipts.h"

namespace pacs::rest {
namespace {

// RFC 9562 6.6: the name space of object identifiers.
constexpr std::string_view kOidNameSpace = "6ba7b812-9dad-11d1-80b4-00c04fd430c8";

// The one within 2.25, else version 5 of the UID as an object identifier.
Uuid uuid_of(const dicom::SopInstanceUid& uid) {
  if (auto uuid = uid.to_uuid()) return std::move(*uuid);
  return Uuid::from_name(*Uuid::parse(kOidNameSpace), uid.str());
}

}  // namespace

std::string image_receipt(const RestServices& services, const index::ImageRecord& image,
                          const std::optional<Uuid>& image_uuid) {
  return services.receipts.to_json(
      {.image_uuid = image_uuid ? *image_uuid : uuid_of(image.image_uid),
       .image_uid = image.image_uid,
       .sha256 = image.attributes.sha256,
       .file_size = image.attributes.size_bytes,
       .file_key = image.attributes.key,
       .archive_id = {},
       .stored_at = image.attributes.stored_at});
}

}  // namespace pacs::rest
