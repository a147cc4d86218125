#include "cli/import_bucket.h"

#include <algorithm>

#include "cli/import_adopt.h"
#include "cli/object_store.h"
#include "dicom/media_kind.h"
#include "storage/s3_objects.h"

namespace pacs::cli {
namespace {

// What begins like none is asked for its UIDs by its key; who adopts it reads it whole.
Result<KeyHolds> look_into(storage::S3Client& client, const storage::S3Listed& object) {
  if (object.size_bytes == 0) return KeyHolds::other;
  storage::S3Request request;
  request.key = object.key;
  request.headers.set("Range", "bytes=0-" + std::to_string(dicom::kSniffedSizeMax - 1));
  const storage::S3Answer answer = PACS_TRY(storage::expect_success(client.send(request)));
  const Bytes first = as_bytes(answer.response.body);
  const bool is_dicom =
      dicom::sniff_media_kind(first.first(std::min(first.size(), dicom::kSniffedSizeMax))) ==
      dicom::MediaKind::dicom;
  return is_dicom ? KeyHolds::dicom : KeyHolds::other;
}

}  // namespace

Result<void> find_images_in_bucket(const Settings& settings, const ImportSink& sink) {
  const SystemClock clock;
  SystemRandom random;
  const auto credentials = make_credentials(settings, clock);
  storage::S3Client client(settings.s3, {}, *credentials, clock, random);
  const std::string bucket = "s3://" + settings.s3.bucket + "/";
  return storage::S3Objects(client).list("radiology/", "", [&](const storage::S3Listed& object) {
    const std::string place = bucket + object.key;
    const std::optional<ObjectKey> key = ObjectKey::parse(object.key);
    if (!key) {
      sink.leave_out({place, ImportOutcome::refused, 0, "outside_layout",
                      "does not lie under radiology/STUDY/SERIES/IMAGE/FILENAME; fetch it and "
                      "import it without --in-place"});
      return true;
    }
    const Result<KeyHolds> holds = look_into(client, object);
    if (!holds) {
      sink.leave_out({place, ImportOutcome::failed, 0, holds.error().reason, holds.error().detail});
      return true;
    }
    return sink.take({place, record_of_key(*key, *holds), nullptr});
  });
}

}  // namespace pacs::cli
