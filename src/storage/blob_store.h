// The seam of the storage module: bytes by key. Every backend keeps this contract, and one suite
// (tests/contract/blob_store_contract.h) holds all of them to it.
//
// Keys are occupied once: a published blob never changes, it can only be removed. Every method may
// be called from any thread at any time. Errors that any method may give, besides those it names:
// `permission_denied` (reason "no_permission": rights or a read-only disk), `resource_exhausted`
// ("no_space", "no_descriptors"), `unavailable`, and `internal` with reason "fsync_failed", after
// which is_poisoned() is true.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/object_key.h"
#include "core/result.h"
#include "storage/blob_attributes.h"
#include "storage/blob_info.h"
#include "storage/blob_reader.h"
#include "storage/staged_blob.h"

namespace pacs::storage {

enum class PublishMode {
  create_only,  // the only one: stored images never change
};

enum class Visit { go_on, stop };

class BlobVisitor {
 public:
  virtual ~BlobVisitor() = default;
  virtual Visit blob(const ListedBlob& blob) = 0;
  // Something under radiology/ that is no blob: a file outside the layout, a device. `path` is
  // relative to the store's root and may hold any byte. In no particular order.
  virtual void foreign(std::string_view /*path*/) {}
  // The same of a symbolic link, which nothing here ever follows.
  virtual void symbolic_link(std::string_view path) { foreign(path); }
};

// Names are random hexadecimal digits, or what an operator can type.
inline constexpr size_t kTombstoneNameBytesMax = 64;
// Far more than what is written at once; bounds what a reader must take.
inline constexpr size_t kTombstoneBytesMax = size_t{1} << 20;
// What every backend asks first. `invalid_argument` (reasons "bad_tombstone_name",
// "tombstone_too_large").
[[nodiscard]] Result<void> check_tombstone(std::string_view name, std::string_view text);

// What a row tells of a blob, as it was when somebody last looked.
struct KnownBlob {
  uint64_t size_bytes = 0;
  std::string identity;  // not empty
};

struct ListRequest {
  std::string prefix;              // only keys that begin with this text; empty: all
  std::optional<ObjectKey> after;  // only keys behind this one, which need not exist
};

class BlobStore {
 public:
  virtual ~BlobStore() = default;

  // The name that rows carry: "filesystem", "memory", "s3", "minio".
  [[nodiscard]] virtual std::string_view name() const = 0;

  // --- bytes in ---------------------------------------------------------------------------------
  //
  // Staging is on a disk of this machine, whatever the backend: a header is read back from what is
  // staged before there is a key.

  // An empty staged blob.
  [[nodiscard]] virtual Result<std::unique_ptr<StagedBlob>> stage() = 0;

  // The staged blob that was kept under this id, to be appended to. It stays kept. Two must not be
  // open for one id: the caller sees to that. `not_found` (reason "no_such_upload").
  [[nodiscard]] virtual Result<std::unique_ptr<StagedBlob>> reopen_staged(std::string_view id) = 0;

  // Puts the staged bytes under `key`, with these attributes.
  // Success: bytes, attributes and the key are on stable storage and every reader finds them;
  // nothing is staged any more. Tells what stat() would.
  // Failure: the key is as it was before, and the staged blob is gone; one that was kept can be
  // reopened, unless an fsync failed. After `unavailable` from a store over a network the whole
  // blob may be there, or appear yet. A crash on the way leaves the whole blob or none; a crash
  // after success leaves the blob.
  // `already_exists` (reason "key_occupied") when there is anything under the key: its bytes are
  // untouched. Of several that publish to one key at once, one succeeds.
  [[nodiscard]] virtual Result<BlobInfo> publish(std::unique_ptr<StagedBlob> staged,
                                                 const ObjectKey& key,
                                                 const BlobAttributes& attributes,
                                                 PublishMode mode = PublishMode::create_only) = 0;

  // Puts the staged bytes away where no key leads and only an operator looks (the refused bytes of
  // a conflict), durably; tells the name that they have there. The name follows from the bytes and
  // the attribute `image-uid` (quarantine_name.h): the same again is told the same name and takes
  // no more room, the description is the first one's; other bytes are never overwritten.
  // Failure: as for publish(); `already_exists` (reason "quarantine_taken") when other bytes were
  // put under the names by hand.
  [[nodiscard]] virtual Result<std::string> quarantine(std::unique_ptr<StagedBlob> staged,
                                                       const BlobAttributes& attributes) = 0;

  // Moves a published blob there, under a name that follows from its key and its bytes, as above;
  // what cannot be read has a random one. Success: the key is free, durably. Failure: the blob is
  // under its key, or put away, or for a failed fsync perhaps both; never neither. `not_found` as
  // get(), "quarantine_taken".
  [[nodiscard]] virtual Result<std::string> quarantine_published(const ObjectKey& key) = 0;

  // Moves there, under a random name, what list() calls foreign, or a symbolic link as such, with
  // all that lies below it. `path` as the visitor was told. Success: it is gone from its place,
  // durably. Failure: it is in one of the two places. `not_found` (reason "no_such_file") when
  // there is nothing (any more), or a link on the way; `invalid_argument` ("not_foreign") for a
  // path that may be a blob's.
  [[nodiscard]] virtual Result<std::string> quarantine_foreign(std::string_view path) = 0;

  // Takes over a blob that is there already (an adopted tree, or one whose attributes are to be
  // replaced): on return its bytes as they are, its attributes and its key are on stable storage.
  // The bytes are not touched; the identity changes. Failure: it has the old attributes or the new
  // ones, whole. `not_found` as get().
  [[nodiscard]] virtual Result<BlobInfo> adopt(const ObjectKey& key,
                                               const BlobAttributes& attributes) = 0;

  // --- bytes out --------------------------------------------------------------------------------

  // Opens a blob, or a range of it. `not_found` (reason "no_such_blob") when there is none, also
  // when something that is no plain file lies there or on the way (a symbolic link, a device).
  // `invalid_argument` (reason "range_not_satisfiable") when the range is not within the blob.
  [[nodiscard]] virtual Result<std::unique_ptr<BlobReader>> get(
      const ObjectKey& key, std::optional<ByteRange> range = std::nullopt) = 0;

  // The whole of a blob of which that is known. A store over a network is asked for nothing before
  // something is read or confirmed, and then for that alone: a range costs its own bytes. What is
  // no longer so is told at once, by another size or identity than the known ones or as get() does,
  // or by the first read: `conflict` (reason "blob_changed"), when get() tells what is there.
  [[nodiscard]] virtual Result<std::unique_ptr<BlobReader>> get_known(const ObjectKey& key,
                                                                      const KnownBlob& /*known*/) {
    return get(key);
  }

  // `not_found` as get(); `corrupt` (reason "bad_attributes") when they cannot be read.
  [[nodiscard]] virtual Result<BlobInfo> stat(const ObjectKey& key) = 0;

  // Visits blobs in the byte order of their keys until there are no more or the visitor stops. What
  // is published or removed meanwhile may be seen or not; all else is visited exactly once. The
  // visitor may use the store.
  [[nodiscard]] virtual Result<void> list(const ListRequest& request, BlobVisitor& visitor) = 0;

  // --- bytes away -------------------------------------------------------------------------------

  // Success: the key is free, durably, with its attributes gone; also when it was free before.
  // Open readers go on reading, or say that it is gone (blob_reader.h). Folders that this leaves
  // empty go too, as far as nobody uses them. Failure: the blob is there or gone, never torn;
  // remove again.
  [[nodiscard]] virtual Result<void> remove(const ObjectKey& key) = 0;

  // Removes one kept staged blob; success also when there is none.
  [[nodiscard]] virtual Result<void> discard_staged(std::string_view id) = 0;

  // The ids of what is staged and kept and was last written more than `older_than` ago, in no
  // particular order. Changes nothing, here or in a store over a network.
  [[nodiscard]] virtual Result<std::vector<std::string>> list_staged(
      std::chrono::seconds older_than) = 0;

  // Removes what is staged, was last written more than `older_than` ago, and is not wanted (a
  // resumable upload that the index knows is); tells how many. With 0 s before the first stage():
  // all that a crash has left. What is open in this process and not kept is never touched.
  [[nodiscard]] virtual Result<uint64_t> clean_staging(
      std::chrono::seconds older_than,
      const std::function<bool(std::string_view id)>& is_wanted) = 0;

  // --- tombstones -------------------------------------------------------------------------------
  //
  // What was removed must stay removed when the index is made anew from the blobs, also while the
  // blobs are still there. Tombstones say what was: small texts by name, where no key leads. The
  // store knows nothing of what is in them (docs/design/tombstone.md does).
  // A name is 1 to 64 of a-z, 0-9 and "-"; the caller sees to it that one name is written by one
  // thread at a time. `invalid_argument` (reasons "bad_tombstone_name", "tombstone_too_large").

  // Success: the text is there under the name, whole and on stable storage, in place of the one
  // before. Failure or crash: the old text or the new one, whole; never none where there was one.
  [[nodiscard]] virtual Result<void> write_tombstone(std::string_view name,
                                                     std::string_view text) = 0;
  // `not_found` (reason "no_such_tombstone").
  [[nodiscard]] virtual Result<std::string> read_tombstone(std::string_view name) = 0;
  // Success: there is none of the name, durably; also when there was none.
  [[nodiscard]] virtual Result<void> remove_tombstone(std::string_view name) = 0;
  // In byte order.
  [[nodiscard]] virtual Result<std::vector<std::string>> tombstone_names() = 0;

  // --- the store as a whole ---------------------------------------------------------------------

  [[nodiscard]] virtual Result<StoreSpace> space() = 0;

  // Which archive this store belongs to; nothing when it never had one. `corrupt` (reason
  // "bad_archive_id") when what is there is not an id.
  [[nodiscard]] virtual Result<std::optional<std::string>> read_archive_id() = 0;
  // Once, durably. The same again is success; `already_exists` (reason "other_archive_id") when it
  // has another one. `invalid_argument` unless it is a UUID in lower case.
  [[nodiscard]] virtual Result<void> write_archive_id(std::string_view archive_id) = 0;

  // True once an fsync has failed: what the kernel holds is no longer what the disk will have.
  // Every write fails from then on (reason "fsync_failed"); reads go on. The process must be
  // restarted.
  [[nodiscard]] virtual bool is_poisoned() const = 0;
};

}  // namespace pacs::storage
