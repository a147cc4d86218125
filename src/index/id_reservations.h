// The numbers of an image, its series and its study before its row is there: they travel with the
// bytes, so that an index that is rebuilt from the blobs gives the same numbers out again.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "core/result.h"
#include "index/ingest.h"
#include "index/study_rows.h"

namespace pacs::index {

class Connection;
class Database;

// Any thread. Numbers are taken from the database in blocks, so that a crash leaves gaps and never
// gives one out twice; what is left of a block is given back at the end.
class IdReservations {
 public:
  explicit IdReservations(Database& database) : database_(database) {}
  ~IdReservations();
  IdReservations(const IdReservations&) = delete;
  IdReservations& operator=(const IdReservations&) = delete;

  // Until it ends, others who come to the same new study or series are given the same numbers. To
  // be held until the commit has returned. Must not outlive the database.
  class Reservation {
   public:
    Reservation(Reservation&& other) noexcept;
    Reservation& operator=(Reservation&&) = delete;
    ~Reservation();

    [[nodiscard]] const ReservedIds& ids() const { return ids_; }

   private:
    friend class IdReservations;
    Reservation(IdReservations& owner, ReservedIds ids) : owner_(&owner), ids_(ids) {}

    IdReservations* owner_;
    ReservedIds ids_;
    std::string study_name_{};  // of what it shares; empty: the row was there
    std::string series_name_{};
  };

  // The numbers that the commit of this ingest will find or give. Nothing is written but, once for
  // many, the beginning of the next block. Errors: those of Database::read and write.
  [[nodiscard]] Result<Reservation> reserve(const Ingest& ingest);
  // After the marks in the database were raised: what is left of each block is left out.
  void begin_new_blocks();
  // The number of a study that an announcement makes, unless it exists by then.
  [[nodiscard]] Result<int64_t> next_study_id();

 private:
  struct Counter {
    const char* table;
    int64_t block;  // numbers taken at once
    int64_t next = 1;
    int64_t last = 0;  // of the block
  };
  struct Shared {
    int64_t id = 0;
    int holders = 0;
  };
  using SharedByName = std::map<std::string, Shared>;

  [[nodiscard]] Result<int64_t> take(Counter& counter);
  [[nodiscard]] Result<int64_t> share(SharedByName& all, const std::string& name, Counter& counter);
  static void release(SharedByName& all, const std::string& name);
  void end(const Reservation& reservation);

  Database& database_;
  std::mutex mutex_;  // guards what follows; never taken on the writer's thread
  Counter studies_{"studies", 64};
  Counter series_{"series", 64};
  Counter images_{"images", 1024};
  SharedByName new_studies_;  // by UID
  SharedByName new_series_;   // by the study's number and UID
};

}  // namespace pacs::index
