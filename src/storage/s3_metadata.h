// A blob's attributes as metadata of its object: one JSON object in ASCII, cut into pieces that
// every object store takes. Where they are more than S3 takes (2 kB) they are an object of their
// own, whose name the metadata tell (docs/design/keys.md).
#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "http/headers.h"
#include "storage/blob_attributes.h"

namespace pacs::storage {

// The most that goes into headers: S3 counts names and values, 2,048 bytes of both. Seven pieces of
// 256 bytes with their names, and the two others, are less.
inline constexpr size_t kMetadataBytesMax = 1700;

struct S3Metadata {
  std::optional<std::string> json;  // in the headers; nothing where there is none
  std::string attributes_id;        // of the object that has them instead; empty: none
  std::string write_id;             // who wrote the object: differs for every write

  [[nodiscard]] static S3Metadata from_headers(const http::Headers& headers);
  void add_to(http::Headers& headers) const;
};

// JSON with everything but visible ASCII escaped, spaces too: what headers carry unharmed.
[[nodiscard]] std::string to_ascii_json(const BlobAttributes& attributes);

}  // namespace pacs::storage
