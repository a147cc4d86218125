// The blobs that rows name beside those that readers see: of images in the trash, and copies in
// other stores (store_copies.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "index/scope.h"
#include "index/stored_images.h"

namespace pacs::index {

class Database;

struct KeptBlob {
  StoredImage image;  // `store` is where this blob lies
  // False of a copy that nobody has verified: it may have been let go, or not have come yet.
  bool is_expected = true;
};

// Any thread. Every `scope` must cover everything.
class KeptBlobs {
 public:
  explicit KeptBlobs(Database& database) : database_(database) {}

  // By id, those behind `after_id`; fewer than `limit` on the last page alone. What is just being
  // deleted for good is left out, as below.
  [[nodiscard]] Result<std::vector<KeptBlob>> in_trash(const Scope& scope, int64_t after_id,
                                                       size_t limit) const;

  // Of images that readers see and of those in the trash, by id and store, those behind
  // `after_id` and `after_store`.
  [[nodiscard]] Result<std::vector<KeptBlob>> copies(const Scope& scope, int64_t after_id,
                                                     std::string_view after_store,
                                                     size_t limit) const;

  // Every blob of one image, in the trash or not: that of its row first, then the copies.
  [[nodiscard]] Result<std::vector<KeptBlob>> all_of(const Scope& scope, int64_t image_id) const;

  // Is a blob of in_trash() or copies() still one?
  [[nodiscard]] Result<bool> is_kept(const Scope& scope, const KeptBlob& blob) const;

 private:
  Database& database_;
};

}  // namespace pacs::index
