// What a store tells about a blob without reading its bytes.
#pragma once

#include <cstdint>
#include <string>

#include "core/clock.h"
#include "core/object_key.h"
#include "storage/blob_attributes.h"

namespace pacs::storage {

// Bytes [offset, offset + length) of a blob.
struct ByteRange {
  uint64_t offset = 0;
  uint64_t length = 0;
};

struct BlobInfo {
  uint64_t size_bytes = 0;
  BlobAttributes attributes;
  // The store's own tag of this version (S3: ETag without quotes; filesystem: the identity).
  std::string entity_tag;
  // Differs whenever the bytes may have been touched since (filesystem: inode, size and ctime): who
  // has hashed a blob with this identity need not hash it again. Opaque, at most 128 bytes.
  std::string identity;
};

// One line of a listing.
struct ListedBlob {
  ObjectKey key;
  uint64_t size_bytes = 0;
  UnixMillis modified_at = 0;
};

struct StoreSpace {
  uint64_t bytes_free = 0;            // for this process, without what is reserved for root
  uint64_t bytes_total = 0;           // 0: not known
  uint64_t inodes_free = UINT64_MAX;  // UINT64_MAX: no limit
};

}  // namespace pacs::storage
