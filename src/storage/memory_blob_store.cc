#include "storage/memory_blob_store.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "core/assert.h"
#include "core/crypto.h"
#include "core/uuid.h"
#include "storage/quarantine_name.h"

namespace pacs::storage {
namespace {

Error no_such_entry() {
  return not_found("no_such_blob", "there is no stored object under this key");
}

Error range_beyond_entry() {
  return invalid_argument("range_not_satisfiable", "the range is not within the stored object");
}

std::string random_id() {
  std::array<std::byte, 16> bytes{};
  SystemRandom().fill(bytes);
  return to_hex(bytes);
}

// Never changes once it is published, so that readers need no lock; shared with those who read it
// while it is removed.
struct Blob {
  std::string bytes;
  BlobAttributes attributes;
  std::string identity;
  UnixMillis modified_at = 0;
};

using BlobPointer = std::shared_ptr<const Blob>;

BlobInfo info_of(const Blob& blob) {
  return {blob.bytes.size(), blob.attributes, blob.identity, blob.identity};
}

// The kept uploads by id, for as long as the store lives.
struct KeptUploads {
  std::mutex mutex;
  std::map<std::string, std::string, std::less<>> bytes;  // guarded by mutex
};

class MemoryStagedBlob final : public StagedBlob {
 public:
  MemoryStagedBlob(std::string id, std::string bytes, bool is_kept, KeptUploads& kept)
      : id_(std::move(id)), bytes_(std::move(bytes)), is_kept_(is_kept), kept_(kept) {}
  ~MemoryStagedBlob() override {
    if (is_kept_) static_cast<void>(keep());
  }

  Result<void> append(Bytes bytes) override {
    bytes_.append(as_text(bytes));
    return {};
  }
  Result<void> sync() override { return is_kept_ ? keep() : Result<void>(); }
  Result<void> keep() override {
    const std::lock_guard lock(kept_.mutex);
    const bool is_new = !is_kept_;
    is_kept_ = true;
    const auto position = kept_.bytes.find(id_);
    // Discarded meanwhile: what is gone stays gone.
    if (position == kept_.bytes.end() && !is_new) return {};
    kept_.bytes[id_] = bytes_;
    return {};
  }
  Result<void> truncate(uint64_t size_bytes) override {
    if (size_bytes > bytes_.size()) {
      return invalid_argument("staged_too_short", "the staged upload is shorter than that");
    }
    bytes_.resize(size_bytes);
    return {};
  }
  [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const override {
    if (offset >= bytes_.size()) return size_t{0};
    const Bytes rest = as_bytes(bytes_).subspan(offset);
    const size_t count = std::min(rest.size(), buffer.size());
    std::copy_n(rest.begin(), count, buffer.begin());
    return count;
  }
  [[nodiscard]] uint64_t size_bytes() const override { return bytes_.size(); }
  [[nodiscard]] const std::string& id() const override { return id_; }

  // For the store: the bytes go to a key, the id is nobody's any more.
  [[nodiscard]] std::string take() {
    if (std::exchange(is_kept_, false)) {
      const std::lock_guard lock(kept_.mutex);
      kept_.bytes.erase(id_);
    }
    return std::move(bytes_);
  }

 private:
  const std::string id_;
  std::string bytes_;
  bool is_kept_;
  KeptUploads& kept_;
};

class MemoryBlobReader final : public BlobReader {
 public:
  MemoryBlobReader(BlobPointer blob, ByteRange window) : blob_(std::move(blob)), window_(window) {}

  Result<size_t> read_some(MutableBytes buffer) override {
    const size_t count = PACS_TRY(read_at(position_, buffer));
    position_ += count;
    return count;
  }
  [[nodiscard]] uint64_t size_bytes() const override { return window_.length; }
  [[nodiscard]] uint64_t blob_size_bytes() const override { return blob_->bytes.size(); }
  [[nodiscard]] const std::string& identity() const override { return blob_->identity; }
  [[nodiscard]] Result<BlobInfo> info() const override { return info_of(*blob_); }
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override {
    if (offset > window_.length || length > window_.length - offset) return range_beyond_entry();
    if (length == 0) return {};
    return sink.write(as_bytes(blob_->bytes).subspan(window_.offset + offset, length));
  }
  [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const override {
    if (offset >= window_.length) return size_t{0};
    const size_t count = std::min<uint64_t>(buffer.size(), window_.length - offset);
    std::copy_n(as_bytes(blob_->bytes).begin() + static_cast<ptrdiff_t>(window_.offset + offset),
                count, buffer.begin());
    return count;
  }

 private:
  const BlobPointer blob_;
  const ByteRange window_;
  uint64_t position_ = 0;
};

class MemoryBlobStore final : public BlobStore {
 public:
  [[nodiscard]] std::string_view name() const override { return "memory"; }

  Result<std::unique_ptr<StagedBlob>> stage() override {
    return std::make_unique<MemoryStagedBlob>(random_id(), "", false, kept_);
  }
  Result<std::unique_ptr<StagedBlob>> reopen_staged(std::string_view id) override {
    const std::lock_guard lock(kept_.mutex);
    const auto position = kept_.bytes.find(id);
    if (position == kept_.bytes.end()) {
      return not_found("no_such_upload", "there is no staged upload of this id");
    }
    return std::make_unique<MemoryStagedBlob>(position->first, position->second, true, kept_);
  }

  Result<BlobInfo> publish(std::unique_ptr<StagedBlob> staged, const ObjectKey& key,
                           const BlobAttributes& attributes, PublishMode /*mode*/) override {
    auto* own = dynamic_cast<MemoryStagedBlob*>(staged.get());
    PACS_ASSERT(own != nullptr);
    const std::lock_guard lock(mutex_);
    if (blobs_.contains(key)) {
      return already_exists("key_occupied", "there is a stored object under this key already");
    }
    return info_of(*put(key, own->take(), attributes));
  }

  // Nobody could look at what is put away here: only its name is made.
  Result<std::string> quarantine(std::unique_ptr<StagedBlob> staged,
                                 const BlobAttributes& attributes) override {
    auto* own = dynamic_cast<MemoryStagedBlob*>(staged.get());
    PACS_ASSERT(own != nullptr);
    const std::string bytes = own->take();
    return quarantine_name(quarantine_origin(attributes), sha256(as_bytes(bytes)), 0);
  }
  Result<std::string> quarantine_published(const ObjectKey& key) override {
    const std::lock_guard lock(mutex_);
    const auto position = blobs_.find(key);
    if (position == blobs_.end()) return no_such_entry();
    std::string name = quarantine_name(key.str(), sha256(as_bytes(position->second->bytes)), 0);
    blobs_.erase(position);
    return name;
  }

  // A map has room for nothing foreign.
  Result<std::string> quarantine_foreign(std::string_view /*path*/) override {
    return not_found("no_such_file", "there is nothing of that name");
  }

  Result<BlobInfo> adopt(const ObjectKey& key, const BlobAttributes& attributes) override {
    const std::lock_guard lock(mutex_);
    const auto position = blobs_.find(key);
    if (position == blobs_.end()) return no_such_entry();
    return info_of(*put(key, position->second->bytes, attributes));
  }

  Result<std::unique_ptr<BlobReader>> get(const ObjectKey& key,
                                          std::optional<ByteRange> range) override {
    const BlobPointer blob = PACS_TRY(find(key));
    const uint64_t size_bytes = blob->bytes.size();
    const ByteRange window = range.value_or(ByteRange{0, size_bytes});
    if (window.offset > size_bytes || window.length > size_bytes - window.offset) {
      return range_beyond_entry();
    }
    return std::make_unique<MemoryBlobReader>(blob, window);
  }
  Result<BlobInfo> stat(const ObjectKey& key) override { return info_of(*PACS_TRY(find(key))); }

  Result<void> list(const ListRequest& request, BlobVisitor& visitor) override {
    std::vector<ListedBlob> found;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [key, blob] : blobs_) {
        if (!key.str().starts_with(request.prefix)) continue;
        if (request.after && key <= *request.after) continue;
        found.push_back({key, blob->bytes.size(), blob->modified_at});
      }
    }
    for (const ListedBlob& blob : found) {
      if (visitor.blob(blob) == Visit::stop) break;
    }
    return {};
  }

  Result<void> remove(const ObjectKey& key) override {
    const std::lock_guard lock(mutex_);
    blobs_.erase(key);
    return {};
  }
  Result<void> discard_staged(std::string_view id) override {
    const std::lock_guard lock(kept_.mutex);
    kept_.bytes.erase(std::string(id));
    return {};
  }
  Result<std::vector<std::string>> list_staged(std::chrono::seconds older_than) override {
    std::vector<std::string> ids;
    // Nothing here is older than the process.
    if (older_than.count() > 0) return ids;
    const std::lock_guard lock(kept_.mutex);
    for (const auto& [id, bytes] : kept_.bytes) ids.push_back(id);
    return ids;
  }
  Result<uint64_t> clean_staging(
      std::chrono::seconds older_than,
      const std::function<bool(std::string_view id)>& is_wanted) override {
    // Nothing here is older than the process.
    if (older_than.count() > 0) return uint64_t{0};
    const std::lock_guard lock(kept_.mutex);
    return uint64_t{
        std::erase_if(kept_.bytes, [&](const auto& upload) { return !is_wanted(upload.first); })};
  }

  Result<void> write_tombstone(std::string_view name, std::string_view text) override {
    PACS_TRY(check_tombstone(name, text));
    const std::lock_guard lock(mutex_);
    tombstones_.insert_or_assign(std::string(name), std::string(text));
    return {};
  }
  Result<std::string> read_tombstone(std::string_view name) override {
    PACS_TRY(check_tombstone(name, {}));
    const std::lock_guard lock(mutex_);
    const auto position = tombstones_.find(name);
    if (position == tombstones_.end()) {
      return not_found("no_such_tombstone", "there is no tombstone of this name");
    }
    return position->second;
  }
  Result<void> remove_tombstone(std::string_view name) override {
    PACS_TRY(check_tombstone(name, {}));
    const std::lock_guard lock(mutex_);
    tombstones_.erase(std::string(name));
    return {};
  }
  Result<std::vector<std::string>> tombstone_names() override {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, text] : tombstones_) names.push_back(name);
    return names;
  }

  Result<StoreSpace> space() override { return StoreSpace{UINT64_MAX, 0, UINT64_MAX}; }
  Result<std::optional<std::string>> read_archive_id() override {
    const std::lock_guard lock(mutex_);
    return archive_id_;
  }
  Result<void> write_archive_id(std::string_view archive_id) override {
    const std::optional<Uuid> uuid = Uuid::parse(archive_id);
    if (!uuid || uuid->str() != archive_id) {
      return invalid_argument("bad_archive_id", "an archive id is a UUID in lower case");
    }
    const std::lock_guard lock(mutex_);
    if (archive_id_ && *archive_id_ != archive_id) {
      return already_exists("other_archive_id", "this store belongs to another archive");
    }
    archive_id_ = archive_id;
    return {};
  }
  [[nodiscard]] bool is_poisoned() const override { return false; }

 private:
  // Call with mutex_ held.
  BlobPointer put(const ObjectKey& key, std::string bytes, const BlobAttributes& attributes) {
    auto blob = std::make_shared<Blob>();
    blob->bytes = std::move(bytes);
    blob->attributes = attributes;
    blob->identity = "memory-" + std::to_string(++versions_);
    blob->modified_at = SystemClock().now();
    blobs_.insert_or_assign(key, blob);
    return blob;
  }
  Result<BlobPointer> find(const ObjectKey& key) {
    const std::lock_guard lock(mutex_);
    const auto position = blobs_.find(key);
    if (position == blobs_.end()) return no_such_entry();
    return position->second;
  }

  KeptUploads kept_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::map<ObjectKey, BlobPointer> blobs_;
  std::map<std::string, std::string, std::less<>> tombstones_;
  std::optional<std::string> archive_id_;
  uint64_t versions_ = 0;
};

}  // namespace

std::unique_ptr<BlobStore> make_memory_blob_store() { return std::make_unique<MemoryBlobStore>(); }

}  // namespace pacs::storage
