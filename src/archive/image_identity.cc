#include "archive/image_identity.h"

namespace pacs::archive {
namespace {

// The name space of every UID that we derive; it must never change.
const Uuid& derivation_name_space() {
  static const Uuid name_space = *Uuid::parse("5b1f5a52-3c0e-4d53-9c1d-6a86f0e0a2c4");
  return name_space;
}

Uuid derive(std::string_view level, const DerivationSeed& seed) {
  std::string name(level);
  if (seed.image_uuid) {
    name.append(":image_uuid:").append(seed.image_uuid->str());
  } else {
    const std::string order = seed.order ? index::to_string(*seed.order) : std::string("none");
    name.append(":order:").append(order).append(":sha256:").append(seed.sha256.hex());
  }
  return Uuid::from_name(derivation_name_space(), name);
}

template <typename Uid>
Uid derived(std::string_view level, const DerivationSeed& seed) {
  return *Uid::parse(derive(level, seed).str());
}

template <typename Uid>
Result<Uid> required_uid(std::string_view text, const char* keyword, const char* tag) {
  if (text.empty()) {
    return invalid_argument("missing_attribute", std::string("the DICOM file has no ") + keyword +
                                                     " " + tag + "; it cannot be stored");
  }
  const std::optional<Uid> uid = Uid::parse(text);
  if (!uid || uid->is_uuid()) {
    return invalid_argument("invalid_uid", std::string(keyword) + " " + tag +
                                               " is not a UID of 1 to 64 digits and dots "
                                               "(PS3.5 chapter 9); the file cannot be stored");
  }
  return *uid;
}

}  // namespace

ImageIdentity identity_of_picture(const DeclaredMetadata& declared, const DerivationSeed& seed,
                                  const std::optional<dicom::StudyUid>& order_study) {
  std::optional<dicom::StudyUid> study = declared.study_uid;
  if (!study) study = order_study;
  return ImageIdentity{
      study ? *study : derived<dicom::StudyUid>("study", seed),
      declared.series_uid ? *declared.series_uid : derived<dicom::SeriesUid>("series", seed),
      declared.image_uid ? *declared.image_uid : derived<dicom::SopInstanceUid>("image", seed)};
}

Result<ImageIdentity> identity_of_data_set(std::string_view study_instance_uid,
                                           std::string_view series_instance_uid,
                                           std::string_view sop_instance_uid,
                                           std::string_view patient_id,
                                           const DeclaredMetadata& declared) {
  auto study_uid = PACS_TRY(
      required_uid<dicom::StudyUid>(study_instance_uid, "StudyInstanceUID", "(0020,000D)"));
  auto series_uid = PACS_TRY(
      required_uid<dicom::SeriesUid>(series_instance_uid, "SeriesInstanceUID", "(0020,000E)"));
  auto image_uid = PACS_TRY(
      required_uid<dicom::SopInstanceUid>(sop_instance_uid, "SOPInstanceUID", "(0008,0018)"));
  ImageIdentity identity{std::move(study_uid), std::move(series_uid), std::move(image_uid)};
  if (declared.image_uid && declared.image_uid->to_dicom() != identity.image_uid.to_dicom()) {
    return invalid_argument("uid_mismatch",
                            "the declared image_uid is not the SOPInstanceUID of the DICOM file");
  }
  if (!declared.patient_id.empty() && !patient_id.empty() && declared.patient_id != patient_id) {
    return invalid_argument("declared_patient_mismatch",
                            "the declared patient_id is not the PatientID of the DICOM file");
  }
  return identity;
}

}  // namespace pacs::archive
