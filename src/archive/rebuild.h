// The index from the blobs and what stands with them, alone: for an archive whose index was lost.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "archive/blob_record.h"
#include "core/clock.h"
#include "core/object_key.h"
#include "core/result.h"
#include "index/database.h"
#include "index/images.h"
#include "index/ingests.h"
#include "index/scope.h"
#include "index/uploads.h"
#include "storage/blob_store.h"

namespace pacs::archive {

// A file that did not become an image of the index. It is left as it is.
struct RebuildFinding {
  std::string place;  // its key, or for what is no blob its path below the store's root
  std::string reason;
  std::string detail;
};

struct RebuildCounts {
  uint64_t images = 0;  // in the index now, by this run
  uint64_t bytes = 0;   // theirs
  uint64_t known = 0;   // were in the index before
  uint64_t findings = 0;
};

struct RebuildOptions {
  // Each reads and hashes one study at a time; more than the disk's queue is deep gain nothing.
  size_t threads = 8;
  // False: the bytes are believed to be what was stored until they are read the first time.
  bool hash_bytes = true;
  // Any thread, one call at a time.
  std::function<void(const RebuildFinding&)> on_finding = [](const RebuildFinding&) {};
  std::function<void(const RebuildCounts&)> on_progress = [](const RebuildCounts&) {};
};

class RebuildService {
 public:
  // `archive_scope` covers everything. All outlive it.
  RebuildService(storage::BlobStore& store, index::Database& database, index::Scope archive_scope,
                 const Clock& clock, RebuildOptions options);

  // Success: every whole blob with its attributes is an image of the index again, with its numbers,
  // UIDs, order, uploader, metadata, time, and the offline record that announced it, so that a
  // receipt is the same word for word. What is not is a finding: attributes that are missing or
  // wrong, a size or hash unlike the attributes' ("size_mismatch", "checksum_mismatch"), a file
  // that is no image, one that contradicts another (those of StoreService::store).
  // Failure: the index could not be written, or the store not be read; what was done stays, and
  // another run goes on from there. Nobody else may write to the index meanwhile.
  [[nodiscard]] Result<RebuildCounts> run();

 private:
  struct Run;
  struct Described;

  void rebuild_study(Run& run, const std::vector<ObjectKey>& keys);
  Result<void> rebuild_image(Run& run, const ObjectKey& key, const BlobRecord& record,
                             std::vector<Described>& batch);
  Result<void> commit(Run& run, std::vector<Described>& batch);
  Result<void> commit_one(Run& run, const Described& described);
  Result<index::ImageRecord> write(const Described& described);
  Result<void> finish(Run& run, const std::vector<Described>& batch,
                      const std::vector<index::ImageRecord>& images);
  Result<void> complete(const ObjectKey& key, const index::ImageRecord& image);
  Result<index::Ingest> describe(const ObjectKey& key, const BlobRecord& record) const;
  index::AuditLine line() const;

  storage::BlobStore& store_;
  index::Ingests ingests_;
  index::Images images_;
  index::Uploads uploads_;
  const index::Scope archive_scope_;
  const Clock& clock_;
  const RebuildOptions options_;
};

}  // namespace pacs::archive
