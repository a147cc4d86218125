// What an index says is stored, in a file that this process does not own: a copy, or the index of
// a running server beside which a backup is made. Reads alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/crypto.h"
#include "core/object_key.h"
#include "core/result.h"
#include "index/scope.h"

namespace pacs::index {

class Connection;

struct StoredImage {
  int64_t id = 0;
  ObjectKey key;
  std::string store;
  Sha256Digest sha256;
  uint64_t size_bytes = 0;
};

// One thread at a time.
class StoredImages {
 public:
  // `unsupported/schema_newer`, `unsupported/schema_older` (the server of this version has never
  // opened it), `corrupt/not_an_index`, `not_found`. `scope` must cover everything.
  [[nodiscard]] static Result<std::unique_ptr<StoredImages>> open(const std::filesystem::path& path,
                                                                  const Scope& scope);
  ~StoredImages();
  StoredImages(const StoredImages&) = delete;
  StoredImages& operator=(const StoredImages&) = delete;

  // `not_found` (reason "no_archive_id") in an index that was never used.
  [[nodiscard]] Result<std::string> archive_id();
  [[nodiscard]] int64_t schema_version() const { return schema_version_; }

  struct Totals {
    uint64_t images = 0;
    uint64_t size_bytes = 0;
  };
  // Of all that next() gives.
  [[nodiscard]] Result<Totals> totals();

  // The next ones, at most `limit`: what readers see, then what is in the trash, each by id; none
  // when all were given. What is just being deleted for good is left out.
  [[nodiscard]] Result<std::vector<StoredImage>> next(size_t limit);

  // Is there still an image of these bytes under this key?
  [[nodiscard]] Result<bool> is_stored(const StoredImage& image);
  // Has any image this key, be it in the trash?
  [[nodiscard]] Result<bool> names(const ObjectKey& key);

 private:
  StoredImages(std::unique_ptr<Connection> connection, int64_t schema_version);
  [[nodiscard]] Result<std::vector<StoredImage>> page(std::string_view table, size_t limit);

  std::unique_ptr<Connection> connection_;
  const int64_t schema_version_;
  bool is_in_trash_ = false;
  int64_t after_id_ = 0;
};

}  // namespace pacs::index
