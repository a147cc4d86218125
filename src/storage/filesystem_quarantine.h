// .pacs-lite/quarantine: refused and wrong bytes, each with a {name}.json that says what they were.
// Nothing in it is ever overwritten, and bytes that are in it already are not put there again.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/crypto.h"
#include "core/file.h"
#include "core/result.h"
#include "storage/blob_attributes.h"
#include "storage/folder_syncs.h"

namespace pacs::storage {

// Any thread.
class FilesystemQuarantine {
 public:
  // `folder` is durable itself; `syncs` outlives the object.
  FilesystemQuarantine(UniqueFd folder, FolderSyncs& syncs)
      : folder_(std::move(folder)), syncs_(syncs) {}

  // Gives an unnamed or staged file, whose bytes are synced, a name here too.
  // Success: those bytes are here, durably, under the name that is told. Failure: as before, but
  // perhaps for a stray description that does no harm.
  [[nodiscard]] Result<std::string> link(int file, const BlobAttributes& attributes,
                                         const Sha256Digest& sha256);

  // Moves the file `filename` of `from`, the blob of `key`, here.
  // Success: its bytes are here, durably. It is gone from `from` (not yet durably), unless they
  // were here before: the caller removes it in either case. Failure: it is in one of the places.
  [[nodiscard]] Result<std::string> take(int from, const std::string& filename,
                                         std::string_view key, const BlobAttributes& attributes,
                                         const Sha256Digest& sha256);

  // The same, under a random name, of what is no plain file or cannot be read. `path` is where it
  // was.
  [[nodiscard]] Result<std::string> take_unread(int from, const std::string& filename,
                                                std::string_view path,
                                                const BlobAttributes& attributes);

 private:
  using Place = std::function<Result<void>(const std::string& name)>;
  [[nodiscard]] Result<std::string> place(std::string_view origin, const Sha256Digest& sha256,
                                          const std::string& description, const Place& place);
  [[nodiscard]] Result<void> move_here(int from, const std::string& filename,
                                       const std::string& name);
  [[nodiscard]] bool holds(const std::string& name, const Sha256Digest& sha256) const;
  [[nodiscard]] Result<void> describe(const std::string& name, const std::string& description);

  const UniqueFd folder_;
  FolderSyncs& syncs_;
};

}  // namespace pacs::storage
