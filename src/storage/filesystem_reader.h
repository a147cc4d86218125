// An open stored file as a BlobReader: what it was when it was opened, even while it is removed.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/file.h"
#include "storage/attribute_files.h"
#include "storage/blob_reader.h"

namespace pacs::storage {

class FilesystemBlobReader final : public BlobReader {
 public:
  // As BlobStore::get; `attributes` must outlive the reader.
  [[nodiscard]] static Result<std::unique_ptr<BlobReader>> open(int root, const ObjectKey& key,
                                                                std::optional<ByteRange> range,
                                                                const AttributeFiles& attributes);

  Result<size_t> read_some(MutableBytes buffer) override;
  [[nodiscard]] uint64_t size_bytes() const override { return window_.length; }
  [[nodiscard]] uint64_t blob_size_bytes() const override { return blob_size_bytes_; }
  [[nodiscard]] const std::string& identity() const override { return identity_; }
  [[nodiscard]] bool is_local_file() const override { return true; }
  [[nodiscard]] Result<BlobInfo> info() const override;
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override;
  [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const override;

 private:
  FilesystemBlobReader(UniqueFd file, const struct ::stat& status, ByteRange window, ObjectKey key,
                       const AttributeFiles& attributes);

  const UniqueFd file_;
  const ByteRange window_;
  const uint64_t blob_size_bytes_;
  const std::string identity_;
  const ObjectKey key_;
  const AttributeFiles& attributes_;
  uint64_t position_ = 0;  // in the window
};

// Opens the plain file under a key; `not_found` (reason "no_such_blob") when there is none.
struct OpenBlob {
  UniqueFd file;
  struct ::stat status;
};
[[nodiscard]] Result<OpenBlob> open_blob(int root, const ObjectKey& key);

}  // namespace pacs::storage
