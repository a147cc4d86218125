// A blob's attributes as metadata of its object: one JSON object in ASCII in x-amz-meta-pacs-lite,
// which any client reads as it is. Where they are more than S3 takes (2 kB) they are an object of
// their own, whose name the metadata tell (docs/design/keys.md).
#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "http/headers.h"
#include "storage/blob_attributes.h"

namespace pacs::storage {

// The most that goes into the header: S3 counts names and values, and ours are three.
inline constexpr size_t kMetadataBytesMax = 1800;

struct S3Metadata {
  std::optional<std::string> json;  // in the header; nothing where there is none
  std::string attributes_id;        // of the object that has them instead; empty: none
  std::string write_id;             // who wrote the object: differs for every write

  [[nodiscard]] static S3Metadata from_headers(const http::Headers& headers);
  void add_to(http::Headers& headers) const;
};

// JSON with everything but visible ASCII escaped, spaces too: what headers carry unharmed.
[[nodiscard]] std::string to_ascii_json(const BlobAttributes& attributes);

}  // namespace pacs::storage
