// Removal; X1 … X4 are the lines of the checklist that each test is for.
#include <string>

#include "tests/support/dicomweb_fixture.h"

namespace pacs::dicomweb {
namespace {

class DeleteRoutesTest : public DicomwebTest {
 protected:
  DeleteRoutesTest() {
    EXPECT_EQ(store_parts({ct("1.2", "1.2.3", "1.2.3.4"), ct("1.2", "1.2.3", "1.2.3.5"),
                           ct("1.2", "1.2.4", "1.2.4.1")})
                  .status,
              200);
  }

  bool has(const std::string& uid) {
    return services_.images.find(everything(), *dicom::SopInstanceUid::parse(uid))
        .value()
        .has_value();
  }
};

TEST_F(DeleteRoutesTest, X1RemovesAnInstanceASeriesAndAStudyIntoTheTrash) {
  const auto answer = remove("/dicom-web/studies/1.2/series/1.2.3/instances/1.2.3.4", admin_);
  EXPECT_EQ(answer.status, 204) << answer.body;
  EXPECT_TRUE(answer.body.empty());
  EXPECT_FALSE(has("1.2.3.4"));
  EXPECT_TRUE(has("1.2.3.5"));
  EXPECT_EQ(remove("/dicom-web/studies/1.2/series/1.2.3", admin_).status, 204);
  EXPECT_FALSE(has("1.2.3.5"));
  EXPECT_TRUE(has("1.2.4.1"));
  EXPECT_EQ(remove("/dicom-web/studies/1.2", admin_).status, 204);
  EXPECT_FALSE(has("1.2.4.1"));
  EXPECT_EQ(remove("/dicom-web/studies/1.2", admin_).status, 404) << "X2: it is gone at once";
}

TEST_F(DeleteRoutesTest, X1WhatIsNotThereIs404AndWhatIsNoUidIs400) {
  struct Case {
    const char* target;
    int status;
  };
  const Case cases[] = {
      {"/dicom-web/studies/1.9", 404},
      {"/dicom-web/studies/1.2/series/1.9", 404},
      {"/dicom-web/studies/1.2/series/1.2.4/instances/1.2.3.4", 404},
      {"/dicom-web/studies/one", 400},
      {"/dicom-web/studies/1.2/series/..1", 400},
  };
  for (const Case& one : cases)
    EXPECT_EQ(remove(one.target, admin_).status, one.status) << one.target;
  EXPECT_TRUE(has("1.2.3.4"));
}

TEST_F(DeleteRoutesTest, X1OnlyAnAdministratorRemoves) {
  EXPECT_EQ(remove("/dicom-web/studies/1.2", {}).status, 401);
  EXPECT_EQ(remove("/dicom-web/studies/1.2", reader_).status, 403);
  EXPECT_EQ(remove("/dicom-web/studies/1.2", uploader_).status, 403);
  EXPECT_TRUE(has("1.2.3.4"));
}

TEST_F(DeleteRoutesTest, X3TheSameBytesAgainBringItBack) {
  EXPECT_EQ(remove("/dicom-web/studies/1.2", admin_).status, 204);
  EXPECT_EQ(store_parts({ct("1.2", "1.2.3", "1.2.3.4")}).status, 200);
  EXPECT_TRUE(has("1.2.3.4"));
  EXPECT_FALSE(has("1.2.3.5"));
}

}  // namespace
}  // namespace pacs::dicomweb
