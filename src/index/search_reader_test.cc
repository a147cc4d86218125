#include "index/search_reader.h"

#include <gtest/gtest.h>

#include "index/ingests.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::audit_line;
using tests::ingest_of;
using tests::must;
using tests::Scopes;
using tests::TestIndex;
using Texts = std::vector<std::string>;

void add_image(TestIndex& index, const std::string& study, const std::string& series,
               const std::string& image, const std::function<void(Ingest&)>& change = {}) {
  Ingest ingest = ingest_of(study, series, image);
  if (change) change(ingest);
  must(index.ingests().commit(ingest, audit_line()));
}

// Every image that a walk comes to, as "study/series/image".
Texts walked(TestIndex& index, const SearchConditions& conditions, const SearchOrder& order = {},
             const Scope& scope = Scopes::everything(),
             const std::optional<SearchPosition>& after = {}) {
  Texts found;
  must(search(index.database(), scope, conditions, order, after, [&](SearchReader& reader) {
    return reader.each_study([&](const StudyRecord& study) -> Result<Walk> {
      PACS_TRY(reader.each_series(study.id, [&](const SeriesRecord& series) -> Result<Walk> {
        PACS_TRY(reader.each_image(series.id, [&](const SearchedImage& image) -> Result<Walk> {
          found.push_back(study.study_uid.str() + "/" + series.series_uid.str() + "/" +
                          image.image_uid);
          return Walk::go_on;
        }));
        return Walk::go_on;
      }));
      return Walk::go_on;
    });
  }));
  return found;
}

void add_two_studies(TestIndex& index) {
  add_image(index, "1.1", "1.1.1", "1.1.1.1", [](Ingest& ingest) {
    ingest.study.study_date = "2026-01-01";
    ingest.study.accession_number = "ACC-0001";
    ingest.image.instance_number = 2;
  });
  add_image(index, "1.1", "1.1.1", "1.1.1.2",
            [](Ingest& ingest) { ingest.image.instance_number = 1; });
  add_image(index, "1.2", "1.2.1", "1.2.1.1", [](Ingest& ingest) {
    ingest.study.patient_id = "P2";
    ingest.study.patient_name = "Roe^Ann";
    ingest.study.study_date = "2026-02-01";
    ingest.study.accession_number = "ACC-0002";
    ingest.series.modality = "MR";
  });
}

TEST(SearchReader, WalksNewestStudyFirstAndImagesByNumber) {
  TestIndex index;
  add_two_studies(index);
  const Texts newest_first = {"1.2/1.2.1/1.2.1.1", "1.1/1.1.1/1.1.1.2", "1.1/1.1.1/1.1.1.1"};
  EXPECT_EQ(walked(index, {}), newest_first);
  const SearchOrder by_name{.studies = SearchOrdering::patient_name,
                            .direction = SortDirection::ascending,
                            .image_direction = SortDirection::descending};
  const Texts doe_first = {"1.1/1.1.1/1.1.1.1", "1.1/1.1.1/1.1.1.2", "1.2/1.2.1/1.2.1.1"};
  EXPECT_EQ(walked(index, {}, by_name), doe_first);
}

// A study whose date became known between two pages has moved to the front: the rest of it is told
// all the same, and it alone is not told again.
TEST(SearchReader, GoesOnInsideAStudyThatHasMoved) {
  TestIndex index;
  add_image(index, "1.3", "1.3.1", "1.3.1.1",
            [](Ingest& ingest) { ingest.study.study_date.clear(); });
  add_image(index, "1.3", "1.3.2", "1.3.2.1", [](Ingest& ingest) {
    ingest.study.study_date.clear();
    ingest.series.number = std::nullopt;
  });
  add_two_studies(index);
  const Texts all = walked(index, {});
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[3], "1.3/1.3.1/1.3.1.1") << "a study without a date comes last";
  SearchPosition after;
  must(search(index.database(), Scopes::everything(), {}, {}, {}, [&](SearchReader& reader) {
    return reader.each_study([&](const StudyRecord& study) -> Result<Walk> {
      after.study_key = PACS_TRY(reader.study_key(study.id));
      after.study_id = study.id;
      PACS_TRY(reader.each_series(study.id, [&](const SeriesRecord& series) -> Result<Walk> {
        after.series = {series.attributes.number, series.id};
        PACS_TRY(reader.each_image(series.id, [&](const SearchedImage& image) -> Result<Walk> {
          after.image = {image.instance_number, image.id};
          return Walk::stop;
        }));
        return Walk::stop;
      }));
      return Walk::go_on;
    });
  }));
  const Texts rest = {all[4]};
  EXPECT_EQ(walked(index, {}, {}, Scopes::everything(), after), rest);
  add_image(index, "1.3", "1.3.1", "1.3.1.9", [](Ingest& ingest) {
    ingest.study.study_date = "2026-12-31";
    ingest.image.instance_number = 0;
  });
  ASSERT_EQ(walked(index, {})[0], "1.3/1.3.1/1.3.1.9");
  EXPECT_EQ(walked(index, {}, {}, Scopes::everything(), after), rest);
}

TEST(SearchReader, EachConditionNarrows) {
  TestIndex index;
  add_two_studies(index);
  const Texts second = {"1.2/1.2.1/1.2.1.1"};
  EXPECT_EQ(walked(index, {.study_uids = {"1.2", "1.3"}}), second);
  EXPECT_EQ(walked(index, {.series_uids = {"1.2.1"}}), second);
  EXPECT_EQ(walked(index, {.image_uids = {"1.2.1.1"}}), second);
  EXPECT_EQ(walked(index, {.image_uids = {"1.1.1.2"}}), Texts{"1.1/1.1.1/1.1.1.2"});
  EXPECT_EQ(walked(index, {.modalities = {"MR", "US"}}), second);
  EXPECT_EQ(walked(index, {.patient_id = "P2"}), second);
  EXPECT_EQ(walked(index, {.accession_number = "ACC-0002"}), second);
  EXPECT_EQ(walked(index, {.accession_number = "ACC-000"}), Texts{}) << "the whole of it";
  EXPECT_EQ(walked(index, {.study_date_from = "2026-01-02"}), second);
  EXPECT_EQ(walked(index, {.study_date_to = "2026-01-31"}).size(), 2U);
  const auto is_roe = [](std::string_view name) { return name == "Roe^Ann"; };
  EXPECT_EQ(walked(index, {.name_matches = is_roe}), second);
}

// The names that are held against the question when there are 150 studies.
Texts names_looked_at(TestIndex& index, const std::string& question, Texts& found) {
  Texts names;
  const dicom::PersonNameMatch match(question, dicom::NameMatching::fuzzy);
  const SearchConditions conditions{
      .name_keys = dicom::name_key_patterns(question, dicom::NameMatching::fuzzy),
      .name_matches = [&](std::string_view name) {
        names.emplace_back(name);
        return match.matches(name);
      }};
  found = walked(index, conditions);
  return names;
}

TEST(SearchReader, ANameIsLookedUpAndNotLookedFor) {
  TestIndex index;
  for (int i = 100; i < 250; ++i) {
    const std::string uid = "1." + std::to_string(i);
    add_image(index, uid, uid + ".1", uid + ".1.1", [&](Ingest& ingest) {
      ingest.study.patient_name = i == 117 ? "Müller^Jürgen" : "Doe^Jane " + std::to_string(i);
    });
  }
  const Texts muller = {"1.117/1.117.1/1.117.1.1"};
  Texts found;
  for (const char* question : {"muller*", "*ULLE*", "Mueller", "jurgen mull", "MÜLLER^JÜRGEN"}) {
    EXPECT_EQ(names_looked_at(index, question, found), Texts{"Müller^Jürgen"}) << question;
    EXPECT_EQ(found, muller) << question;
  }
  names_looked_at(index, "doe*", found);
  EXPECT_EQ(found.size(), 149U) << "more than are looked up";
  EXPECT_EQ(found.front(), "1.249/1.249.1/1.249.1.1") << "the last one first, in a walk too";

  const auto study = must(index.studies().find(Scopes::everything(), tests::study_uid("1.117")));
  must(index.hide({.study_ids = {study->id}}, audit_line()));
  EXPECT_EQ(names_looked_at(index, "muller", found), Texts{});
  must(index.trash().restore({.study_ids = {study->id}}, audit_line()));
  EXPECT_EQ(names_looked_at(index, "muller", found), Texts{"Müller^Jürgen"});

  // What a client had called a study is forgotten when the data set calls it otherwise.
  for (const auto& [source, name] :
       {std::pair{UidSource::declared, "Poe^Ann"}, std::pair{UidSource::data_set, "Roe^Ann"}}) {
    add_image(index, "1.9", "1.9.1", std::string("1.9.1.") + (name[0] == 'P' ? "1" : "2"),
              [&](Ingest& ingest) {
                ingest.uid_source = source;
                ingest.study.patient_name = name;
              });
    EXPECT_EQ(names_looked_at(index, name, found), Texts{name});
  }
  EXPECT_EQ(names_looked_at(index, "poe^ann", found), Texts{});
}

TEST(SearchReader, AScopeOfOneStudyHidesAllOthers) {
  TestIndex index;
  add_two_studies(index);
  const auto study = must(index.studies().find(Scopes::everything(), tests::study_uid("1.2")));
  const Scope scope = Scopes::one_study(study->id);
  EXPECT_EQ(walked(index, {}, {}, scope), Texts{"1.2/1.2.1/1.2.1.1"});
  EXPECT_EQ(walked(index, {.study_uids = {"1.1"}}, {}, scope), Texts{});
  EXPECT_EQ(walked(index, {}, {}, Scopes::nothing()), Texts{});
  EXPECT_EQ(walked(index, {}, {}, Scopes::uploads_of("alice")), Texts{});
}

TEST(SearchReader, MetadataAndClassesOfWhatWasFound) {
  TestIndex index;
  add_two_studies(index);
  must(search(index.database(), Scopes::everything(), {}, {}, {}, [&](SearchReader& reader) {
    return reader.each_study([&](const StudyRecord& study) -> Result<Walk> {
      EXPECT_NE(PACS_TRY(reader.metadata_of_study(study.id)).find("00080018"), std::string::npos);
      EXPECT_EQ(PACS_TRY(reader.sop_classes(study.id)), Texts{"1.2.840.10008.5.1.4.1.1.2"});
      return Walk::go_on;
    });
  }));
}

TEST(SearchReader, AStudyWithoutStoredImagesIsNotThere) {
  TestIndex index;
  must(index.uploads().announce(tests::announcement("tablet", "1.5"), audit_line()));
  EXPECT_EQ(walked(index, {}), Texts{});
}

}  // namespace
}  // namespace pacs::index
