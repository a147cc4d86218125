#include "storage/s3_blob_store.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "core/log.h"
#include "core/text.h"
#include "core/uuid.h"
#include "storage/blob_hash.h"
#include "storage/filesystem_staging.h"
#include "storage/key_turns.h"
#include "storage/quarantine_name.h"
#include "storage/s3_metadata.h"
#include "storage/s3_own_objects.h"
#include "storage/s3_reader.h"

namespace pacs::storage {
namespace {

constexpr uint64_t kLayoutVersion = 1;
constexpr unsigned kStagingMode = 0700;
constexpr std::string_view kKeyPrefix = "radiology/";
constexpr std::string_view kBinary = "application/octet-stream";

Error no_such_blob() {
  return not_found("no_such_blob", "there is no stored object under this key");
}

// The one attribute that the store makes use of: Django and browsers ask the object what it is.
std::string content_type_of(const BlobAttributes& attributes) {
  const std::string* type = attributes.find("mime-type");
  const bool is_plain =
      type != nullptr && !type->empty() &&
      std::all_of(type->begin(), type->end(), [](char c) { return c > ' ' && c <= '~'; });
  return is_plain ? *type : std::string(kBinary);
}

class S3BlobStore final : public BlobStore {
 public:
  S3BlobStore(S3StoreOptions options, AwsCredentialSource& credentials, const Clock& clock,
              Random& random, UniqueFd staging)
      : name_(std::move(options.name)),
        client_(options.settings, options.client, credentials, clock, random),
        objects_(client_),
        writer_(client_, objects_, options.settings.object_parameters, options.parts, random),
        clock_(clock),
        staging_folder_(::dup(staging.get())),
        staging_(std::move(staging), syncs_) {}

  // Finds out what the store can do and whether it is one of ours.
  [[nodiscard]] Result<void> begin();

  [[nodiscard]] std::string_view name() const override { return name_; }

  Result<std::unique_ptr<StagedBlob>> stage() override { return staging_.stage(); }
  Result<std::unique_ptr<StagedBlob>> reopen_staged(std::string_view id) override {
    return staging_.reopen(id);
  }
  Result<void> discard_staged(std::string_view id) override { return staging_.discard(id); }
  Result<std::vector<std::string>> list_staged(std::chrono::seconds older_than) override {
    return staging_.list(older_than);
  }
  Result<uint64_t> clean_staging(
      std::chrono::seconds older_than,
      const std::function<bool(std::string_view id)>& is_wanted) override;

  Result<BlobInfo> publish(std::unique_ptr<StagedBlob> staged, const ObjectKey& key,
                           const BlobAttributes& attributes, PublishMode mode) override;
  Result<std::string> quarantine(std::unique_ptr<StagedBlob> staged,
                                 const BlobAttributes& attributes) override;
  Result<std::string> quarantine_published(const ObjectKey& key) override;
  Result<std::string> quarantine_foreign(std::string_view path) override;
  Result<BlobInfo> adopt(const ObjectKey& key, const BlobAttributes& attributes) override;

  Result<std::unique_ptr<BlobReader>> get(const ObjectKey& key,
                                          std::optional<ByteRange> range) override {
    return S3BlobReader::open(client_, objects_, key.str(), range);
  }
  Result<std::unique_ptr<BlobReader>> get_known(const ObjectKey& key,
                                                const KnownBlob& known) override {
    return S3BlobReader::open_known(client_, objects_, key.str(), known);
  }
  Result<BlobInfo> stat(const ObjectKey& key) override;
  Result<void> list(const ListRequest& request, BlobVisitor& visitor) override;
  Result<void> remove(const ObjectKey& key) override;

  Result<void> write_tombstone(std::string_view name, std::string_view text) override;
  Result<std::string> read_tombstone(std::string_view name) override;
  Result<void> remove_tombstone(std::string_view name) override;
  Result<std::vector<std::string>> tombstone_names() override;

  Result<StoreSpace> space() override;
  Result<std::optional<std::string>> read_archive_id() override;
  Result<void> write_archive_id(std::string_view archive_id) override;
  [[nodiscard]] bool is_poisoned() const override { return syncs_.failed(); }

 private:
  [[nodiscard]] Result<S3Metadata> write_attributes(const BlobAttributes& attributes);
  void drop_attributes(const std::string& id);
  // Where bytes belong in the quarantine, and whether they lie there already.
  struct Quarantined {
    std::string name;
    bool is_there = false;
  };
  [[nodiscard]] Result<Quarantined> find_in_quarantine(std::string_view origin,
                                                       const Sha256Digest& sha256,
                                                       uint64_t size_bytes);
  [[nodiscard]] Result<std::string> move_away(std::string_view path, const S3Answer& there,
                                              const Quarantined& place);
  [[nodiscard]] Result<void> check_layout();

  const std::string name_;
  S3Client client_;
  const S3Objects objects_;
  S3Writer writer_;
  const Clock& clock_;
  const UniqueFd staging_folder_;
  FolderSyncs syncs_;
  FilesystemStaging staging_;
  KeyTurns turns_;
};

FilesystemStagedBlob& own_spooled(const std::unique_ptr<StagedBlob>& staged) {
  auto* own = dynamic_cast<FilesystemStagedBlob*>(staged.get());
  PACS_ASSERT(own != nullptr && !own->is_torn());
  return *own;
}

// What moves or rewrites an object within the store holds it to the version that was looked at.
http::Headers copy_headers(const S3Answer& there, std::string_view metadata_directive) {
  http::Headers headers;
  headers.set("x-amz-metadata-directive", metadata_directive);
  headers.set("x-amz-copy-source-if-match", "\"" + there.entity_tag() + "\"");
  return headers;
}

Result<void> S3BlobStore::begin() {
  PACS_TRY(objects_.find_bucket());
  PACS_TRY(staging_.probe());
  PACS_TRY(writer_.probe());
  return check_layout();
}

Result<void> S3BlobStore::check_layout() {
  const std::optional<std::string> text = PACS_TRY(objects_.read_text(s3_own::kLayoutVersion));
  if (!text) {
    const Result<std::string> written =
        writer_.put_text(s3_own::kLayoutVersion, std::to_string(kLayoutVersion) + "\n",
                         "text/plain", S3Writer::Condition::absent);
    // Another process was faster, or this account only reads.
    if (!written && written.error().code != ErrorCode::already_exists &&
        written.error().code != ErrorCode::permission_denied) {
      return written.error();
    }
    return {};
  }
  const std::optional<uint64_t> version = parse_unsigned(text->substr(0, text->find('\n')));
  if (!version) {
    return corrupt("bad_layout_version", "the layout version in the bucket is no number");
  }
  if (*version <= kLayoutVersion) return {};
  return unsupported("newer_layout", "the bucket was written by a newer version of this program");
}

// --- bytes in -----------------------------------------------------------------------------------

// In the header where they fit, else in an object of their own, before the blob that names it.
Result<S3Metadata> S3BlobStore::write_attributes(const BlobAttributes& attributes) {
  S3Metadata metadata;
  metadata.write_id = writer_.new_id();
  std::string json = to_ascii_json(attributes);
  if (json.size() <= kMetadataBytesMax) {
    metadata.json = std::move(json);
    return metadata;
  }
  metadata.attributes_id = writer_.new_id();
  PACS_TRY(writer_.put_text(s3_own::attributes(metadata.attributes_id), std::move(json),
                            "application/json", S3Writer::Condition::none));
  return metadata;
}

// Without its blob it is a stray that does no harm.
void S3BlobStore::drop_attributes(const std::string& id) {
  if (id.empty()) return;
  if (const Result<void> removed = objects_.remove(s3_own::attributes(id)); !removed) {
    log_warning("stray_attributes_left", {{"reason", removed.error().reason}});
  }
}

Result<BlobInfo> S3BlobStore::publish(std::unique_ptr<StagedBlob> staged, const ObjectKey& key,
                                      const BlobAttributes& attributes, PublishMode /*mode*/) {
  FilesystemStagedBlob& blob = own_spooled(staged);
  const KeyTurns::Turn turn(turns_, key.str());
  const S3Metadata metadata = PACS_TRY(write_attributes(attributes));
  Result<std::string> entity_tag = writer_.put(
      blob, key.str(), metadata, content_type_of(attributes), S3Writer::Condition::absent);
  if (!entity_tag) {
    // After any other error the object may appear yet, and needs them.
    if (entity_tag.error().code == ErrorCode::already_exists)
      drop_attributes(metadata.attributes_id);
    return entity_tag.error();
  }
  // It is stored: that the local copy cannot be dropped must not make it fail. The next
  // clean_staging() finds it.
  if (const Result<void> dropped = blob.drop_name(); !dropped) {
    log_warning("staged_copy_left", {{"reason", dropped.error().reason}});
  }
  BlobInfo info;
  info.size_bytes = blob.size_bytes();
  info.attributes = attributes;
  info.entity_tag = *entity_tag;
  info.identity = *entity_tag;
  return info;
}

// Two that quarantine the same bytes at once write the same object twice.
Result<S3BlobStore::Quarantined> S3BlobStore::find_in_quarantine(std::string_view origin,
                                                                 const Sha256Digest& sha256,
                                                                 uint64_t size_bytes) {
  for (unsigned attempt = 0; attempt < kQuarantineNamesMax; ++attempt) {
    Quarantined found;
    found.name = quarantine_name(origin, sha256, attempt);
    const std::optional<S3Answer> there = PACS_TRY(objects_.find(s3_own::quarantined(found.name)));
    found.is_there =
        there && parse_unsigned(there->header("Content-Length")) == std::optional(size_bytes);
    // The store sees to it that its bytes are what was written: their number is enough.
    if (!there || found.is_there) return found;
  }
  return already_exists(
      "quarantine_taken",
      "the names that these bytes have in the quarantine are all taken by others");
}

Result<std::string> S3BlobStore::quarantine(std::unique_ptr<StagedBlob> staged,
                                            const BlobAttributes& attributes) {
  FilesystemStagedBlob& blob = own_spooled(staged);
  const Sha256Digest sha256 = PACS_TRY(hash_of(blob));
  const Quarantined place =
      PACS_TRY(find_in_quarantine(quarantine_origin(attributes), sha256, blob.size_bytes()));
  if (!place.is_there) {
    PACS_TRY(writer_.put_text(s3_own::quarantined(place.name + ".json"),
                              quarantine_description("", attributes.to_json()), "application/json",
                              S3Writer::Condition::none));
    S3Metadata metadata;
    metadata.write_id = writer_.new_id();
    PACS_TRY(writer_.put(blob, s3_own::quarantined(place.name), metadata, kBinary,
                         S3Writer::Condition::none));
  }
  if (const Result<void> dropped = blob.drop_name(); !dropped) {
    log_warning("staged_copy_left", {{"reason", dropped.error().reason}});
  }
  return place.name;
}

// Copied, then removed: in between it is in both places, never in neither.
Result<std::string> S3BlobStore::move_away(std::string_view path, const S3Answer& there,
                                           const Quarantined& place) {
  if (!place.is_there) {
    const auto info = blob_info_of(objects_, there.response.headers, 0, there.entity_tag());
    // Unreadable attributes are no reason to leave a bad blob where it is.
    const std::string attributes = info ? info->attributes.to_json() : "{}";
    PACS_TRY(writer_.put_text(s3_own::quarantined(place.name + ".json"),
                              quarantine_description(path, attributes), "application/json",
                              S3Writer::Condition::none));
    PACS_TRY(writer_.copy(path, s3_own::quarantined(place.name), copy_headers(there, "COPY")));
  }
  PACS_TRY(objects_.remove(path));
  drop_attributes(S3Metadata::from_headers(there.response.headers).attributes_id);
  return place.name;
}

Result<std::string> S3BlobStore::quarantine_published(const ObjectKey& key) {
  const KeyTurns::Turn turn(turns_, key.str());
  const std::optional<S3Answer> there = PACS_TRY(objects_.find(key.str()));
  if (!there) return no_such_blob();
  // Bytes that cannot be read are no reason to leave them where they are.
  Quarantined place{.name = writer_.new_id(), .is_there = false};
  const auto blob = get(key, {});
  if (blob && (*blob)->identity() == there->entity_tag()) {
    if (const Result<Sha256Digest> sha256 = hash_of(**blob)) {
      place = PACS_TRY(find_in_quarantine(key.str(), *sha256, (*blob)->size_bytes()));
    }
  }
  return move_away(key.str(), *there, place);
}

Result<std::string> S3BlobStore::quarantine_foreign(std::string_view path) {
  if (!path.starts_with(kKeyPrefix) || ObjectKey::parse(path)) {
    return invalid_argument("not_foreign", "a stored object may lie there");
  }
  const std::optional<S3Answer> there = PACS_TRY(objects_.find(path));
  if (!there) return not_found("no_such_file", "there is nothing of that name");
  return move_away(path, *there, {.name = writer_.new_id(), .is_there = false});
}

Result<BlobInfo> S3BlobStore::adopt(const ObjectKey& key, const BlobAttributes& attributes) {
  const KeyTurns::Turn turn(turns_, key.str());
  const std::optional<S3Answer> there = PACS_TRY(objects_.find(key.str()));
  if (!there) return no_such_blob();
  const S3Metadata metadata = PACS_TRY(write_attributes(attributes));
  http::Headers headers = copy_headers(*there, "REPLACE");
  headers.set("Content-Type", content_type_of(attributes));
  metadata.add_to(headers);
  PACS_TRY(writer_.copy(key.str(), key.str(), std::move(headers)));
  drop_attributes(S3Metadata::from_headers(there->response.headers).attributes_id);
  return stat(key);
}

// --- bytes out ----------------------------------------------------------------------------------

Result<BlobInfo> S3BlobStore::stat(const ObjectKey& key) {
  const std::optional<S3Answer> there = PACS_TRY(objects_.find(key.str()));
  if (!there) return no_such_blob();
  const uint64_t size_bytes = parse_unsigned(there->header("Content-Length")).value_or(0);
  return blob_info_of(objects_, there->response.headers, size_bytes, there->entity_tag());
}

Result<void> S3BlobStore::list(const ListRequest& request, BlobVisitor& visitor) {
  std::string prefix = request.prefix;
  if (kKeyPrefix.starts_with(prefix)) prefix = kKeyPrefix;
  if (!prefix.starts_with(kKeyPrefix)) return {};
  const std::string after = request.after ? request.after->str() : std::string();
  return objects_.list(prefix, after, [&](const S3Listed& listed) {
    const std::optional<ObjectKey> key = ObjectKey::parse(listed.key);
    if (!key) {
      visitor.foreign(listed.key);
      return true;
    }
    return visitor.blob({*key, listed.size_bytes, listed.modified_at}) == Visit::go_on;
  });
}

// --- bytes away ---------------------------------------------------------------------------------

Result<void> S3BlobStore::remove(const ObjectKey& key) {
  const KeyTurns::Turn turn(turns_, key.str());
  const std::optional<S3Answer> there = PACS_TRY(objects_.find(key.str()));
  if (!there) return {};
  PACS_TRY(objects_.remove(key.str()));
  drop_attributes(S3Metadata::from_headers(there->response.headers).attributes_id);
  return {};
}

Result<uint64_t> S3BlobStore::clean_staging(
    std::chrono::seconds older_than, const std::function<bool(std::string_view id)>& is_wanted) {
  const uint64_t removed = PACS_TRY(staging_.clean(older_than, is_wanted));
  const auto age = std::max<std::chrono::milliseconds>(older_than, kUploadAgeMin);
  uint64_t all_aborted = 0;
  for (const std::string_view prefix : {kKeyPrefix, s3_own::kQuarantine}) {
    const Result<uint64_t> aborted = objects_.abort_uploads(prefix, clock_.now() - age.count());
    if (!aborted) {
      // Not every store lists them, and they are no reason not to start.
      log_warning("uploads_not_listed", {{"reason", aborted.error().reason}});
      break;
    }
    all_aborted += *aborted;
  }
  return removed + all_aborted;
}

// --- tombstones ---------------------------------------------------------------------------------

Result<void> S3BlobStore::write_tombstone(std::string_view name, std::string_view text) {
  PACS_TRY(check_tombstone(name, text));
  PACS_TRY(writer_.put_text(s3_own::tombstone(name), std::string(text), "application/json",
                            S3Writer::Condition::none));
  return {};
}

Result<std::string> S3BlobStore::read_tombstone(std::string_view name) {
  PACS_TRY(check_tombstone(name, {}));
  std::optional<std::string> text = PACS_TRY(objects_.read_text(s3_own::tombstone(name)));
  if (!text) return not_found("no_such_tombstone", "there is no tombstone of this name");
  return std::move(*text);
}

Result<void> S3BlobStore::remove_tombstone(std::string_view name) {
  PACS_TRY(check_tombstone(name, {}));
  return objects_.remove(s3_own::tombstone(name));
}

Result<std::vector<std::string>> S3BlobStore::tombstone_names() {
  std::vector<std::string> names;
  PACS_TRY(objects_.list(s3_own::kTombstones, "", [&](const S3Listed& listed) {
    std::string name = listed.key.substr(s3_own::kTombstones.size());
    if (check_tombstone(name, {})) names.push_back(std::move(name));
    return true;
  }));
  return names;
}

// --- the store as a whole -----------------------------------------------------------------------

// A bucket has no end; the folder where images stand on their way there has.
Result<StoreSpace> S3BlobStore::space() {
  struct ::statvfs status {};
  if (::fstatvfs(staging_folder_.get(), &status) != 0) {
    return system_error(errno, "asking for free space");
  }
  StoreSpace space;
  space.bytes_free = uint64_t{status.f_bavail} * status.f_frsize;
  space.bytes_total = uint64_t{status.f_blocks} * status.f_frsize;
  if (status.f_files != 0) space.inodes_free = status.f_favail;
  return space;
}

Result<std::optional<std::string>> S3BlobStore::read_archive_id() {
  const std::optional<std::string> text = PACS_TRY(objects_.read_text(s3_own::kArchiveId));
  if (!text) return std::optional<std::string>();
  const std::string line = text->substr(0, text->find('\n'));
  const std::optional<Uuid> uuid = Uuid::parse(line);
  if (uuid && uuid->str() == line) return std::optional<std::string>(line);
  return corrupt("bad_archive_id", "the archive id in the bucket is not one");
}

Result<void> S3BlobStore::write_archive_id(std::string_view archive_id) {
  const std::optional<Uuid> uuid = Uuid::parse(archive_id);
  if (!uuid || uuid->str() != archive_id) {
    return invalid_argument("bad_archive_id", "an archive id is a UUID in lower case");
  }
  const Result<std::string> written =
      writer_.put_text(s3_own::kArchiveId, std::string(archive_id) + "\n", "text/plain",
                       S3Writer::Condition::absent);
  if (written) return {};
  if (written.error().code != ErrorCode::already_exists) return written.error();
  const std::optional<std::string> there = PACS_TRY(read_archive_id());
  if (there && *there == archive_id) return {};
  return already_exists("other_archive_id", "this store belongs to another archive");
}

Result<UniqueFd> open_staging_folder(const std::string& path) {
  if (::mkdir(path.c_str(), kStagingMode) != 0 && errno != EEXIST) {
    return system_error(errno, "making the staging folder");
  }
  return open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, "opening the staging folder");
}

}  // namespace

Result<std::unique_ptr<BlobStore>> open_s3_blob_store(S3StoreOptions options,
                                                      AwsCredentialSource& credentials,
                                                      const Clock& clock, Random& random) {
  UniqueFd staging = PACS_TRY(open_staging_folder(options.staging_folder));
  auto store = std::make_unique<S3BlobStore>(std::move(options), credentials, clock, random,
                                             std::move(staging));
  PACS_TRY(store->begin());
  return std::unique_ptr<BlobStore>(std::move(store));
}

}  // namespace pacs::storage
