#include "index/id_reservations.h"

#include <optional>
#include <utility>

#include "core/assert.h"
#include "core/log.h"
#include "index/database.h"
#include "index/ingest_lookup.h"
#include "index/sqlite_connection.h"
#include "index/trash_rows.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

struct KnownIds {
  std::optional<int64_t> study;
  std::optional<int64_t> series;
};

Result<KnownIds> find_known(Connection& connection, const Ingest& ingest) {
  const IngestLookup lookup(connection, ingest);
  KnownIds known;
  auto study = PACS_TRY(lookup.find_study());
  if (!study) {
    // One that is in the trash comes back with its numbers.
    const TrashRows trash(connection);
    known.study = PACS_TRY(trash.find_study(ingest.study_uid));
    if (known.study) {
      known.series = PACS_TRY(trash.find_series(*known.study, ingest.series_uid));
      return known;
    }
    study = PACS_TRY(lookup.find_provisional_study(PACS_TRY(lookup.find_upload())));
  }
  if (!study) return known;
  known.study = study->record.id;
  known.series = PACS_TRY(lookup.find_series(study->record.id));
  if (!known.series) {
    known.series = PACS_TRY(TrashRows(connection).find_series(study->record.id, ingest.series_uid));
  }
  return known;
}

Result<KnownIds> find_known(const Database& database, const Ingest& ingest) {
  return database.read([&](Connection& connection) { return find_known(connection, ingest); });
}

}  // namespace

IdReservations::Reservation::Reservation(Reservation&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)),
      ids_(other.ids_),
      study_name_(std::move(other.study_name_)),
      series_name_(std::move(other.series_name_)) {}

IdReservations::Reservation::~Reservation() {
  if (owner_ != nullptr) owner_->end(*this);
}

// What was not given out serves again, unless somebody went past it meanwhile.
IdReservations::~IdReservations() {
  if (studies_.last == 0 && images_.last == 0) return;
  const auto given_back = database_.write([&](WriteTransaction& transaction) -> Result<void> {
    for (const Counter& counter : {studies_, series_, images_}) {
      if (counter.last == 0) continue;
      PACS_TRY(transaction.connection().run(
          "UPDATE sqlite_sequence SET seq = ? WHERE name = ? AND seq = ?", counter.next - 1,
          counter.table, counter.last));
    }
    return {};
  });
  // The numbers that are left out are missed by nobody.
  if (!given_back) log_info("ids_not_given_back", {{"reason", given_back.error().reason}});
}

Result<IdReservations::Reservation> IdReservations::reserve(const Ingest& ingest) {
  KnownIds known = PACS_TRY(find_known(database_, ingest));
  Reservation reservation(*this, {});  // outlives the lock, which its end takes
  const std::lock_guard lock(mutex_);
  if (!known.study || !known.series) {
    // Who shared a number may have committed since.
    known = PACS_TRY(find_known(database_, ingest));
  }
  ReservedIds& ids = reservation.ids_;
  const WantedIds& wanted = ingest.wanted_ids;
  if (!known.study) known.study = wanted.study;
  if (!known.study) {
    const std::string name = ingest.study_uid.to_dicom();
    known.study = PACS_TRY(share(new_studies_, name, studies_));
    reservation.study_name_ = name;
  }
  ids.study = *known.study;
  if (!known.series) known.series = wanted.series;
  if (!known.series) {
    const std::string name = std::to_string(ids.study) + '/' + ingest.series_uid.to_dicom();
    known.series = PACS_TRY(share(new_series_, name, series_));
    reservation.series_name_ = name;
  }
  ids.series = *known.series;
  ids.image = wanted.image ? *wanted.image : PACS_TRY(take(images_));
  return reservation;
}

Result<int64_t> IdReservations::next_study_id() {
  const std::lock_guard lock(mutex_);
  return take(studies_);
}

void IdReservations::begin_new_blocks() {
  const std::lock_guard lock(mutex_);
  for (Counter* counter : {&studies_, &series_, &images_}) counter->next = counter->last + 1;
}

Result<int64_t> IdReservations::share(SharedByName& all, const std::string& name,
                                      Counter& counter) {
  const auto known = all.find(name);
  if (known != all.end()) {
    ++known->second.holders;
    return known->second.id;
  }
  const int64_t id = PACS_TRY(take(counter));
  all.emplace(name, Shared{id, 1});
  return id;
}

void IdReservations::release(SharedByName& all, const std::string& name) {
  const auto shared = all.find(name);
  PACS_ASSERT(shared != all.end());
  if (--shared->second.holders == 0) all.erase(shared);
}

void IdReservations::end(const Reservation& reservation) {
  const std::lock_guard lock(mutex_);
  if (!reservation.study_name_.empty()) release(new_studies_, reservation.study_name_);
  if (!reservation.series_name_.empty()) release(new_series_, reservation.series_name_);
}

Result<int64_t> IdReservations::take(Counter& counter) {
  if (counter.next > counter.last) {
    const int64_t before =
        PACS_TRY(database_.write([&](WriteTransaction& transaction) -> Result<int64_t> {
          Connection& connection = transaction.connection();
          const auto seq = PACS_TRY(connection.find_int64(
              "SELECT seq FROM sqlite_sequence WHERE name = ?", counter.table));
          // SQLite makes the row with a table's first record.
          if (!seq) {
            PACS_TRY(connection.run("INSERT INTO sqlite_sequence(name, seq) VALUES (?, ?)",
                                    counter.table, counter.block));
            return 0;
          }
          PACS_TRY(connection.run("UPDATE sqlite_sequence SET seq = ? WHERE name = ?",
                                  *seq + counter.block, counter.table));
          return *seq;
        }));
    counter.next = before + 1;
    counter.last = before + counter.block;
  }
  return counter.next++;
}

}  // namespace pacs::index
