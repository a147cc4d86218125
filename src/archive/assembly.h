// Instances that come in pieces, metadata and bulk data apart (PS3.18 10.5.2.1), on their way to
// being files: the pieces of one request are kept in staging until all are there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "archive/store.h"
#include "core/json_value.h"
#include "core/result.h"
#include "core/stream.h"
#include "dicom/data_set.h"
#include "dicom/json_data_set.h"
#include "storage/staged_blob.h"

namespace pacs::archive {

// Metadata of one request in all, which are held in memory.
inline constexpr uint64_t kMetadataBytesMax = uint64_t{32} << 20;

// One thread at a time; does not outlive the service.
class Assembly {
 public:
  explicit Assembly(StoreService& store) : store_(store) {}

  // An object of the DICOM JSON model, or an array of them. Errors: invalid_argument/bad_json,
  // bad_metadata; resource_exhausted/too_large beyond kMetadataBytesMax.
  Result<void> add_json(std::string_view json);
  // One Native DICOM Model. Errors: those of dicom::native_xml_to_json(); too_large.
  Result<void> add_xml(std::string_view xml);

  struct BulkPart {
    std::string location;         // what a BulkDataURI says
    std::string media_type;       // "application/octet-stream", "image/jpeg"
    std::string transfer_syntax;  // empty: that which the media type has, or its bytes show
  };
  // Keeps all of `body`. Errors: those of staging and of the source; invalid_argument/bad_metadata
  // when two parts have the same location.
  Result<void> add_bulk(BulkPart part, ByteSource& body);

  [[nodiscard]] size_t instance_count() const { return instances_.size(); }

  // The file of an instance. `name` learns what the metadata call it. Errors, of this instance
  // alone: invalid_argument/bad_metadata, bulk_data_missing; unsupported/bulk_data for compressed
  // pixels that are not one frame; those of dicom::FileWriter and StoreService::receive_made().
  [[nodiscard]] Result<ReceivedImage> assemble(size_t index, ObjectName& name);

 private:
  struct Bulk {
    BulkPart part;
    dicom::BulkPlace place;
  };

  Result<void> count_metadata(uint64_t size_bytes);
  Result<std::string> encapsulated_syntax(const Bulk& bulk) const;

  StoreService& store_;
  uint64_t metadata_bytes_ = 0;
  std::vector<JsonValue> instances_;
  std::unique_ptr<storage::StagedBlob> spool_;
  std::unordered_map<std::string, Bulk> bulk_;
};

}  // namespace pacs::archive
