// The rows of a study inside a write transaction: the study itself, its texts for searching, its
// aliases, and the totals that depend on it. The rules that bind several nouns together stand in
// ingest_transaction.h and uploads.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "index/ingest.h"
#include "index/study_record.h"

namespace pacs::index {

class Connection;

// Whose word the attributes of a study or series are; a higher one replaces a lower one's. Stored.
enum class DescribedBy : int64_t { announcement = 0, declaration = 1, data_set = 2 };

struct KnownStudy {
  StudyRecord record;
  DescribedBy described_by = DescribedBy::announcement;

  // Made by metadata alone: its UID may still change.
  [[nodiscard]] bool is_provisional() const { return described_by == DescribedBy::announcement; }
};

enum class Aliases { ignore, follow };

class StudyRows {
 public:
  explicit StudyRows(Connection& connection) : connection_(connection) {}

  [[nodiscard]] Result<std::optional<KnownStudy>> find(int64_t id) const;
  [[nodiscard]] Result<std::optional<KnownStudy>> find(const dicom::StudyUid& uid,
                                                       Aliases aliases) const;
  [[nodiscard]] Result<std::optional<KnownStudy>> first_of_order(const OrderReference& order) const;

  // Puts back the row of a study in the trash, without images; false when it is not there.
  [[nodiscard]] Result<bool> insert_trashed(int64_t id);
  // See choose_id().
  [[nodiscard]] Result<KnownStudy> insert(const dicom::StudyUid& uid,
                                          const StudyAttributes& attributes,
                                          DescribedBy described_by, UnixMillis now,
                                          std::optional<int64_t> wanted_id, int64_t reserved_id);

  // conflict/patient_mismatch when the study, or another of the order, has another patient id.
  [[nodiscard]] Result<void> check_patient(const KnownStudy& study,
                                           const std::optional<OrderReference>& order,
                                           const std::string& patient_id) const;
  // conflict/order_mismatch when the study has another order.
  [[nodiscard]] Result<void> check_order(const KnownStudy& study,
                                         const std::optional<OrderReference>& order) const;
  // Gives the study its order. Errors of check_order.
  [[nodiscard]] Result<void> join_order(KnownStudy& study,
                                        const std::optional<OrderReference>& order);
  // A better source replaces what is there, another only fills what is empty.
  [[nodiscard]] Result<void> describe(KnownStudy& study, const StudyAttributes& attributes,
                                      DescribedBy source);

  // The study has another UID from now on; the old one becomes an alias.
  [[nodiscard]] Result<void> rename(KnownStudy& study, const dicom::StudyUid& uid);
  // `from` is gone; its uploads, aliases, id and UID lead to `into`, which is held and kept as
  // strictly as either was. Links that were shared of `from` end; tells how many.
  [[nodiscard]] Result<int64_t> merge(const KnownStudy& from, KnownStudy& into);
  // The alias finds the study, unless it is a study's own UID or found another before; true when it
  // has not done so until now.
  [[nodiscard]] Result<bool> add_alias(int64_t study_id, const dicom::StudyUid& alias);
  // What the study's own UID found until now as an alias, and no longer does.
  [[nodiscard]] Result<std::optional<KnownStudy>> take_over_alias(const KnownStudy& study);
  // A number that somebody knows the study by. conflict/id_taken when it is or was another's.
  [[nodiscard]] Result<void> add_former_id(int64_t study_id, int64_t former_id);

  struct Change {
    int64_t images = 0;
    int64_t series = 0;
    int64_t size_bytes = 0;
  };
  // Counts of the study and totals of the archive; series are told for the totals too.
  [[nodiscard]] Result<void> count(int64_t study_id, const Change& change, UnixMillis now);
  // One upload more, or less, that waits for its bytes.
  [[nodiscard]] Result<void> count_pending(int64_t study_id, int64_t change, UnixMillis now);
  // After a series has come, gone or changed its modality.
  [[nodiscard]] Result<void> refresh_modality(int64_t study_id);
  // Removes the study when it has neither images nor uploads that wait.
  [[nodiscard]] Result<void> erase_if_empty(int64_t study_id);
  // The trash keeps the row of a study that has images there.
  [[nodiscard]] Result<void> erase(int64_t study_id);

 private:
  [[nodiscard]] Result<void> keep_for_trash(int64_t study_id);
  [[nodiscard]] Result<void> write_texts(const KnownStudy& study);
  [[nodiscard]] Result<void> erase_texts(int64_t study_id);
  [[nodiscard]] Result<void> set_modality(int64_t study_id, const std::string& before,
                                          const std::string& after);

  Connection& connection_;
};

// The id that a new row is to have; none: SQLite gives the next. `is_taken` is a SELECT by id.
// conflict/id_taken when the wanted one is or was another's; a reserved one then only falls away.
[[nodiscard]] Result<std::optional<int64_t>> choose_id(Connection& connection,
                                                       std::string_view is_taken,
                                                       std::optional<int64_t> wanted,
                                                       int64_t reserved);

// A maintained count, by name: "studies", "series", "images", "bytes", "modality/CT".
[[nodiscard]] Result<void> add_to_total(Connection& connection, std::string_view name,
                                        int64_t change);
[[nodiscard]] Result<int64_t> total(Connection& connection, std::string_view name);

}  // namespace pacs::index
