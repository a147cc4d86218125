// An open blob, or a range of one. What is read is the bytes that were there when it was opened,
// and never others. On a filesystem they stay readable to the last one while the blob is being
// removed; an object store that has removed them says so (`not_found`, reason "no_such_blob").
#pragma once

#include <cstdint>
#include <string>

#include "core/stream.h"
#include "storage/blob_info.h"

namespace pacs::storage {

// A ByteSource over the window that was asked for, plus random access within it. One thread at a
// time. Must not outlive its store.
class BlobReader : public ByteSource {
 public:
  // Of the window: the range asked for, or the whole blob.
  [[nodiscard]] virtual uint64_t size_bytes() const = 0;

  // Of the whole blob, and what BlobInfo::identity says, taken on the open blob. Cost nothing.
  [[nodiscard]] virtual uint64_t blob_size_bytes() const = 0;
  [[nodiscard]] virtual const std::string& identity() const = 0;

  // Do its bytes come off a disk of this machine, and leave by sendfile where they can? What comes
  // over a network is worth a hash on its way out.
  [[nodiscard]] virtual bool is_local_file() const { return false; }

  // That the blob is there as it was known (BlobStore::get_known), without its bytes. Errors: those
  // of a first read. Costs nothing where the blob is open.
  virtual Result<void> confirm() { return {}; }

  // Everything that stat() tells, of the blob that is open; reads the attributes now.
  [[nodiscard]] virtual Result<BlobInfo> info() const = 0;

  // Writes `length` bytes from `offset` of the window on; does not move read_some(). A plain socket
  // gets them by sendfile. `invalid_argument` (reason "range_not_satisfiable") outside the window;
  // `corrupt` when the blob ends too early; else what the sink says.
  virtual Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) = 0;

  // Reads until `buffer` is full or the window ends; tells how many. Does not move read_some().
  [[nodiscard]] virtual Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const = 0;
};

}  // namespace pacs::storage
