// Which study, series and image a file belongs to, and what it is: from the DICOM data set, or for
// pictures and documents from what the client declared (docs/design/keys.md).
#pragma once

#include <optional>
#include <string>

#include "archive/declared_metadata.h"
#include "core/crypto.h"
#include "core/uuid.h"
#include "dicom/media_kind.h"
#include "dicom/uid.h"
#include "index/order.h"

namespace pacs::archive {

struct ImageIdentity {
  dicom::StudyUid study_uid;
  dicom::SeriesUid series_uid;
  dicom::SopInstanceUid image_uid;
};

// What a UID that nobody declared is derived from, so that a retry is the same image: the
// image_uuid that announced it, else the order and the bytes.
struct DerivationSeed {
  std::optional<Uuid> image_uuid;
  std::optional<index::OrderReference> order;
  Sha256Digest sha256;
};

// Of a picture or a document. Each UID that the client did not declare is a UUIDv5 of the seed.
// `order_study` is the first study that the order has already, which such an image joins.
[[nodiscard]] ImageIdentity identity_of_picture(
    const DeclaredMetadata& declared, const DerivationSeed& seed,
    const std::optional<dicom::StudyUid>& order_study = std::nullopt);

// Of a DICOM data set, by its own UIDs. `invalid_argument` with reason "missing_attribute" (names
// the attribute) or "invalid_uid", and with "uid_mismatch" or "declared_patient_mismatch" when the
// declared image UID or patient ID contradicts the data set's.
[[nodiscard]] Result<ImageIdentity> identity_of_data_set(std::string_view study_instance_uid,
                                                         std::string_view series_instance_uid,
                                                         std::string_view sop_instance_uid,
                                                         std::string_view patient_id,
                                                         const DeclaredMetadata& declared);

}  // namespace pacs::archive
