#include "rest/study_list.h"

#include <array>
#include <string>
#include <utility>

#include "access/audit_lines.h"
#include "edge/authorise.h"
#include "rest/page_links.h"
#include "rest/query_fields.h"
#include "rest/record_json.h"

namespace pacs::rest {
namespace {

using index::SortDirection;
using index::StudyOrdering;
using index::StudyQuery;

constexpr std::array<std::pair<std::string_view, StudyOrdering>, 3> kOrderings = {{
    {"created_at", StudyOrdering::created_at},
    {"study_date", StudyOrdering::study_date},
    {"patient_name", StudyOrdering::patient_name},
}};
constexpr size_t kStudyCursorBytesMax = 4096;

// "study_date" or "-study_date": the name of a field, a minus in front for the reverse.
Result<void> read_ordering(QueryFields& fields, StudyQuery& query) {
  const auto text = PACS_TRY(fields.find_text("ordering"));
  if (!text) return {};
  std::string_view name = *text;
  query.direction = SortDirection::ascending;
  if (name.starts_with('-')) {
    query.direction = SortDirection::descending;
    name.remove_prefix(1);
  }
  for (const auto& [known, ordering] : kOrderings) {
    if (name != known) continue;
    query.ordering = ordering;
    return {};
  }
  return bad_parameter("ordering",
                       "must be created_at, study_date or patient_name, with - for the reverse");
}

Result<StudyQuery> read_query(QueryFields& fields) {
  StudyQuery query;
  query.order = PACS_TRY(fields.find_order());
  query.patient_id = PACS_TRY(fields.find_text("patient_id", StudyQuery::kTextSizeMax));
  query.patient_name = PACS_TRY(fields.find_text("patient_name", StudyQuery::kTextSizeMax));
  query.modality = PACS_TRY(fields.find_text("modality", StudyQuery::kTextSizeMax));
  query.search = PACS_TRY(fields.find_text("search", StudyQuery::kTextSizeMax));
  QueryFields::Days days = PACS_TRY(fields.find_days("study_date"));
  query.study_date_from = std::move(days.from);
  query.study_date_to = std::move(days.to);
  PACS_TRY(read_ordering(fields, query));
  const auto page_size =
      PACS_TRY(fields.find_integer("page_size", 1, static_cast<int64_t>(StudyQuery::kPageMax)));
  if (page_size) query.page_size = static_cast<size_t>(*page_size);
  return query;
}

// All studies of an order: a handful, as a bare array.
Result<http::Response> answer_of_order(RestServices& services, const edge::Caller& caller,
                                       StudyQuery query) {
  query.page_size = StudyQuery::kPageMax;
  JsonWriter writer;
  writer.begin_array();
  do {
    const index::StudyPage page = PACS_TRY(services.studies.list(caller.scope, query));
    for (const index::StudyRecord& study : page.studies) write_study(writer, study);
    query.after = page.next;
  } while (query.after);
  writer.end_array();
  return http::json(http::Status::ok, writer.take());
}

std::optional<Cursor> cursor_to(const std::optional<index::StudyPosition>& position,
                                Cursor::Direction direction) {
  if (!position) return std::nullopt;
  return Cursor{direction, position->sort_key, position->id};
}

}  // namespace

Result<http::Response> answer_study_list(RestServices& services, http::Request& request) {
  const edge::Caller caller =
      PACS_TRY(authorise(services.edge, request, access::Action::read_images));
  QueryFields fields(request);
  StudyQuery query = PACS_TRY(read_query(fields));
  const PageLinks links(services, request, caller);
  const auto cursor =
      PACS_TRY(links.read(PACS_TRY(fields.find_text("cursor", kStudyCursorBytesMax))));
  fields.warn_of_unknown();
  PACS_TRY(note_read(services.edge, caller, access::audit_action::kStudySearch));
  if (query.order) return answer_of_order(services, caller, std::move(query));

  if (cursor) {
    const bool forwards = cursor->direction == Cursor::Direction::next;
    (forwards ? query.after : query.before) = index::StudyPosition{cursor->sort_key, cursor->id};
  }
  const index::StudyPage page = PACS_TRY(services.studies.list(caller.scope, query));
  JsonWriter writer;
  writer.begin_object();
  writer.member("count", page.count);
  links.write(writer, "next", cursor_to(page.next, Cursor::Direction::next));
  links.write(writer, "previous", cursor_to(page.previous, Cursor::Direction::previous));
  writer.key("results");
  writer.begin_array();
  for (const index::StudyRecord& study : page.studies) write_study(writer, study);
  writer.end_array();
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

}  // namespace pacs::rest
