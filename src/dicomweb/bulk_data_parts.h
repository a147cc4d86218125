// All bulk data of one instance, or its pixels, as parts of an answer (PS3.18 10.4.3.3.5 and
// 10.4.3.3.6): what the metadata leave to a BulkDataURI, each at that address.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "dicomweb/accepted.h"
#include "dicomweb/multipart_answer.h"
#include "dicomweb/resource.h"
#include "http/ranged_body.h"

namespace pacs::dicomweb {

enum class BulkDataExtent {
  all,
  pixels,  // (7FE0,0008), (7FE0,0009) or (7FE0,0010) of the data set itself
};

struct BulkDataPart {
  std::string media_type{};  // of the part, without parameters
  AnswerPart part{};
  std::shared_ptr<http::RangedBody> body{};  // of a value that can be sent in ranges
};

struct BulkData {
  bool has_values = false;  // also of those that cannot be had so
  std::vector<BulkDataPart> parts{};
  std::optional<Error> refusal{};  // why pixels that were to be made could not be
};

// Those that can be had as one of the accepted types: native pixels as one value; compressed ones
// as their frames, in the stored encoding or another, as frame_answer.h has them; a document as
// what it is; everything else as application/octet-stream, little endian. The parts hold what they
// read from. Errors: those of StoredValues::open() and RetrieveService::open().
[[nodiscard]] Result<BulkData> bulk_data_of(DicomwebServices& services, const index::Scope& scope,
                                            const index::ImageRecord& instance,
                                            const std::string& instance_url, BulkDataExtent extent,
                                            std::span<const AcceptedType> accepted);

// Is it one that bulk data may have, and none of whole instances or metadata?
[[nodiscard]] bool is_bulk_data_type(const AcceptedType& accepted);

}  // namespace pacs::dicomweb
