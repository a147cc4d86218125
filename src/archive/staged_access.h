// A staged blob, or a blob that is in a store already, as the readers of the dicom module want it.
#pragma once

#include "dicom/random_access.h"
#include "storage/blob_reader.h"
#include "storage/staged_blob.h"

namespace pacs::archive {

class StagedAccess final : public dicom::RandomAccess {
 public:
  explicit StagedAccess(const storage::StagedBlob& staged) : staged_(staged) {}
  [[nodiscard]] uint64_t size() const override { return staged_.size_bytes(); }
  [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const override {
    return staged_.read_at(offset, buffer);
  }

 private:
  const storage::StagedBlob& staged_;
};

class BlobAccess final : public dicom::RandomAccess {
 public:
  explicit BlobAccess(const storage::BlobReader& blob) : blob_(blob) {}
  [[nodiscard]] uint64_t size() const override { return blob_.size_bytes(); }
  [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const override {
    return blob_.read_at(offset, buffer);
  }

 private:
  const storage::BlobReader& blob_;
};

}  // namespace pacs::archive
