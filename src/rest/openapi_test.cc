#include "rest/openapi.h"

#include <set>

#include "tests/support/rest_fixture.h"

namespace pacs::rest {
namespace {

class OpenApiTest : public RestTest {
 protected:
  const JsonValue document_ = ask({.target = "/api/openapi.json"}).json();

  static std::string key_of(std::string_view method, std::string_view path) {
    return to_lower(method) + " " + std::string(path);
  }
};

// A prefix is documented with the key behind it.
std::string documented_path(const http::Router::Route& route) {
  return route.is_prefix ? route.pattern + "{key}" : route.pattern;
}

TEST_F(OpenApiTest, HasEveryRouteOfTheRouterAndNoOther) {
  std::set<std::string> routed;
  for (const http::Router::Route& route : router_.routes()) {
    routed.insert(key_of(http::to_string(route.method), documented_path(route)));
  }
  std::set<std::string> documented;
  ASSERT_NE(document_.find("paths"), nullptr);
  for (const auto& [path, operations] : *document_.find("paths")->as_object()) {
    for (const auto& [method, operation] : *operations.as_object()) {
      documented.insert(key_of(method, path));
    }
  }
  EXPECT_EQ(routed, documented);
}

TEST_F(OpenApiTest, NamesEachPathParameterOfARoute) {
  for (const auto& [path, operations] : *document_.find("paths")->as_object()) {
    for (const auto& [method, operation] : *operations.as_object()) {
      for (size_t open = path.find('{'); open != std::string::npos;
           open = path.find('{', open + 1)) {
        const std::string name = path.substr(open + 1, path.find('}', open) - open - 1);
        bool found = false;
        for (const JsonValue& parameter : *operation.find("parameters")->as_array()) {
          found = found || (TestAnswer::member_of(parameter, "name") == name &&
                            TestAnswer::member_of(parameter, "in") == "path");
        }
        EXPECT_TRUE(found) << method << " " << path << " " << name;
      }
    }
  }
}

void collect_references(const JsonValue& value, std::set<std::string>& references) {
  if (const JsonValue::Object* members = value.as_object()) {
    for (const auto& [name, member] : *members) {
      if (name == "$ref") references.insert(*member.as_string());
      collect_references(member, references);
    }
  }
  if (const JsonValue::Array* items = value.as_array()) {
    for (const JsonValue& item : *items) collect_references(item, references);
  }
}

TEST_F(OpenApiTest, RefersToSchemasThatAreThereAndUsesEachOfThem) {
  std::set<std::string> references;
  collect_references(document_, references);
  std::set<std::string> schemas;
  for (const auto& [name, schema] : *document_.find("components")->find("schemas")->as_object()) {
    schemas.insert("#/components/schemas/" + name);
  }
  schemas.erase("#/components/schemas/ImportRecord");  // in the form it is the text of one
  references.erase("#/components/schemas/ImportRecord");
  EXPECT_EQ(references, schemas);
}

TEST_F(OpenApiTest, UsesEachParameterAndNamesOperationsOnce) {
  std::set<std::string_view> used;
  std::set<std::string_view> ids;
  for (const OperationDocument& operation : operation_documents()) {
    EXPECT_TRUE(ids.insert(operation.id).second) << operation.id;
    for (const std::string_view name : split(operation.query, ' ')) {
      if (!name.empty()) used.insert(name);
    }
  }
  for (const ParameterDocument& parameter : parameter_documents()) {
    EXPECT_TRUE(used.contains(parameter.name)) << parameter.name;
  }
}

// What the table says of rights is what the routes do: without a token 401, with a token that lacks
// the right 403, and never before a record is looked for.
TEST_F(OpenApiTest, TellsTheRightsThatTheRoutesAskFor) {
  const std::string metrics = make_token("metrics");
  for (const OperationDocument& operation : operation_documents()) {
    std::string target(operation.path);
    if (operation.right == "signature") continue;
    for (size_t open = target.find('{'); open != std::string::npos; open = target.find('{')) {
      target.replace(open, target.find('}') - open + 1, "4711");
    }
    const TestRequest request{.method = operation.method, .target = target};
    const std::string_view right = operation.right;
    const int anonymous = ask(request).status;
    if (right == "page") {  // by a link's cookie, a link or a form alone: no token opens it
      for (const std::string& token : {std::string(), admin_, reader_, uploader_, metrics}) {
        TestRequest with_token = request;
        with_token.token = token;
        EXPECT_EQ(ask(with_token).status, 401) << operation.id;
      }
      continue;
    }
    if (right.empty() || right == "optional") {
      EXPECT_EQ(anonymous, 200) << target;
      continue;
    }
    EXPECT_EQ(anonymous, 401) << target;
    const auto status_with = [&](const std::string& token) {
      TestRequest with_token = request;
      with_token.token = token;
      return ask(with_token).status;
    };
    const auto expect = [&](std::string_view role, const std::string& token, bool allowed) {
      const int status = status_with(token);
      EXPECT_EQ(status == 403, !allowed) << operation.id << " as " << role << ": " << status;
      EXPECT_NE(status, 401) << operation.id << " as " << role;
    };
    expect("admin", admin_, true);
    expect("reader", reader_, right == "reader" || right == "link");
    expect("uploader", uploader_, right == "uploader");
    expect("metrics", metrics, right == "metrics");
  }
}

}  // namespace
}  // namespace pacs::rest
