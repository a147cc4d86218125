// How images enter the index (trash.h: how they leave it). Each call is one transaction for
// everything that it touches: study, series, image, frame table, metadata, upload record, aliases,
// counts, audit line.
#pragma once

#include <vector>

#include "core/result.h"
#include "index/audit_line.h"
#include "index/id_reservations.h"
#include "index/ingest.h"

namespace pacs::index {

class Database;

// Any thread.
class Ingests {
 public:
  explicit Ingests(Database& database) : database_(database) {}

  // The numbers that a commit of this ingest will give, to be written with its bytes; put them into
  // Ingest::reserved_ids and hold the reservation until commit() has returned.
  [[nodiscard]] Result<IdReservations::Reservation> reserve(const Ingest& ingest);

  // Success: the image is visible with all that belongs to it, on stable storage. The same UID with
  // the same SHA-256 again is success with the first record, and the upload record is attached to
  // it. A study that metadata alone had made under a declared UID is renamed and keeps its id;
  // when the true study exists already it is merged into that one, which its id and UID then find.
  // An image in the trash comes back first, with its numbers and a line of its own.
  // The audit line's UIDs are filled in where they are empty.
  // Failure: nothing has changed, no line was written (append one that says so). Errors, besides
  // those of Database::write:
  //   conflict/uid_conflict       the image UID is known with other bytes, perhaps in the trash
  //   conflict/patient_mismatch   another non-empty patient id in the study or under the order
  //   conflict/order_mismatch     the study belongs to another order
  //   conflict/key_taken          the key holds another image
  //   conflict/id_taken           a wanted id is or was somebody else's
  //   conflict/metadata_missing   the upload was never announced
  //   invalid_argument/wanted_id  out of range
  [[nodiscard]] Result<IngestOutcome> commit(const Ingest& ingest, const AuditLine& line);

  // Many in one transaction, all or none; errors as above, of the first that cannot be.
  [[nodiscard]] Result<std::vector<IngestOutcome>> commit_all(
      const std::vector<const Ingest*>& ingests, const AuditLine& line);

 private:
  Database& database_;
};

}  // namespace pacs::index
