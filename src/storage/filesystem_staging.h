// Staged files: without a name until they are published (O_TMPFILE), so that neither a drop nor a
// kill leaves anything. A resumable upload that is kept has its id as its name in
// .pacs-lite/staging.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "core/file.h"
#include "core/result.h"
#include "storage/folder_syncs.h"
#include "storage/staged_blob.h"

namespace pacs::storage {

class FilesystemStagedBlob final : public StagedBlob {
 public:
  // `folder` is the staging folder; both outlive the blob.
  FilesystemStagedBlob(UniqueFd file, std::string id, uint64_t size_bytes, bool is_kept, int folder,
                       FolderSyncs& syncs)
      : file_(std::move(file)),
        id_(std::move(id)),
        size_bytes_(size_bytes),
        is_kept_(is_kept),
        folder_(folder),
        syncs_(syncs) {}

  Result<void> append(Bytes bytes) override;
  Result<void> sync() override;
  Result<void> keep() override;
  Result<void> truncate(uint64_t size_bytes) override;
  [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const override;
  [[nodiscard]] uint64_t size_bytes() const override { return size_bytes_; }
  [[nodiscard]] const std::string& id() const override { return id_; }

  // For the store: the open file, and whether a failed write has left it torn.
  [[nodiscard]] int file() const { return file_.get(); }
  [[nodiscard]] bool is_torn() const { return is_torn_; }
  // Takes the name in the staging folder away, once the file has another one or is given up.
  [[nodiscard]] Result<void> drop_name();

 private:
  const UniqueFd file_;
  const std::string id_;
  uint64_t size_bytes_;
  uint64_t writeback_from_ = 0;
  bool is_kept_;
  bool is_torn_ = false;
  const int folder_;
  FolderSyncs& syncs_;
};

// Any thread.
class FilesystemStaging {
 public:
  // `folder` is .pacs-lite/staging, durable itself; `syncs` outlives the object.
  FilesystemStaging(UniqueFd folder, FolderSyncs& syncs)
      : folder_(std::move(folder)), syncs_(syncs) {}

  // As BlobStore says.
  [[nodiscard]] Result<std::unique_ptr<StagedBlob>> stage();
  [[nodiscard]] Result<std::unique_ptr<StagedBlob>> reopen(std::string_view id);
  [[nodiscard]] Result<void> discard(std::string_view id);
  [[nodiscard]] Result<std::vector<std::string>> list(std::chrono::seconds older_than) const;
  [[nodiscard]] Result<uint64_t> clean(std::chrono::seconds older_than,
                                       const std::function<bool(std::string_view id)>& is_wanted);

  // `unsupported` (reason "no_unnamed_files") where O_TMPFILE or the naming of such a file cannot
  // work. Success on a full or a read-only disk, where reads must go on.
  [[nodiscard]] Result<void> probe();

 private:
  [[nodiscard]] Result<UniqueFd> open_unnamed();

  const UniqueFd folder_;
  FolderSyncs& syncs_;
};

}  // namespace pacs::storage
