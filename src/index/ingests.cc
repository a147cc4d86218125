#include "index/ingests.h"

#include "index/database.h"
#include "index/ingest_transaction.h"
#include "index/write_transaction.h"

namespace pacs::index {

Result<IdReservations::Reservation> Ingests::reserve(const Ingest& ingest) {
  return database_.ids().reserve(ingest);
}

Result<IngestOutcome> Ingests::commit(const Ingest& ingest, const AuditLine& line) {
  return database_.write([&](WriteTransaction& transaction) {
    return IngestTransaction(transaction, ingest).run(line);
  });
}

Result<std::vector<IngestOutcome>> Ingests::commit_all(const std::vector<const Ingest*>& ingests,
                                                       const AuditLine& line) {
  return database_.write([&](WriteTransaction& transaction) -> Result<std::vector<IngestOutcome>> {
    std::vector<IngestOutcome> outcomes;
    for (const Ingest* ingest : ingests) {
      outcomes.push_back(PACS_TRY(IngestTransaction(transaction, *ingest).run(line)));
    }
    return outcomes;
  });
}

}  // namespace pacs::index
