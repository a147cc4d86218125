#include "cli/left_out_ids.h"

namespace pacs::cli {

Result<void> leave_out_ids(index::ArchiveState& state, int64_t count,
                           const index::AuditLine& line) {
  index::IdMarks marks = PACS_TRY(state.id_marks());
  for (int64_t index::IdMarks::*mark :
       {&index::IdMarks::study, &index::IdMarks::series, &index::IdMarks::image,
        &index::IdMarks::upload, &index::IdMarks::session}) {
    marks.*mark += count;
  }
  return state.raise_id_marks(marks, line);
}

}  // namespace pacs::cli
