#include "archive/verify_pass.h"

#include <chrono>
#include <functional>
#include <set>
#include <utility>

#include "core/json_value.h"
#include "core/json_writer.h"
#include "core/log.h"
#include "index/archive_state.h"
#include "index/resumable_uploads.h"

namespace pacs::archive {
namespace {

constexpr size_t kPageSize = 256;  // rows or keys in memory
// An ingest of the same image ends before that; one that does not is looked at the next time.
constexpr std::chrono::seconds kVerifyClaimWaitMax{60};
// A resumable upload that the index is about to hear of is younger.
constexpr std::chrono::hours kStrayStagingAge{1};

constexpr std::string_view kPhases[] = {"rows", "trash", "blobs", "staging", "copies", "done"};

VerifyFinding finding_of_row(Fault fault, const index::ImageRecord& row) {
  VerifyFinding finding;
  finding.fault = std::move(fault);
  finding.store = row.attributes.store;
  finding.path = row.attributes.key.str();
  finding.image_id = row.id;
  finding.study_uid = row.study_uid.str();
  finding.image_uid = row.image_uid.str();
  return finding;
}

VerifyFinding finding_of_kept(Fault fault, const index::KeptBlob& blob) {
  VerifyFinding finding;
  finding.fault = std::move(fault);
  finding.store = blob.image.store;
  finding.path = blob.image.key.str();
  finding.image_id = blob.image.id;
  finding.study_uid = blob.image.key.parts()[1];
  finding.image_uid = blob.image.key.parts()[3];
  return finding;
}

bool is_busy(const Error& error) { return error.reason == "busy"; }

}  // namespace

std::string VerifyPosition::to_json() const {
  JsonWriter json;
  json.begin_object();
  json.member("phase", kPhases[static_cast<size_t>(phase)]);
  json.member("after_image_id", after_image_id);
  json.member("store", store);
  json.member("after_key", after_key);
  json.end_object();
  return json.take();
}

std::optional<VerifyPosition> VerifyPosition::from_json(std::string_view json) {
  const auto value = JsonValue::parse(json);
  if (!value) return std::nullopt;
  const auto text = [&](std::string_view name) {
    const JsonValue* member = value->find(name);
    return member != nullptr && member->as_string() != nullptr ? *member->as_string()
                                                               : std::string();
  };
  VerifyPosition position;
  const std::string phase = text("phase");
  size_t at = 0;
  while (at < std::size(kPhases) && kPhases[at] != phase) ++at;
  const JsonValue* id = value->find("after_image_id");
  if (at == std::size(kPhases) || id == nullptr || !id->as_int64()) return std::nullopt;
  position.phase = static_cast<Phase>(at);
  position.after_image_id = *id->as_int64();
  position.store = text("store");
  position.after_key = text("after_key");
  return position;
}

VerifyPass::VerifyPass(const VerifyGround& ground, VerifyOrder order, Pace& pace,
                       VerifyObserver& observer)
    : ground_(ground),
      order_(std::move(order)),
      pace_(pace),
      observer_(observer),
      images_(ground.database),
      checks_(ground.database),
      kept_(ground.database),
      orphan_check_(ground.database, ground.archive_scope, ground.clock),
      repair_(ground.stores, ground.database, ground.archive_scope, ground.clock, pace,
              ground.patient_mismatch) {}

Result<void> VerifyPass::run(VerifyPosition position) {
  using Phase = VerifyPosition::Phase;
  if (position.phase == Phase::rows) PACS_TRY(walk_rows(position));
  if (position.phase == Phase::trash) PACS_TRY(walk_trash(position));
  if (position.phase == Phase::blobs) PACS_TRY(walk_blobs(position));
  if (position.phase == Phase::staging) PACS_TRY(walk_staging(position));
  if (position.phase == Phase::copies) PACS_TRY(walk_copies(position));
  position.phase = Phase::done;
  observer_.reached(position);
  return {};
}

// A disk that is not mounted any more is no archive that has lost everything.
Result<void> VerifyPass::check_archive_id() const {
  const auto known =
      PACS_TRY(index::ArchiveState(ground_.database).find(index::ArchiveState::kArchiveId));
  if (!known) return {};
  const auto stored = PACS_TRY(ground_.stores.primary().read_archive_id());
  if (stored == known) return {};
  return conflict("store_of_another",
                  "what lies under MEDIA_ROOT is not this archive's: is its disk mounted?");
}

Result<void> VerifyPass::walk_rows(VerifyPosition& position) {
  for (;;) {
    PACS_TRY(check_archive_id());
    const auto page =
        PACS_TRY(checks_.page(ground_.archive_scope, position.after_image_id, kPageSize));
    std::vector<index::ImageChecks::Verified> verified;
    for (const index::ImageRecord& row : page) {
      PACS_TRY(look_at_row(row, verified));
      observer_.looked_at_images(1);
    }
    if (!verified.empty()) PACS_TRY(checks_.set_verified(verified, ground_.clock.now()));
    if (!page.empty()) position.after_image_id = page.back().id;
    if (page.size() < kPageSize) {
      position.phase = VerifyPosition::Phase::trash;
      position.after_image_id = 0;
    }
    observer_.reached(position);
    if (page.size() < kPageSize) return {};
  }
}

Result<void> VerifyPass::look_at_row(const index::ImageRecord& row,
                                     std::vector<index::ImageChecks::Verified>& verified) {
  RowVerdict verdict = PACS_TRY(check_row(ground_.stores, row, order_.depth, pace_));
  if (!verdict.fault) {
    if (verdict.has_good_bytes) verified.push_back({row.id, std::move(verdict.identity)});
    return {};
  }
  // It may just have been removed, or healed by a resend: once more, with nobody else at it. A
  // large file that nobody touched is not read again for that, since senders of the image wait
  // meanwhile.
  const auto claim = ground_.claims.claim(row.image_uid, kVerifyClaimWaitMax);
  if (!claim) return is_busy(claim.error()) ? Result<void>() : claim.error();
  const auto now = PACS_TRY(images_.find(ground_.archive_scope, row.id));
  if (!now) return {};
  if (!still_holds(verdict, ground_.stores, row, *now)) {
    verdict = PACS_TRY(check_row(ground_.stores, *now, order_.depth, pace_));
  }
  if (!verdict.fault) return {};
  if (verdict.fault->kind == FindingKind::wrong_bytes) {
    // The file may be the very one that was hashed when it was good. A read must not trust that.
    PACS_TRY(images_.set_blob_identity(now->id, ""));
  }
  VerifyFinding finding = finding_of_row(std::move(*verdict.fault), *now);
  if (order_.mode == VerifyMode::repair) finding.repair = repair_.of_row(finding.fault, *now);
  observer_.found(finding);
  return {};
}

// --- the trash, and copies ----------------------------------------------------------------------

Result<void> VerifyPass::walk_trash(VerifyPosition& position) {
  for (;;) {
    PACS_TRY(check_archive_id());
    const auto page =
        PACS_TRY(kept_.in_trash(ground_.archive_scope, position.after_image_id, kPageSize));
    for (const index::KeptBlob& blob : page) PACS_TRY(look_at_kept(blob));
    if (!page.empty()) position.after_image_id = page.back().image.id;
    if (page.size() < kPageSize) {
      position.phase = VerifyPosition::Phase::blobs;
      position.after_image_id = 0;
    }
    observer_.reached(position);
    if (page.size() < kPageSize) return {};
  }
}

Result<void> VerifyPass::walk_copies(VerifyPosition& position) {
  for (;;) {
    PACS_TRY(check_archive_id());
    const auto page = PACS_TRY(
        kept_.copies(ground_.archive_scope, position.after_image_id, position.store, kPageSize));
    for (const index::KeptBlob& blob : page) PACS_TRY(look_at_kept(blob));
    if (page.size() < kPageSize) return {};
    position.after_image_id = page.back().image.id;
    position.store = page.back().image.store;
    observer_.reached(position);
  }
}

// Who purges says so in the row before anything is deleted, and who restores moves the row: what is
// still kept after the look was kept during it.
Result<void> VerifyPass::look_at_kept(const index::KeptBlob& blob) {
  // A store that nobody verified copies in, and which is not configured any more, was let go.
  if (!blob.is_expected && !ground_.stores.find(blob.image.store)) return {};
  observer_.looked_at_images(1);
  if (!PACS_TRY(check_kept(ground_.stores, blob, order_.depth, pace_)).fault) return {};
  const auto uid = dicom::SopInstanceUid::parse(blob.image.key.parts()[3]);
  if (!uid) return corrupt("bad_key", "a row has a key without an image UID");
  const auto claim = ground_.claims.claim(*uid, kVerifyClaimWaitMax);
  if (!claim) return is_busy(claim.error()) ? Result<void>() : claim.error();
  RowVerdict verdict = PACS_TRY(check_kept(ground_.stores, blob, order_.depth, pace_));
  if (!verdict.fault || !PACS_TRY(kept_.is_kept(ground_.archive_scope, blob))) return {};
  if (!blob.is_expected && verdict.fault->kind == FindingKind::missing_blob) return {};
  VerifyFinding finding = finding_of_kept(std::move(*verdict.fault), blob);
  if (order_.mode == VerifyMode::repair) finding.repair = repair_.of_kept(finding.fault, blob);
  observer_.found(finding);
  return {};
}

// --- blobs --------------------------------------------------------------------------------------

// Gathers keys to pages; what goes wrong in between stops the listing.
class VerifyPass::Visitor final : public storage::BlobVisitor {
 public:
  Visitor(VerifyPass& pass, storage::BlobStore& store, VerifyPosition& position)
      : pass_(pass), store_(store), position_(position) {}

  storage::Visit blob(const storage::ListedBlob& blob) override {
    keys_.push_back(blob.key);
    if (keys_.size() == kPageSize) outcome_ = finish_page();
    if (outcome_) outcome_ = pass_.pace_.spend(Pace::kFileCostBytes);
    return outcome_ ? storage::Visit::go_on : storage::Visit::stop;
  }
  void foreign(std::string_view path) override {
    pass_.report_foreign(store_, FindingKind::foreign_file, path);
  }
  void symbolic_link(std::string_view path) override {
    pass_.report_foreign(store_, FindingKind::symbolic_link, path);
  }

  Result<void> finish() {
    PACS_TRY(std::move(outcome_));
    return finish_page();
  }

 private:
  Result<void> finish_page() {
    PACS_TRY(pass_.check_archive_id());
    PACS_TRY(pass_.look_at_blobs(store_, keys_));
    if (!keys_.empty()) position_.after_key = keys_.back().str();
    keys_.clear();
    pass_.observer_.reached(position_);
    return {};
  }

  VerifyPass& pass_;
  storage::BlobStore& store_;
  VerifyPosition& position_;
  std::vector<ObjectKey> keys_;
  Result<void> outcome_;
};

Result<void> VerifyPass::walk_blobs(VerifyPosition& position) {
  for (const auto& store : ground_.stores.all()) {
    if (position.store.empty()) position.store = store->name();
    if (store->name() != position.store) continue;
    storage::ListRequest request;
    request.after = ObjectKey::parse(position.after_key);
    Visitor visitor(*this, *store, position);
    PACS_TRY(store->list(request, visitor));
    PACS_TRY(visitor.finish());
    position.store.clear();
    position.after_key.clear();
  }
  position.phase = VerifyPosition::Phase::staging;
  return {};
}

Result<void> VerifyPass::look_at_blobs(storage::BlobStore& store,
                                       const std::vector<ObjectKey>& keys) {
  const auto have_rows = PACS_TRY(checks_.have_rows(ground_.archive_scope, store.name(), keys));
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!have_rows[i]) PACS_TRY(look_at_orphan(store, keys[i]));
  }
  observer_.looked_at_files(keys.size());
  return {};
}

// A blob without a row may be that of an ingest which is about to commit. Such an ingest holds the
// claim of its image, which both the key and the attributes name; so nothing is said before both
// are ours, and then only when there is still no row.
Result<void> VerifyPass::look_at_orphan(storage::BlobStore& store, const ObjectKey& key) {
  std::vector<Claims::Claim> claims;
  std::string claimed;
  const auto claim = [&](const std::optional<dicom::SopInstanceUid>& uid) -> Result<void> {
    if (!uid || uid->to_dicom() == claimed) return {};
    claims.push_back(PACS_TRY(ground_.claims.claim(*uid, kVerifyClaimWaitMax)));
    claimed = uid->to_dicom();
    return {};
  };
  const Result<storage::BlobInfo> info = store.stat(key);
  auto taken = claim(dicom::SopInstanceUid::parse(key.parts()[3]));
  if (taken && info) taken = claim(image_uid_of(info->attributes));
  if (!taken) return is_busy(taken.error()) ? Result<void>() : taken;
  const auto orphan = PACS_TRY(orphan_check_.check(store, key, pace_));
  if (orphan) report_orphan(store, key, *orphan);
  return {};
}

void VerifyPass::report_orphan(storage::BlobStore& store, const ObjectKey& key,
                               const Orphan& orphan) {
  VerifyFinding finding;
  finding.fault = orphan.fault;
  finding.store = store.name();
  finding.path = key.str();
  if (const auto uid = image_uid_of(orphan.info.attributes)) finding.image_uid = uid->str();
  if (const std::string* uid = orphan.info.attributes.find("study-uid")) finding.study_uid = *uid;
  if (order_.mode == VerifyMode::repair) {
    finding.repair = repair_.of_orphan(store, key, orphan, order_.actor);
  }
  observer_.found(finding);
}

void VerifyPass::report_foreign(storage::BlobStore& store, FindingKind kind,
                                std::string_view path) {
  VerifyFinding finding;
  finding.fault = {kind, kind == FindingKind::symbolic_link
                             ? "a symbolic link, which is never followed"
                             : "no stored image has such a name"};
  finding.store = store.name();
  finding.path = path;
  if (order_.mode == VerifyMode::repair) finding.repair = VerifyRepair::of_foreign(store, path);
  observer_.found(finding);
}

Result<void> VerifyPass::walk_staging(VerifyPosition& position) {
  std::set<std::string, std::less<>> wanted;
  const index::ResumableUploads uploads(ground_.database);
  for (const index::ResumableUpload& upload :
       PACS_TRY(uploads.list_staged(ground_.archive_scope))) {
    wanted.insert(upload.staged_id);
  }
  for (const auto& store : ground_.stores.all()) {
    for (const std::string& id : PACS_TRY(store->list_staged(kStrayStagingAge))) {
      if (wanted.contains(id)) continue;
      VerifyFinding finding;
      finding.fault = {FindingKind::stray_staging, "a staged file that no upload waits for"};
      finding.store = store->name();
      finding.path = id;
      if (order_.mode == VerifyMode::repair) finding.repair = VerifyRepair::of_staged(*store, id);
      observer_.found(finding);
    }
  }
  position.phase = VerifyPosition::Phase::copies;
  return {};
}

}  // namespace pacs::archive
