// Bytes on their way in, not yet under a key. Whoever holds one owns it; it goes to publish() or
// quarantine() of the store that made it, or it is dropped and leaves nothing.
#pragma once

#include <cstdint>
#include <string>

#include "core/bytes.h"
#include "core/bytes_at_rest.h"
#include "core/result.h"

namespace pacs::storage {

// One thread at a time. Must not outlive its store.
class StagedBlob : public BytesAtRest {
 public:
  // Dropped without keep(): nothing is left, not even after a kill or a power cut.
  ~StagedBlob() override = default;

  // Writes at the end. `resource_exhausted` (reason "no_space") on a full disk or quota. After an
  // error only size_bytes() and the destructor may be called: what is there may be torn.
  virtual Result<void> append(Bytes bytes) = 0;

  // On return the bytes so far are on stable storage. publish() does this by itself: it is for a
  // resumable upload alone. After an error (reason "fsync_failed", see BlobStore::is_poisoned)
  // the blob must be dropped.
  virtual Result<void> sync() = 0;

  // Makes it survive: on return the bytes so far are on stable storage and reopen_staged(id())
  // finds them, also after a restart, until the blob is published, quarantined or discarded.
  // Bytes appended later survive a crash once sync() has returned. Again: the same as sync().
  virtual Result<void> keep() = 0;

  // Cuts to the first `size_bytes`, for a reopened upload whose last bytes were never confirmed.
  // `invalid_argument` (reason "staged_too_short") when there are fewer.
  virtual Result<void> truncate(uint64_t size_bytes) = 0;

  // 32 lower-case hexadecimal digits, unique and not to be guessed.
  [[nodiscard]] virtual const std::string& id() const = 0;
};

}  // namespace pacs::storage
