#include "cli/migrate_run.h"

#include <cerrno>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>

#include "access/audit_lines.h"
#include "access/scope_maker.h"
#include "archive/stores.h"
#include "cli/bucket_settings.h"
#include "cli/ground.h"
#include "cli/object_store.h"
#include "cli/other_stores.h"
#include "core/file.h"
#include "index/archive_state.h"
#include "index/stored_images.h"

namespace pacs::cli {
namespace {

// Images that are stored while the others are copied; a server that takes in more than is moved
// would keep this going for ever.
constexpr int kMoveRoundsMax = 10;

// Two at a time would take each other's copies for strangers.
Result<UniqueFd> lock_against_another(const DataPaths& paths) {
  const std::string path = paths.folder + "/migrate.lock";
  UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.get() < 0) return system_error(errno, "opening migrate.lock");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return unavailable("migrate_running", "another `pacs-lite migrate` works on this archive");
  }
  return lock;
}

Result<void> mark_target(storage::BlobStore& target, const std::string& archive_id) {
  Result<void> marked = target.write_archive_id(archive_id);
  if (!marked && marked.error().reason == "other_archive_id") {
    return conflict("other_archive_id", "the store \"" + std::string(target.name()) +
                                            "\" of the settings belongs to another archive. "
                                            "Nothing was changed");
  }
  return marked;
}

// The index knows which tombstones count; a store that was moved away from may have older ones.
Result<void> copy_tombstones(const archive::Stores& stores, storage::BlobStore& target,
                             const std::vector<index::TombstonePlace>& places) {
  for (const index::TombstonePlace& place : places) {
    if (place.store == target.name()) continue;
    storage::BlobStore* from = PACS_TRY(stores.find(place.store));
    const auto text = from->read_tombstone(place.name);
    if (!text && text.error().code == ErrorCode::not_found) continue;  // written at the next start
    if (!text) return text.error();
    PACS_TRY(target.write_tombstone(place.name, *text));
  }
  return {};
}

Result<void> remove_other_tombstones(storage::BlobStore& target,
                                     const std::vector<index::TombstonePlace>& places) {
  std::set<std::string> known;
  for (const index::TombstonePlace& place : places) known.insert(place.name);
  for (const std::string& name : PACS_TRY(target.tombstone_names())) {
    if (!known.contains(name)) PACS_TRY(target.remove_tombstone(name));
  }
  return {};
}

Result<void> check_target(const Settings& settings, std::string_view target) {
  if (uses_object_store(settings) && target == name_of_bucket(settings)) {
    return invalid_argument("own_bucket",
                            "this is the bucket of the archive's own settings; the "
                            "settings change after the cut-over");
  }
  return {};
}

// What rows call the stores once the settings are those of the target.
index::CutOver names_after(const Settings& settings, const std::string& target) {
  index::CutOver stores{.target = target, .name = target, .settings_name = {}, .former = {}};
  if (!names_a_bucket(target)) return stores;
  stores.name = target.substr(0, target.find(':'));
  if (!uses_object_store(settings)) return stores;  // "filesystem" stays what it is
  stores.settings_name = to_string(settings.storage);
  stores.former = name_of_bucket(settings);
  return stores;
}

void add_round(archive::MigrationCounts& sum, const archive::MigrationCounts& round, bool first) {
  sum.moved += round.moved;
  sum.moved_bytes += round.moved_bytes;
  sum.removed += round.removed;
  sum.refused = round.refused;
  if (first) sum.already_there = round.already_there;
  sum.images = sum.moved + sum.already_there + sum.removed + sum.refused;
}

}  // namespace

Result<MigrateOutcome> copy_to_store(const ProgramSettings& program, const MigrateOrder& order) {
  const Settings& settings = program.as_read();
  const DataPaths paths(settings.data_folder);
  PACS_TRY(check_target(settings, order.target));
  PACS_TRY(check_no_restore(paths));
  const auto live =
      PACS_TRY(index::StoredImages::open(paths.index, access::ScopeMaker::of_server()));
  const std::string archive_id = PACS_TRY(live->archive_id());
  const UniqueFd lock = PACS_TRY(lock_against_another(paths));

  const SystemClock clock;
  SystemRandom random;
  OtherStores others(program, clock, random);
  archive::Stores stores(PACS_TRY(others.open(order.target)));
  PACS_TRY(mark_target(stores.primary(), archive_id));
  stores.open_others_with([&](std::string_view name) {
    return others.open(name, [&archive_id]() -> Result<std::optional<std::string>> {
      return std::optional(archive_id);
    });
  });
  const auto copies = PACS_TRY(
      index::StoreCopies::open(paths.index, order.target, access::ScopeMaker::of_server()));
  if (names_a_bucket(order.target)) {
    PACS_TRY(copies->note_target_elsewhere());
  }
  MigrateOutcome outcome;
  outcome.totals = PACS_TRY(copies->totals());
  order.on_begin(outcome.totals);

  archive::MigrationOptions options;
  options.threads = order.threads;
  options.bytes_per_second_max = order.bytes_per_second_max;
  options.compares_all = order.compares_all;
  options.on_finding = order.on_finding;
  options.on_progress = order.on_progress;
  const archive::MigrationGround ground{stores, stores.primary(), *copies, *live, clock};
  for (int round = 0; round < kMoveRoundsMax; ++round) {
    copies->rewind();
    const auto counts = PACS_TRY(archive::migrate_images(ground, options));
    add_round(outcome.counts, counts, round == 0);
    outcome.totals = PACS_TRY(copies->totals());
    if (outcome.totals.lacking == 0 || outcome.counts.refused > 0) break;
    options.compares_all = false;
  }
  return outcome;
}

Result<int64_t> cut_over(const ProgramSettings& program, const std::string& target) {
  const Settings& settings = program.as_read();
  PACS_TRY(check_target(settings, target));
  const auto ground = PACS_TRY(Ground::open(program));
  storage::BlobStore* store = PACS_TRY(ground->stores->find(target));
  // The settings may name another bucket by now than the one that was filled.
  const auto known =
      PACS_TRY(index::ArchiveState(*ground->database).find(index::ArchiveState::kArchiveId));
  if (!known || PACS_TRY(store->read_archive_id()) != known) {
    return conflict("store_of_another", "the store \"" + target +
                                            "\" of the settings is not the one that `pacs-lite "
                                            "migrate` has filled. Nothing was changed");
  }
  const index::Scope scope = access::ScopeMaker::of_server();
  const auto places = PACS_TRY(index::tombstone_places(*ground->database, scope));
  PACS_TRY(copy_tombstones(*ground->stores, *store, places));
  const int64_t changed =
      PACS_TRY(index::cut_over_to(*ground->database, names_after(settings, target),
                                  access::system_audit_line("archive.cut_over", ground->clock)));
  PACS_TRY(remove_other_tombstones(*store, places));
  return changed;
}

}  // namespace pacs::cli
