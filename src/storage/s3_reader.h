// An open object, fetched a window at a time, each held to the ETag of the first or the known one:
// what is read is the bytes that were opened, or an error.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "storage/blob_reader.h"
#include "storage/blob_store.h"
#include "storage/s3_objects.h"

namespace pacs::storage {

// "bytes 0-9/1234" (RFC 9110 14.4).
struct ContentRange {
  uint64_t first = 0;
  uint64_t size_bytes = 0;  // of the whole object
};
// Nothing for anything else, also where the size is not told.
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view text);

class S3BlobReader final : public BlobReader {
 public:
  // One request for all of a small blob, or of a small range. Errors as BlobStore::get.
  [[nodiscard]] static Result<std::unique_ptr<BlobReader>> open(S3Client& client,
                                                                const S3Objects& objects,
                                                                std::string key,
                                                                std::optional<ByteRange> range);
  // No request before the first read. Errors as BlobStore::get_known.
  [[nodiscard]] static std::unique_ptr<BlobReader> open_known(S3Client& client,
                                                              const S3Objects& objects,
                                                              std::string key,
                                                              const KnownBlob& known);

  Result<size_t> read_some(MutableBytes buffer) override;
  [[nodiscard]] uint64_t size_bytes() const override { return window_.length; }
  [[nodiscard]] uint64_t blob_size_bytes() const override { return blob_size_bytes_; }
  [[nodiscard]] const std::string& identity() const override { return entity_tag_; }
  Result<void> confirm() override { return look(); }
  [[nodiscard]] Result<BlobInfo> info() const override;
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override;
  [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const override;

 private:
  S3BlobReader(S3Client& client, const S3Objects& objects, std::string key)
      : client_(client), objects_(objects), key_(std::move(key)) {}
  [[nodiscard]] Result<void> open_without_bytes();
  [[nodiscard]] Result<void> open_with_bytes(ByteRange first);
  void take(S3Answer answer, uint64_t size_bytes);
  [[nodiscard]] Result<void> look() const;
  [[nodiscard]] Result<void> fetch(uint64_t offset, uint64_t length) const;
  [[nodiscard]] Result<Bytes> some_from(uint64_t offset, uint64_t wanted_bytes) const;

  S3Client& client_;
  const S3Objects& objects_;
  const std::string key_;
  ByteRange window_;
  uint64_t blob_size_bytes_ = 0;
  std::string entity_tag_;
  uint64_t position_ = 0;  // of read_some() in the window

  // Whether the store has said so, and the headers in which it did, with the metadata.
  mutable bool is_confirmed_ = false;
  mutable http::Headers headers_;
  // The stretch of the blob that is held.
  mutable uint64_t held_from_ = 0;
  mutable std::string held_;
};

// What HEAD and GET tell of an object. `corrupt` ("bad_attributes").
[[nodiscard]] Result<BlobInfo> blob_info_of(const S3Objects& objects, const http::Headers& headers,
                                            uint64_t size_bytes, std::string entity_tag);

}  // namespace pacs::storage
