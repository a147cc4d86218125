#include "index/studies.h"

#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "core/text.h"
#include "index/ingests.h"
#include "index/sqlite_connection.h"
#include "index/study_listing.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::audit_line;
using tests::ingest_of;
using tests::must;
using tests::reason_of;
using tests::Scopes;
using tests::TestIndex;

struct StudySpec {
  std::string name = "Doe^John";
  std::string patient_id = "P1";
  std::string date = "2026-01-31";
  std::string modality = "CT";
  std::string description = "Thorax";
  std::string accession = "";
  UnixMillis created_at = 5'000;
};

int64_t add_study(TestIndex& index, int number, const StudySpec& spec) {
  const std::string uid = "1.2." + std::to_string(number);
  Ingest ingest = ingest_of(uid, uid + ".1", uid + ".1.1");
  ingest.study.patient_name = spec.name;
  ingest.study.patient_id = spec.patient_id;
  ingest.study.study_date = spec.date;
  ingest.study.description = spec.description;
  ingest.study.accession_number = spec.accession;
  ingest.series.modality = spec.modality;
  ingest.image.stored_at = spec.created_at;
  return must(index.ingests().commit(ingest, audit_line())).image.study_id;
}

std::vector<int64_t> ids_of(TestIndex& index, const StudyQuery& query) {
  std::vector<int64_t> ids;
  const StudyPage page = must(index.studies().list(Scopes::everything(), query));
  for (const StudyRecord& study : page.studies) ids.push_back(study.id);
  EXPECT_EQ(page.count, static_cast<int64_t>(ids.size())) << "one page holds all";
  std::sort(ids.begin(), ids.end());
  return ids;
}

StudyQuery named(const std::string& name) {
  StudyQuery query;
  query.patient_name = name;
  return query;
}

StudyQuery searched(const std::string& text) {
  StudyQuery query;
  query.search = text;
  return query;
}

TEST(Studies, NamesAreFoundByWordsWithoutRegardToCase) {
  TestIndex index;
  const auto doe = add_study(index, 1, {.name = "DOE^John^A"});
  const auto doering = add_study(index, 2, {.name = "Döring^Jürgen"});
  const auto yamada = add_study(index, 3, {.name = "Yamada^Tarou=山田^太郎=やまだ^たろう"});
  const auto li = add_study(index, 4, {.name = "Li^Wei"});
  using Ids = std::vector<int64_t>;
  EXPECT_EQ(ids_of(index, named("doe")), Ids{doe});
  EXPECT_EQ(ids_of(index, named("John Doe")), Ids{doe}) << "in any order";
  EXPECT_EQ(ids_of(index, named("oe^joh")), Ids{doe}) << "as DICOM writes it, parts of words";
  EXPECT_EQ(ids_of(index, named("DÖRING")), Ids{doering});
  EXPECT_EQ(ids_of(index, named("ri")), Ids{doering}) << "two characters";
  EXPECT_EQ(ids_of(index, named("li we")), Ids{li});
  EXPECT_EQ(ids_of(index, named("太郎")), Ids{yamada});
  EXPECT_EQ(ids_of(index, named("やまだ")), Ids{yamada});
  EXPECT_EQ(ids_of(index, named("doe smith")), Ids{});
  EXPECT_EQ(ids_of(index, named("")).size(), 4U) << "no words, no filter";
}

TEST(Studies, QuotesAndOperatorsInASearchAreJustText) {
  TestIndex index;
  const auto odd = add_study(index, 1, {.name = "O'Brien \"Bob\" AND* NEAR(x)"});
  add_study(index, 2, {});
  EXPECT_EQ(ids_of(index, named("o'brien")), std::vector<int64_t>{odd});
  EXPECT_EQ(ids_of(index, named("\"bob\"")), std::vector<int64_t>{odd});
  EXPECT_EQ(ids_of(index, named("near(x)")), std::vector<int64_t>{odd});
  EXPECT_EQ(ids_of(index, searched("and*")), std::vector<int64_t>{odd});
  for (const char* text :
       {"\"", "*", "a OR b", "patient_name : x", "%", "_", "';--", "^", "{", "-"}) {
    EXPECT_TRUE(index.studies().list(Scopes::everything(), searched(text))) << text;
  }
}

TEST(Studies, AreFilteredByEachAttribute) {
  TestIndex index;
  using Ids = std::vector<int64_t>;
  const auto first = add_study(
      index, 1, {.patient_id = "A", .date = "2026-01-01", .modality = "CT", .accession = "ACC-77"});
  const auto second = add_study(
      index, 2,
      {.patient_id = "B", .date = "2026-02-01", .modality = "MR", .description = "Knee left"});
  const auto third = add_study(index, 3, {.patient_id = "b", .date = "", .modality = "CTX"});
  const auto query = [](auto member, const std::string& value) {
    StudyQuery made;
    made.*member = value;
    return made;
  };
  EXPECT_EQ(ids_of(index, query(&StudyQuery::patient_id, "B")), Ids{second});
  EXPECT_EQ(ids_of(index, query(&StudyQuery::modality, "CT")), Ids{first}) << "not CTX";
  EXPECT_EQ(ids_of(index, query(&StudyQuery::study_date_from, "2026-01-02")), Ids{second});
  EXPECT_EQ(ids_of(index, query(&StudyQuery::study_date_to, "2026-01-31")), Ids{first})
      << "one without a date is not before it";
  EXPECT_EQ(ids_of(index, searched("acc-77")), Ids{first});
  EXPECT_EQ(ids_of(index, searched("knee")), Ids{second});
  EXPECT_EQ(ids_of(index, searched("left knee")), Ids{second});
  EXPECT_EQ(ids_of(index, searched("b")).size(), 2U);
  StudyQuery both = query(&StudyQuery::modality, "CT");
  both.study_date_from = "2026-01-01";
  both.study_date_to = "2026-01-01";
  both.search = "doe thorax";
  EXPECT_EQ(ids_of(index, both), Ids{first});
  both.patient_name = "nobody";
  EXPECT_EQ(ids_of(index, both), Ids{});
  (void)third;
}

TEST(Studies, RefusesQueriesOutOfBounds) {
  TestIndex index;
  const auto reason = [&](const StudyQuery& query) {
    return reason_of(index.studies().list(Scopes::everything(), query));
  };
  EXPECT_EQ(reason({.page_size = 0}), "page_size");
  EXPECT_EQ(reason({.page_size = 501}), "page_size");
  EXPECT_EQ(reason(searched(std::string(257, 'x'))), "too_long");
  EXPECT_EQ(reason({.after = StudyPosition{"not a number", 1}}), "bad_position");
  EXPECT_EQ(reason({.after = StudyPosition{"1", 1}, .before = StudyPosition{"1", 1}}),
            "bad_position");
}

// -- paging
// ---------------------------------------------------------------------------------------

// Small, so that each of the three ways of finding a page is taken.
constexpr StudyListingLimits kSmallLimits{.gathered_max = 20, .dense_factor = 2};

StudyPage list(TestIndex& index, const StudyQuery& query) {
  const Scope scope = Scopes::everything();
  const StudyFilter filter = must(StudyFilter::create(scope, query));
  return must(index.database().read([&](Connection& connection) {
    return list_studies(connection, query, filter, kSmallLimits);
  }));
}

// All pages from the first to the last, following `next`.
std::vector<StudyRecord> walk_forward(TestIndex& index, StudyQuery query, int64_t count,
                                      std::optional<StudyPosition>& last_previous) {
  std::vector<StudyRecord> all;
  for (int pages = 0; pages < 1000; ++pages) {
    const StudyPage page = list(index, query);
    EXPECT_EQ(page.count, count);
    EXPECT_EQ(page.previous.has_value(), pages > 0);
    all.insert(all.end(), page.studies.begin(), page.studies.end());
    last_previous = page.previous;
    if (!page.next) break;
    query.after = page.next;
  }
  return all;
}

std::vector<StudyRecord> walk_backward(TestIndex& index, StudyQuery query, StudyPosition before) {
  std::vector<StudyRecord> all;
  query.after.reset();
  query.before = std::move(before);
  for (int pages = 0; pages < 1000; ++pages) {
    const StudyPage page = list(index, query);
    EXPECT_TRUE(page.next);
    all.insert(all.begin(), page.studies.begin(), page.studies.end());
    if (!page.previous) break;
    query.before = page.previous;
  }
  return all;
}

std::string sort_key(const StudyRecord& study, StudyOrdering ordering) {
  if (ordering == StudyOrdering::study_date) return study.attributes.study_date;
  if (ordering == StudyOrdering::patient_name) return fold_case(study.attributes.patient_name);
  std::string number = std::to_string(study.created_at);
  return std::string(20 - number.size(), '0') + number;
}

void expect_in_order(const std::vector<StudyRecord>& studies, const StudyQuery& query) {
  for (size_t i = 1; i < studies.size(); ++i) {
    const auto before = std::pair(sort_key(studies[i - 1], query.ordering), studies[i - 1].id);
    const auto after = std::pair(sort_key(studies[i], query.ordering), studies[i].id);
    EXPECT_TRUE(query.direction == SortDirection::ascending ? before < after : after < before);
  }
}

// The same question answered without an index.
bool matches(const StudyRecord& study, const StudyQuery& query) {
  const auto contains = [](const std::string& text, const std::optional<std::string>& word) {
    return !word || fold_case(text).find(fold_case(*word)) != std::string::npos;
  };
  return contains(study.attributes.patient_name, query.patient_name) &&
         contains(study.attributes.description, query.search) &&
         (!query.modality || study.modality == *query.modality) &&
         (!query.study_date_from || study.attributes.study_date >= *query.study_date_from);
}

std::vector<StudyRecord> add_many_studies(TestIndex& index) {
  std::mt19937 random(7);
  const std::vector<std::string> names = {"Abel", "bela", "Cebal", "DELA", "Élan", "Fo"};
  const std::vector<std::string> modalities = {"CT", "MR", "CR"};
  std::vector<StudyRecord> all;
  for (int i = 0; i < 300; ++i) {
    const auto id = add_study(
        index, i,
        {.name = names[random() % names.size()],
         .date = "2026-0" + std::to_string(random() % 9 + 1) + "-01",
         .modality = modalities[i % 10 == 0 ? random() % 3 : 0],
         .description = i % 20 == 0 ? "rare" : (i % 5 == 0 ? "sparse thorax" : "common thorax"),
         .created_at = 1'000 + static_cast<UnixMillis>(random() % 50)});
    all.push_back(*must(index.studies().find(Scopes::everything(), id)));
  }
  return all;
}

std::vector<StudyQuery> many_questions() {
  std::vector<StudyQuery> questions(11);
  questions[1].modality = "CT";
  questions[2].modality = "MR";
  questions[3].patient_name = "ela";
  questions[4].patient_name = "el";
  questions[5].search = "rare";
  questions[6].search = "sparse";
  questions[7].study_date_from = "2026-03-01";
  questions[7].search = "common";
  questions[8].study_date_from = "2026-02-01";
  questions[8].modality = "CT";
  questions[9].study_date_from = "2026-07-01";
  questions[10].patient_name = "be";
  return questions;
}

void expect_pages_to_hold(TestIndex& index, const StudyQuery& query,
                          const std::set<int64_t>& expected) {
  std::optional<StudyPosition> last_previous;
  const auto found =
      walk_forward(index, query, static_cast<int64_t>(expected.size()), last_previous);
  std::set<int64_t> ids;
  for (const StudyRecord& study : found) ids.insert(study.id);
  EXPECT_EQ(ids, expected);
  EXPECT_EQ(ids.size(), found.size()) << "none twice";
  expect_in_order(found, query);
  if (!last_previous) return;
  // From the last page back to the first: all but the last page, in the same
  // order.
  const auto back = walk_backward(index, query, *last_previous);
  ASSERT_LE(back.size(), found.size());
  for (size_t i = 0; i < back.size(); ++i) EXPECT_EQ(back[i].id, found[i].id);
}

TEST(Studies, PagesHoldEveryMatchOnceInEveryOrderingAndDirection) {
  TestIndex index;
  const std::vector<StudyRecord> all = add_many_studies(index);
  for (StudyQuery query : many_questions()) {
    std::set<int64_t> expected;
    for (const StudyRecord& study : all) {
      if (matches(study, query)) expected.insert(study.id);
    }
    EXPECT_FALSE(expected.empty());
    query.page_size = 17;
    for (const auto ordering :
         {StudyOrdering::created_at, StudyOrdering::study_date, StudyOrdering::patient_name}) {
      for (const auto direction : {SortDirection::ascending, SortDirection::descending}) {
        query.ordering = ordering;
        query.direction = direction;
        expect_pages_to_hold(index, query, expected);
      }
    }
  }
}

TEST(Studies, PagingNeitherSkipsNorRepeatsWhileStudiesArriveAndLeave) {
  TestIndex index;
  std::set<int64_t> from_the_start;
  for (int i = 0; i < 60; ++i) {
    from_the_start.insert(add_study(index, i, {.created_at = 1'000 + i / 7}));
  }
  StudyQuery query;
  query.page_size = 7;
  std::multiset<int64_t> seen;
  int next_number = 1000;
  std::optional<int64_t> last_of_page;
  while (true) {
    const StudyPage page = must(index.studies().list(Scopes::everything(), query));
    for (const StudyRecord& study : page.studies) seen.insert(study.id);
    if (!page.next) break;
    last_of_page = page.studies.back().id;
    // Arrivals in front, and the very study that the position names is removed.
    for (int i = 0; i < 3; ++i) add_study(index, next_number++, {.created_at = 9'000});
    must(index.remove({.study_ids = {*last_of_page}}, audit_line()));
    query.after = page.next;
  }
  for (const int64_t id : from_the_start) EXPECT_EQ(seen.count(id), 1U) << id;
}

}  // namespace
}  // namespace pacs::index
