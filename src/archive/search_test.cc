#include "archive/search.h"

#include <gtest/gtest.h>

#include "archive/archive_fixture.h"
#include "archive/search_columns.h"

namespace pacs::archive {
namespace {

using dicom::Vr;
using Names = std::vector<std::string>;

class SearchTest : public ArchiveTest {
 protected:
  void add(const std::string& study, const std::string& series, const std::string& image,
           const std::string& patient, const std::string& kvp) {
    const std::string file = testing::DicomBuilder::ct_slice(study, series, image)
                                 .text(dicom::tags::kPatientId, Vr::LO, patient)
                                 .text({0x0018, 0x0060}, Vr::DS, kvp)
                                 .build();
    const auto stored = store(file);
    ASSERT_TRUE(stored) << to_string(stored.error());
  }

  // Three studies of a series with two images each.
  void add_three_studies() {
    for (const std::string study : {"1.1", "1.2", "1.3"}) {
      add(study, study + ".1", study + ".1.1", "P" + study, "100");
      add(study, study + ".1", study + ".1.2", "P" + study, "120");
    }
  }

  static SearchQuery asking(SearchLevel level,
                            const std::vector<std::pair<std::string, std::string>>& questions) {
    SearchQuery query;
    query.level = level;
    query.order.direction = index::SortDirection::ascending;
    for (const auto& [attribute, value] : questions) {
      query.matches.push_back(
          dicom::AttributeMatch::create(*dicom::parse_attribute_path(attribute), value, {})
              .value());
    }
    return query;
  }

  // The UIDs of what is found; the tally is kept.
  Names found(const SearchQuery& query, const SearchLimits& limits = {},
              const index::Scope& scope = tests::Scopes::everything()) {
    Names uids;
    const SearchService service(*database_, limits);
    const auto tally = service.search(scope, query, [&](const SearchHit& hit) {
      uids.push_back(hit.image    ? hit.image->image_uid
                     : hit.series ? hit.series->series_uid.str()
                                  : hit.study.study_uid.str());
    });
    EXPECT_TRUE(tally);
    if (tally) tally_ = *tally;
    return uids;
  }

  // All pages together, by the cursor of each.
  Names paged(SearchQuery query) {
    Names uids;
    do {
      for (std::string& uid : found(query)) uids.push_back(std::move(uid));
      query.after = tally_.next;
    } while (query.after && uids.size() < 100);
    return uids;
  }

  SearchTally tally_;
};

TEST_F(SearchTest, FindsAtEachLevelByWhatAnyLevelHas) {
  add_three_studies();
  using enum SearchLevel;
  EXPECT_EQ(found(asking(study, {{"PatientID", "P1.2"}})), Names{"1.2"});
  EXPECT_EQ(found(asking(series, {{"PatientID", "P1.2"}})), Names{"1.2.1"});
  EXPECT_EQ(found(asking(instance, {{"PatientID", "P1.2"}})), (Names{"1.2.1.1", "1.2.1.2"}));
  EXPECT_EQ(found(asking(study, {{"SOPInstanceUID", "1.3.1.2"}})), Names{"1.3"});
  EXPECT_EQ(found(asking(series, {{"KVP", "120"}, {"PatientID", "P1.1"}})), Names{"1.1.1"});
  EXPECT_EQ(found(asking(instance, {{"KVP", "120"}})), (Names{"1.1.1.2", "1.2.1.2", "1.3.1.2"}));
  EXPECT_EQ(found(asking(study, {{"KVP", "120"}, {"SOPInstanceUID", "1.3.1.1"}})), Names{})
      << "one instance has both or none";
}

// Q6: what the server holds back is counted.
TEST_F(SearchTest, ACapOfTheServerTellsHowManyAreLeft) {
  add_three_studies();
  SearchQuery query = asking(SearchLevel::instance, {});
  EXPECT_EQ(found(query, {.hits_max = 4}).size(), 4U);
  EXPECT_EQ(tally_.remaining_count, 2U);
  EXPECT_FALSE(tally_.remaining_is_at_least);
  EXPECT_EQ(found(query, {.hits_max = 2, .counted_max = 3}).size(), 2U);
  EXPECT_EQ(tally_.remaining_count, 3U);
  EXPECT_TRUE(tally_.remaining_is_at_least);
  query.offset = 4;
  EXPECT_EQ(found(query, {.hits_max = 4}).size(), 2U);
  EXPECT_EQ(tally_.remaining_count, 0U);
  query.offset = 0;
  query.limit = 4;
  EXPECT_EQ(found(query, {.hits_max = 4}).size(), 4U);
  EXPECT_EQ(tally_.remaining_count, 0U) << "a page that the client measured itself";
}

// Q5: by cursors, at each level and in each order, the pages together are the whole.
TEST_F(SearchTest, PagesNeitherSkipNorRepeat) {
  add_three_studies();
  add("1.2", "1.2.2", "1.2.2.1", "P1.2", "100");
  add("1.4", "1.4.1", "1.4.1.1", "P1.1", "100");  // equal to 1.1 in all but its UIDs
  using index::SearchOrdering;
  using index::SortDirection;
  for (const SearchLevel level : {SearchLevel::study, SearchLevel::series, SearchLevel::instance}) {
    for (int ordering = 0; ordering <= static_cast<int>(SearchOrdering::study_uid); ++ordering) {
      for (const SortDirection direction : {SortDirection::ascending, SortDirection::descending}) {
        SearchQuery query = asking(level, {});
        query.order = {static_cast<SearchOrdering>(ordering), direction, direction, direction};
        const Names whole = found(query);
        EXPECT_FALSE(tally_.next);
        query.limit = 2;
        EXPECT_EQ(paged(query), whole) << "level " << static_cast<int>(level) << ", " << ordering;
        query.limit = whole.size();
        found(query);
        EXPECT_FALSE(tally_.next) << "nothing is behind the last one";
      }
    }
  }
}

TEST_F(SearchTest, PagesGoOnWhateverComesAndGoes) {
  add_three_studies();
  SearchQuery query = asking(SearchLevel::instance, {});
  query.order.studies = index::SearchOrdering::study_uid;
  query.limit = 3;
  EXPECT_EQ(found(query), (Names{"1.1.1.1", "1.1.1.2", "1.2.1.1"}));
  query.after = tally_.next;
  add("1.0", "1.0.1", "1.0.1.1", "P1.0", "100");     // before the page
  add("1.25", "1.25.1", "1.25.1.1", "P1.9", "100");  // behind it
  const index::Removal last_told{.image_ids = {tally_.next->image->id}};
  ASSERT_TRUE(remove_.remove(last_told, request_of().actor));
  EXPECT_EQ(paged(query), (Names{"1.2.1.2", "1.25.1.1", "1.3.1.1", "1.3.1.2"}));
}

TEST_F(SearchTest, AFullPageReadsNoDataSetsToSeeWhatIsBehind) {
  add_three_studies();
  SearchQuery query = asking(SearchLevel::instance, {{"KVP", "120"}});
  query.limit = 1;
  EXPECT_EQ(found(query, {.data_sets_max = 3}), Names{"1.1.1.2"});
  EXPECT_FALSE(tally_.was_cut_short);
  EXPECT_EQ(paged(query), (Names{"1.1.1.2", "1.2.1.2", "1.3.1.2"}));
}

TEST_F(SearchTest, WhatHasAColumnIsAnsweredWithoutReadingDataSets) {
  add_three_studies();
  const SearchLimits none_read{.data_sets_max = 1};
  using enum SearchLevel;
  EXPECT_EQ(found(asking(study, {}), none_read).size(), 3U);
  EXPECT_FALSE(tally_.was_cut_short);
  const std::vector<std::pair<std::string, std::string>> questions = {
      {"StudyInstanceUID", "1.2"}, {"PatientID", "P1.2"},       {"PatientName", "*"},
      {"StudyDate", "-20991231"},  {"ModalitiesInStudy", "CT"}, {"SeriesInstanceUID", "1.2.1"},
      {"InstanceNumber", ""},      {"Modality", "CT,MR"},
  };
  for (const SearchLevel level : {study, series, instance}) {
    found(asking(level, questions), none_read);
    EXPECT_FALSE(tally_.was_cut_short);
  }
  EXPECT_EQ(found(asking(instance, {{"KVP", "120"}}), none_read), Names{});
  EXPECT_TRUE(tally_.was_cut_short) << "and this one does read";
}

TEST_F(SearchTest, AScopeOfOneStudyFindsNothingElse) {
  add_three_studies();
  index::Studies studies(*database_);
  const auto study =
      studies.find(tests::Scopes::everything(), *dicom::StudyUid::parse("1.2")).value();
  const auto scope = tests::Scopes::one_study(study->id);
  EXPECT_EQ(found(asking(SearchLevel::study, {}), {}, scope), Names{"1.2"});
  EXPECT_EQ(found(asking(SearchLevel::study, {{"KVP", "120"}}), {}, scope), Names{"1.2"});
  EXPECT_EQ(found(asking(SearchLevel::instance, {{"SOPInstanceUID", "1.1.1.1"}}), {}, scope),
            Names{});
}

TEST_F(SearchTest, APathRestrictsAndDoesNotWiden) {
  add_three_studies();
  SearchQuery query = asking(SearchLevel::instance, {{"StudyInstanceUID", "1.1"}});
  query.study_uid = "1.2";
  EXPECT_EQ(found(query), Names{});
  query = asking(SearchLevel::instance, {});
  query.study_uid = "1.2";
  query.series_uid = "1.2.1";
  EXPECT_EQ(found(query), (Names{"1.2.1.1", "1.2.1.2"}));
  query.series_uid = "1.1.1";
  EXPECT_EQ(found(query), Names{});
}

}  // namespace
}  // namespace pacs::archive
