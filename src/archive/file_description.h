// What is learned from the bytes of a file once they are all there: the same for a staged blob and
// for one that lies in a store already.
#pragma once

#include <optional>
#include <string>

#include "archive/store_request.h"
#include "core/result.h"
#include "dicom/media_kind.h"
#include "dicom/random_access.h"
#include "index/ingest.h"

namespace pacs::archive {

// Everything of an ingest that follows from the file and the request; key, store, identity of the
// blob and time are still to be filled in. `order_study` is the study that a picture without a
// declared one joins.
//
// Errors: `unsupported` (reason "unsupported_media") unless it is DICOM, JPEG, PNG or PDF;
// `invalid_argument` for a DICOM file that cannot be read (dicom/header_reader.h) or identified
// (archive/image_identity.h), and for a broken picture ("malformed", "truncated"); `conflict`
// ("study_mismatch") for another study than the only one. `name` learns what a DICOM file calls
// itself, also when it is refused.
[[nodiscard]] Result<index::Ingest> describe_file(const dicom::RandomAccess& file,
                                                  const Sha256Digest& sha256,
                                                  const StoreRequest& request,
                                                  const std::optional<dicom::StudyUid>& order_study,
                                                  const ObjectKey* existing_key = nullptr,
                                                  ObjectName* name = nullptr);

// DICOM, JPEG, PNG or PDF by the first bytes; `unsupported` (reason "unsupported_media") if it is
// none of them, or not of the media that are wanted.
[[nodiscard]] Result<dicom::MediaKind> accepted_media_kind(Bytes first_bytes,
                                                           StoreRequest::Media media);

}  // namespace pacs::archive
