// C1: the capabilities.
#include <set>
#include <string>

#include "dicomweb/transactions.h"
#include "tests/support/dicomweb_fixture.h"

namespace pacs::dicomweb {
namespace {

class CapabilitiesTest : public DicomwebTest {
 protected:
  DicomwebAnswer options(const http::Headers& headers) {
    return ask({.method = http::Method::options, .target = "/dicom-web", .headers = headers});
  }
};

TEST_F(CapabilitiesTest, C1EveryRouteIsDescribedAndNothingElseIs) {
  std::set<std::string> routes;
  for (const auto& route : router_.routes()) {
    ASSERT_TRUE(route.pattern.starts_with(kRoot));
    const std::string path = route.pattern.substr(std::string_view(kRoot).size());
    routes.insert(std::string(to_string(route.method)) + " " + path);
    EXPECT_NE(find_transaction(route.method, path), nullptr) << to_string(route.method) << path;
  }
  std::set<std::string_view> ids;
  for (const Transaction& transaction : transactions()) {
    const std::string name =
        std::string(to_string(transaction.method)) + " " + std::string(transaction.path);
    EXPECT_TRUE(routes.contains(name)) << name << " is described and not there";
    EXPECT_TRUE(ids.insert(transaction.id).second) << transaction.id;
  }
}

TEST_F(CapabilitiesTest, C1ListsEachRouteOfTheRouterInBothForms) {
  const auto wadl = options({{"Accept", "application/vnd.sun.wadl+xml"}});
  EXPECT_EQ(wadl.status, 200);
  EXPECT_EQ(wadl.field("Content-Type"), "application/vnd.sun.wadl+xml");
  const auto json = options({{"Accept", "application/json"}});
  EXPECT_EQ(json.status, 200);
  const JsonValue described = json.json();
  size_t methods = 0;
  for (const JsonValue& resource : *described.find("resources")->as_array()) {
    const std::string path = *resource.find("path")->as_string();
    const std::string wadl_path = path.empty() ? path : path.substr(1);
    EXPECT_NE(wadl.body.find("<resource path=\"" + wadl_path + "\">"), std::string::npos) << path;
    methods += resource.find("methods")->as_array()->size();
  }
  EXPECT_EQ(methods, router_.routes().size());
  EXPECT_EQ(*described.find("base")->as_string(), "https://pacs.example/dicom-web");
  EXPECT_NE(wadl.body.find("name=\"accept\"><doc>"), std::string::npos);
  EXPECT_NE(wadl.body.find("mediaType=\"multipart/related; type=&quot;application/dicom&quot;\""),
            std::string::npos);
}

TEST_F(CapabilitiesTest, C1LeavesOutTheRoutesOfOthers) {
  router_.add(http::Method::get, "/api/v1/things/", [](http::Request&, http::ResponseWriter&) {});
  const auto answer = options({});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Content-Type"), "application/vnd.sun.wadl+xml");
  EXPECT_EQ(answer.body.find("things"), std::string::npos);
}

TEST_F(CapabilitiesTest, G2G3G9GoesByAccept) {
  EXPECT_EQ(options({{"Accept", "*/*"}}).status, 200);
  EXPECT_EQ(options({{"Accept", "image/png"}}).status, 406);
  EXPECT_EQ(options({{"Accept", "application/json;q=0.5, application/vnd.sun.wadl+xml"}})
                .field("Content-Type"),
            "application/vnd.sun.wadl+xml");
}

TEST_F(CapabilitiesTest, G4TheParameterAcceptWinsOverTheField) {
  const auto answer = ask({.method = http::Method::options,
                           .target = "/dicom-web?accept=application%2Fjson",
                           .headers = {{"Accept", "application/vnd.sun.wadl+xml"}}});
  EXPECT_EQ(answer.field("Content-Type"), "application/json");
}

TEST_F(CapabilitiesTest, G20APreflightIsNoQuestionForCapabilities) {
  const auto answer =
      options({{"Origin", "https://viewer.example"}, {"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(answer.status, 204);
  EXPECT_TRUE(answer.body.empty());
}

}  // namespace
}  // namespace pacs::dicomweb
