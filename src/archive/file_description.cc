#include "archive/file_description.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "archive/image_identity.h"
#include "core/log.h"
#include "core/object_key.h"
#include "core/text.h"
#include "dicom/dicom_json.h"
#include "dicom/frame_table.h"
#include "dicom/header_reader.h"
#include "dicom/image_description.h"
#include "dicom/picture_info.h"

namespace pacs::archive {
namespace {

std::string first_of(std::string from_bytes, const std::string& declared) {
  return from_bytes.empty() ? declared : std::move(from_bytes);
}

template <typename Number>
std::optional<int64_t> as_int64(const std::optional<Number>& number) {
  if (!number) return std::nullopt;
  return static_cast<int64_t>(*number);
}

bool lie_in_one_folder(const ObjectKey& one, const ObjectKey& other) {
  const std::vector<std::string_view> parts = one.parts();
  return std::equal(parts.begin(), parts.end() - 1, other.parts().begin());
}

// The key that the image gets, unless it has one already. ".dcm" alone is an extension, no name.
ObjectKey key_for(const ImageIdentity& identity, const StoreRequest& request,
                  dicom::MediaKind kind) {
  std::string name = safe_filename(request.filename);
  const std::string_view extension = dicom::file_extension(kind);
  if (name.empty() || equals_ignoring_case("." + name, extension)) {
    name = identity.image_uid.str() + std::string(extension);
  }
  const ObjectKey key = ObjectKey::make(identity.study_uid.str(), identity.series_uid.str(),
                                        identity.image_uid.str(), name);
  const bool keeps_wanted = request.wanted_key && lie_in_one_folder(*request.wanted_key, key);
  return keeps_wanted ? *request.wanted_key : key;
}

index::Ingest ingest_of(const ImageIdentity& identity, dicom::MediaKind kind, uint64_t size_bytes,
                        const Sha256Digest& sha256, const StoreRequest& request,
                        const ObjectKey* existing_key) {
  const ObjectKey key = existing_key != nullptr ? *existing_key : key_for(identity, request, kind);
  index::ImageAttributes image{.filename = std::string(key.parts().back()),
                               .key = key,
                               .store = {},
                               .sha256 = sha256,
                               .size_bytes = static_cast<int64_t>(size_bytes),
                               .mime_type = std::string(dicom::mime_type(kind)),
                               .transfer_syntax = {},
                               .sop_class_uid = {},
                               .instance_number = request.declared.instance_number,
                               .rows = {},
                               .columns = {},
                               .frames = 1,
                               .blob_identity = {},
                               .owner = request.actor.id,
                               .uploader_name = request.actor.name,
                               .stored_at = 0};
  index::Ingest ingest{.study_uid = identity.study_uid,
                       .series_uid = identity.series_uid,
                       .image_uid = identity.image_uid,
                       .uid_source = index::UidSource::declared,
                       .declared_study_uid = {},
                       .declared_series_uid = {},
                       .study = {},
                       .series = {},
                       .image = std::move(image),
                       .order = request.order,
                       .upload = request.upload,
                       .metadata_json = {},
                       .frame_table = {},
                       .wanted_ids = request.wanted_ids,
                       .patient_mismatch = {}};
  const DeclaredMetadata& declared = request.declared;
  ingest.study.patient_id = declared.patient_id;
  ingest.study.patient_name = declared.patient_name;
  ingest.study.study_date = declared.study_date;
  ingest.study.description = declared.study_description;
  ingest.series.number = declared.series_number;
  ingest.series.description = declared.series_description;
  ingest.series.modality = declared.modality;
  ingest.series.body_part = declared.body_part;
  return ingest;
}

// The data set's attributes win; what it leaves empty stays as declared.
void take_attributes(index::Ingest& ingest, dicom::ImageDescription description) {
  index::StudyAttributes& study = ingest.study;
  study.patient_id = first_of(std::move(description.patient_id), study.patient_id);
  study.patient_name = first_of(std::move(description.patient_name), study.patient_name);
  study.patient_birth_date = std::move(description.patient_birth_date);
  study.patient_sex = std::move(description.patient_sex);
  study.study_date = first_of(std::move(description.study_date), study.study_date);
  study.study_time = std::move(description.study_time);
  study.description = first_of(std::move(description.study_description), study.description);
  study.accession_number = std::move(description.accession_number);
  study.referring_physician = std::move(description.referring_physician_name);

  index::SeriesAttributes& series = ingest.series;
  if (description.series_number) series.number = description.series_number;
  series.description = first_of(std::move(description.series_description), series.description);
  series.modality = first_of(std::move(description.modality), series.modality);
  series.body_part = first_of(std::move(description.body_part_examined), series.body_part);

  index::ImageAttributes& image = ingest.image;
  if (description.instance_number) image.instance_number = description.instance_number;
  image.transfer_syntax = std::move(description.transfer_syntax_uid);
  image.sop_class_uid = std::move(description.sop_class_uid);
  image.rows = as_int64(description.rows);
  image.columns = as_int64(description.columns);
  image.frames = std::max<int64_t>(1, description.number_of_frames.value_or(1));
}

// Of a value that is left out the index keeps the path within the data set; an edge that shows it
// makes the address of that.
dicom::DicomJsonOptions metadata_options() {
  dicom::DicomJsonOptions options;
  options.bulk_data_uri = [](std::string_view path) { return std::string(path); };
  return options;
}

Result<index::Ingest> describe_dicom(const dicom::RandomAccess& file, const Sha256Digest& sha256,
                                     const StoreRequest& request, const ObjectKey* existing_key,
                                     ObjectName* name) {
  const dicom::Header header = PACS_TRY(dicom::read_header(file));
  dicom::ImageDescription description = dicom::describe(header);
  if (name != nullptr) *name = {description.sop_class_uid, description.sop_instance_uid};
  const ImageIdentity identity = PACS_TRY(
      identity_of_data_set(description.study_instance_uid, description.series_instance_uid,
                           description.sop_instance_uid, description.patient_id, request.declared));

  index::Ingest ingest =
      ingest_of(identity, dicom::MediaKind::dicom, file.size(), sha256, request, existing_key);
  ingest.uid_source = index::UidSource::data_set;
  const DeclaredMetadata& declared = request.declared;
  if (declared.study_uid && *declared.study_uid != identity.study_uid) {
    ingest.declared_study_uid = declared.study_uid;
  }
  if (declared.series_uid && *declared.series_uid != identity.series_uid) {
    ingest.declared_series_uid = declared.series_uid;
  }
  take_attributes(ingest, std::move(description));
  ingest.metadata_json = dicom::to_dicom_json(header.data_set, metadata_options());

  // Pixels that cannot be divided into frames are stored and sent as a whole all the same.
  Result<dicom::FrameTable> frames = dicom::FrameTable::build(file, header);
  if (frames) {
    ingest.frame_table = frames->serialize();
  } else if (frames.error().code != ErrorCode::invalid_argument) {
    return std::move(frames).error();
  }
  return ingest;
}

Result<index::Ingest> describe_picture(const dicom::RandomAccess& file, dicom::MediaKind kind,
                                       const Sha256Digest& sha256, const StoreRequest& request,
                                       const std::optional<dicom::StudyUid>& order_study,
                                       const ObjectKey* existing_key) {
  DerivationSeed seed{.image_uuid = request.image_uuid, .order = request.order, .sha256 = sha256};
  if (request.upload) seed.image_uuid = request.upload->image_uuid;
  const ImageIdentity identity = identity_of_picture(request.declared, seed, order_study);
  index::Ingest ingest = ingest_of(identity, kind, file.size(), sha256, request, existing_key);
  if (kind == dicom::MediaKind::pdf) {
    if (ingest.series.modality.empty()) ingest.series.modality = "DOC";  // PS3.16 CID 29
    return ingest;
  }
  const dicom::PictureInfo picture = PACS_TRY(dicom::read_picture_info(file));
  ingest.image.rows = picture.height;
  ingest.image.columns = picture.width;
  if (ingest.series.modality.empty()) ingest.series.modality = "OT";  // PS3.16 CID 29
  return ingest;
}

}  // namespace

Result<dicom::MediaKind> accepted_media_kind(Bytes first_bytes, StoreRequest::Media media) {
  const dicom::MediaKind kind = dicom::sniff_media_kind(first_bytes);
  if (media == StoreRequest::Media::dicom && kind != dicom::MediaKind::dicom) {
    return unsupported("unsupported_media", "the bytes are no DICOM file");
  }
  if (kind != dicom::MediaKind::other) return kind;
  return unsupported("unsupported_media",
                     first_bytes.empty()
                         ? "the file is empty; send a DICOM, JPEG, PNG or PDF file"
                         : "the file is neither DICOM, JPEG, PNG nor PDF, whatever its name says");
}

Result<index::Ingest> describe_file(const dicom::RandomAccess& file, const Sha256Digest& sha256,
                                    const StoreRequest& request,
                                    const std::optional<dicom::StudyUid>& order_study,
                                    const ObjectKey* existing_key, ObjectName* name) {
  std::array<std::byte, dicom::kSniffedSizeMax> head{};
  const size_t head_size = PACS_TRY(file.read_at(0, head));
  const dicom::MediaKind kind =
      PACS_TRY(accepted_media_kind(Bytes(head).first(head_size), request.media));
  index::Ingest ingest =
      kind == dicom::MediaKind::dicom
          ? PACS_TRY(describe_dicom(file, sha256, request, existing_key, name))
          : PACS_TRY(describe_picture(file, kind, sha256, request, order_study, existing_key));
  if (request.only_study && request.only_study->to_dicom() != ingest.study_uid.to_dicom()) {
    return conflict("study_mismatch", "the image is of another study than the one that was named");
  }
  return ingest;
}

}  // namespace pacs::archive
