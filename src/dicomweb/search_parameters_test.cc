#include "dicomweb/search_parameters.h"

#include <gtest/gtest.h>

namespace pacs::dicomweb {
namespace {

using archive::SearchLevel;
namespace tags = dicom::tags;

Result<SearchParameters> read(const std::string& query, SearchLevel level = SearchLevel::study) {
  return read_search_parameters(http::parse_query(query).value(), level);
}

std::string reason(const std::string& query) {
  const auto parameters = read(query);
  return parameters ? "success" : parameters.error().reason;
}

// Q2, Q4, Q5
TEST(SearchParameters, ReadWhatOhifAsks) {
  const auto read_one = read(
      "limit=101&offset=0&fuzzymatching=true&includefield=00081030%2C00080060%2C00080090"
      "&PatientName=*doe*&00100020=P1&ModalitiesInStudy=CT,US");
  ASSERT_TRUE(read_one);
  EXPECT_EQ(read_one->query.limit, 101U);
  EXPECT_EQ(read_one->query.offset, 0U);
  ASSERT_EQ(read_one->query.matches.size(), 3U);
  EXPECT_TRUE(read_one->query.matches[0].options().fuzzy);
  EXPECT_EQ(read_one->query.matches[1].path().first(), tags::kPatientId);
  EXPECT_TRUE(read_one->fields.tags.contains(tags::kStudyDescription));
  EXPECT_FALSE(read_one->fields.tags.contains(tags::kModality)) << "that of a series";
  EXPECT_EQ(read_one->warnings.size(), 1U);
}

TEST(SearchParameters, SwitchesCountWhereverTheyStand) {
  const auto parameters = read(R"(AccessionNumber=""&emptyvaluematching=true)");
  ASSERT_TRUE(parameters);
  EXPECT_TRUE(parameters->query.matches[0].matches({dicom::Vr::SH, {}}));
}

// Q13, Q21: a plus comes as a space.
TEST(SearchParameters, APlusMayHaveBecomeASpace) {
  const auto parameters = read(
      "TimezoneOffsetFromUTC=+0100&orderby=+PatientName,-SeriesNumber"
      "&AcquisitionDateTime=20260101120000",
      SearchLevel::instance);
  ASSERT_TRUE(parameters) << to_string(parameters.error());
  EXPECT_EQ(parameters->query.timezone_offset, "+0100");
  EXPECT_EQ(parameters->query.order.studies, index::SearchOrdering::patient_name);
  EXPECT_EQ(parameters->query.order.direction, index::SortDirection::ascending);
  EXPECT_EQ(parameters->query.order.series_direction, index::SortDirection::descending);
  ASSERT_EQ(parameters->query.matches.size(), 1U);
  EXPECT_EQ(parameters->query.matches[0].question(), "20260101120000+0100");
}

// Q18
TEST(SearchParameters, TellsWhatIsWrong) {
  EXPECT_EQ(reason("limit=-1"), "bad_parameter");
  EXPECT_EQ(reason("limit=1&limit=1"), "bad_parameter");
  EXPECT_EQ(reason("offset=1e3"), "bad_parameter");
  EXPECT_EQ(reason("fuzzymatching=1"), "bad_parameter");
  EXPECT_EQ(reason("orderby=KVP"), "bad_parameter");
  EXPECT_EQ(reason("orderby=StudyDate&orderby=PatientID"), "bad_parameter");
  EXPECT_EQ(reason("TimezoneOffsetFromUTC=CET"), "bad_parameter");
  EXPECT_EQ(reason("PatientNam=x"), "unknown_attribute");
  EXPECT_EQ(reason("Limit=1"), "unknown_attribute");
  EXPECT_EQ(reason("StudyDate=x"), "bad_value");
  EXPECT_EQ(reason("includefield=PatientNam"), "success") << "told in a warning";
}

TEST(SearchParameters, WarningsCannotBreakOutOfTheirHeader) {
  const auto parameters = read("includefield=a%22b,c%5Cd,%C3%A9,x%20y,NoSuchThing");
  ASSERT_TRUE(parameters);
  ASSERT_EQ(parameters->warnings.size(), 1U);
  EXPECT_NE(parameters->warnings[0].find("NoSuchThing"), std::string::npos);
}

}  // namespace
}  // namespace pacs::dicomweb
