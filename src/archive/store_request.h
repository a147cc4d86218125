// What a client says about an image that it sends, and what became of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "archive/actor.h"
#include "archive/declared_metadata.h"
#include "core/crypto.h"
#include "core/object_key.h"
#include "dicom/uid.h"
#include "index/image_record.h"
#include "index/ingest.h"
#include "index/order.h"
#include "index/upload_record.h"

namespace pacs::archive {

// What a file says that it is: known of many that cannot be stored too, so that an answer can name
// them. Texts of the data set, trimmed, that have passed no grammar.
struct ObjectName {
  std::string sop_class_uid;
  std::string sop_instance_uid;
};

struct StoreRequest {
  enum class Media { any_image, dicom };

  Actor actor;
  std::string filename;  // the client's, as it was sent
  DeclaredMetadata declared;
  std::optional<index::OrderReference> order;
  std::optional<uint64_t> declared_size_bytes;
  std::optional<Sha256Digest> declared_sha256;
  // The offline record that announced these bytes.
  std::optional<index::UploadKey> upload;
  std::string announced_mime_type;  // its, as declared
  // Of an import: what the exporting application had given out.
  std::optional<Uuid> image_uuid;
  index::WantedIds wanted_ids;
  // The key by which that application knows the image. Kept where its UIDs are those of the bytes.
  std::optional<ObjectKey> wanted_key;
  Media media = Media::any_image;
  // The one study that the image may be of, as a path names it (PS3.18 10.5.1).
  std::optional<dicom::StudyUid> only_study;
};

struct StoreOutcome {
  enum class Kind {
    stored,
    existed,  // the same bytes were stored under this UID before: `image` is that first one
  };
  Kind kind = Kind::stored;
  index::ImageRecord image;
  std::optional<index::UploadRecord> upload;   // after its transition
  std::optional<index::OrderReference> order;  // of its study, whoever named it
};

}  // namespace pacs::archive
