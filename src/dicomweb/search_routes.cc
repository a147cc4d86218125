// QIDO-RS (PS3.18 10.6): the six resources that can be searched.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/audit_lines.h"
#include "archive/search.h"
#include "dicom/uid.h"
#include "dicomweb/accepted.h"
#include "dicomweb/model_answer.h"
#include "dicomweb/resource.h"
#include "dicomweb/routes.h"
#include "dicomweb/search_cursor.h"
#include "dicomweb/search_json.h"
#include "dicomweb/search_parameters.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "edge/page_cursor.h"
#include "http/response.h"
#include "http/uri.h"

namespace pacs::dicomweb {
namespace {

using archive::SearchLevel;

// Below what a resource searches.
struct SearchPlace {
  std::string study_uid{};
  std::string series_uid{};
};

template <typename Uid>
Result<std::string> read_path_uid(const std::string& text) {
  const auto uid = Uid::parse(text);
  if (!uid) return invalid_argument("bad_uid", "the path has a UID that is none");
  return uid->to_dicom();
}

// Warn-text is a quoted string (RFC 7234 5.5); PS3.18 names the service as the agent.
void add_warning(http::Response& response, const std::string& service, std::string_view text) {
  response.headers.add("Warning", "299 " + service + " \"" + std::string(text) + "\"");
}

void add_warnings(http::Response& response, const std::string& service,
                  const SearchParameters& parameters, const archive::SearchTally& tally) {
  for (const std::string& warning : parameters.warnings) add_warning(response, service, warning);
  if (tally.remaining_count > 0) {
    add_warning(response, service,
                "There are " + std::string(tally.remaining_is_at_least ? "at least " : "") +
                    std::to_string(tally.remaining_count) +
                    " additional results that can be requested");
  }
  if (tally.was_cut_short) {
    add_warning(response, service,
                "The search would have had to read too many data sets and has not come to its end: "
                "narrow it by patient, date or study");
  }
}

// Which page of the search is wanted; all else that is asked says which search it is.
constexpr std::string_view kCursorName = "cursor";
constexpr std::string_view kOffsetName = "offset";

// `next` of a search (RFC 8288): the same request with a cursor.
class NextPage {
 public:
  NextPage(const DicomwebServices& services, const http::Request& request,
           const edge::Caller& caller)
      : services_(services), request_(request), caller_(caller) {}

  // invalid_argument/bad_cursor unless it was made for this search and this reader.
  [[nodiscard]] Result<index::SearchPosition> begin(const std::string& cursor,
                                                    SearchLevel level) const {
    return read_search_position(
        PACS_TRY(edge::read_page_cursor(cursor, list(), services_.edge.signing_keys)), level);
  }
  void add_link(http::Response& response, const index::SearchPosition& position) const {
    http::QueryParameters query;
    for (const auto& parameter : request_.query) {
      const bool is_about_page = parameter.first == kCursorName || parameter.first == kOffsetName;
      if (!is_about_page) query.push_back(parameter);
    }
    query.emplace_back(kCursorName, edge::write_page_cursor(write_search_position(position), list(),
                                                            services_.edge.signing_keys));
    response.headers.add("Link", "<" + edge::public_base(services_.edge, request_) +
                                     request_.raw_path + "?" + http::encode_query(query) +
                                     ">; rel=\"next\"");
  }

 private:
  [[nodiscard]] std::string list() const {
    return edge::list_of(request_, caller_, {kCursorName, kOffsetName, "limit"});
  }

  const DicomwebServices& services_;
  const http::Request& request_;
  const edge::Caller& caller_;
};

// The hits of one search in the model that was asked for.
class FoundObjects {
 public:
  FoundObjects(DicomModel model, SearchView view) : model_(model), hits_(std::move(view)) {}
  void add(const archive::SearchHit& hit) {
    if (model_ == DicomModel::xml) {
      hits_.write(objects_.emplace_back(), hit);
      return;
    }
    json_ += json_.empty() ? '[' : ',';
    hits_.write(json_, hit);
  }
  Result<http::Response> take_answer(const http::Request& request) {
    if (model_ == DicomModel::xml) return xml_parts(request, {}, objects_);
    json_ += json_.empty() ? "[]" : "]";
    http::Response response = http::json(http::Status::ok, std::move(json_));
    response.headers.set("Content-Type", kDicomJson);
    return response;
  }

 private:
  DicomModel model_;
  SearchHitWriter hits_;
  std::string json_;
  std::vector<std::string> objects_;
};

Result<http::Response> search_below(DicomwebServices& services, http::Request& request,
                                    SearchLevel level, SearchPlace place) {
  const edge::Caller caller =
      PACS_TRY(authorise(services.edge, request, access::Action::read_images));
  SearchParameters parameters = PACS_TRY(read_search_parameters(request.query, level));
  const auto model = choose_model(request, XmlForm::multipart);
  if (!model) {
    return not_acceptable(
        "application/dicom+json or multipart/related; type=\"application/dicom+xml\"");
  }
  const NextPage next_page(services, request, caller);
  if (parameters.cursor) {
    parameters.query.after = PACS_TRY(next_page.begin(*parameters.cursor, level));
  }
  PACS_TRY(note_read(services.edge, caller, access::audit_action::kStudySearch, place.study_uid));
  const std::string root = root_url(services, request);
  SearchView view{.level = level,
                  .shows_study = place.study_uid.empty(),
                  .shows_series = level == SearchLevel::instance && place.series_uid.empty(),
                  .fields = parameters.fields,
                  .root = root};
  parameters.query.study_uid = std::move(place.study_uid);
  parameters.query.series_uid = std::move(place.series_uid);
  FoundObjects found(*model, std::move(view));
  const archive::SearchTally tally = PACS_TRY(services.search.search(
      caller.scope, parameters.query, [&](const archive::SearchHit& hit) { found.add(hit); }));
  http::Response response = PACS_TRY(found.take_answer(request));
  add_warnings(response, root, parameters, tally);
  if (tally.next) next_page.add_link(response, *tally.next);
  return response;
}

Result<SearchPlace> study_place(const http::Request& request) {
  SearchPlace place;
  place.study_uid = PACS_TRY(read_path_uid<dicom::StudyUid>(request.path_parameter("study")));
  return place;
}

template <SearchLevel level>
Result<http::Response> search_all(DicomwebServices& services, http::Request& request) {
  return search_below(services, request, level, {});
}

template <SearchLevel level>
Result<http::Response> search_study(DicomwebServices& services, http::Request& request) {
  return search_below(services, request, level, PACS_TRY(study_place(request)));
}

Result<http::Response> search_series(DicomwebServices& services, http::Request& request) {
  SearchPlace place = PACS_TRY(study_place(request));
  place.series_uid = PACS_TRY(read_path_uid<dicom::SeriesUid>(request.path_parameter("series")));
  return search_below(services, request, SearchLevel::instance, std::move(place));
}

}  // namespace

void add_search_routes(http::Router& router, DicomwebServices& services) {
  using edge::answering;
  const std::string root = kRoot;
  const auto add = [&](const std::string& pattern, http::Handler handler) {
    router.add(http::Method::get, root + pattern, std::move(handler));
  };
  add("/studies", answering(services, search_all<SearchLevel::study>));
  add("/series", answering(services, search_all<SearchLevel::series>));
  add("/instances", answering(services, search_all<SearchLevel::instance>));
  add("/studies/{study}/series", answering(services, search_study<SearchLevel::series>));
  add("/studies/{study}/instances", answering(services, search_study<SearchLevel::instance>));
  add("/studies/{study}/series/{series}/instances", answering(services, search_series));
}

}  // namespace pacs::dicomweb
