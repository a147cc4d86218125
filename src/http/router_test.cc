// Which handler a path finds, and what is answered where there is none.
#include "http/router.h"

#include <gtest/gtest.h>

#include "http/problem.h"

namespace pacs::http {
namespace {

class RouterTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto show = [](const char* name) {
      return [name](Request& request, ResponseWriter& writer) {
        std::string shown = name;
        for (const auto& [key, value] : request.path_parameters) shown += " " + key + "=" + value;
        for (const auto& [key, value] : request.query) shown += " " + key + ":" + value;
        writer.send(text(Status::ok, shown));
      };
    };
    router_.add(Method::get, "/studies/", show("list"));
    router_.add(Method::post, "/studies/", show("make"));
    router_.add(Method::get, "/studies/{id}/", show("one"));
    router_.add(Method::get, "/studies/recent", show("recent"));
    router_.add(Method::get, "/studies/{id}/images/{image}", show("image"));
    router_.add(Method::post, "/upload",
                [](Request& request, ResponseWriter& writer) {
                  auto body = read_all(request.body(), 1000);
                  writer.send(body ? text(Status::ok, *body) : problem(body.error(), "id"));
                },
                {.body_bytes_max = 4});
    router_.add_prefix(Method::get, "/media/", [](Request& request, ResponseWriter& writer) {
      writer.send(text(Status::ok, "media " + request.raw_path + " " + request.raw_query));
    });
  }

  std::string ask(Method method, const std::string& path, const std::string& query = "",
                  const std::string& body = "") {
    MemorySource source(as_bytes(body));
    Request request(source);
    request.method = method;
    request.raw_path = path;
    request.raw_query = query;
    StringWire wire;
    ResponseTerms terms;
    terms.method = method;
    ResponseWriter writer(wire, terms);
    router_.handle(request, writer);
    EXPECT_TRUE(writer.complete());
    return wire.text();
  }
  static std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }

  Metrics metrics_;
  SystemClock clock_;
  Router router_{metrics_, clock_};
};

TEST_F(RouterTest, FindsRoutesWithAndWithoutTheSlash) {
  EXPECT_EQ(body_of(ask(Method::get, "/studies/")), "list");
  EXPECT_EQ(body_of(ask(Method::get, "/studies")), "list");
  EXPECT_EQ(body_of(ask(Method::post, "/studies/")), "make");
  EXPECT_EQ(body_of(ask(Method::get, "/studies/1.2.3")), "one id=1.2.3");
  EXPECT_EQ(body_of(ask(Method::get, "/studies/recent/")), "recent");
  EXPECT_EQ(body_of(ask(Method::get, "/studies/a%2Fb/images/%C3%A9/", "x=1+2")),
            "image id=a/b image=é x:1 2");
}

TEST_F(RouterTest, PrefixesSeeTheRawPath) {
  EXPECT_EQ(body_of(ask(Method::get, "/media/a%20b/c", "signature=%zz")),
            "media /media/a%20b/c signature=%zz");
}

TEST_F(RouterTest, WhatIsMountedElsewhereReadsAndChangesNothing) {
  router_.mount("/studies", "/share/{share}");
  EXPECT_EQ(body_of(ask(Method::get, "/share/x/studies/1.2.3")), "one share=x id=1.2.3");
  EXPECT_EQ(body_of(ask(Method::get, "/share/x/studies/recent")), "recent share=x");
  EXPECT_EQ(body_of(ask(Method::get, "/studies/1.2.3")), "one id=1.2.3");
  EXPECT_TRUE(ask(Method::post, "/share/x/studies/").starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(ask(Method::post, "/share/x/upload").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(ask(Method::get, "/share/x/media/a").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(ask(Method::get, "/share//studies/1").starts_with("HTTP/1.1 404 "));
}

TEST_F(RouterTest, AnswersWhatNoHandlerDoes) {
  EXPECT_TRUE(ask(Method::get, "/nothing").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(ask(Method::get, "/studies//images/1").starts_with("HTTP/1.1 404 "));
  EXPECT_NE(ask(Method::get, "/nothing").find("application/problem+json"), std::string::npos);
  const std::string refused = ask(Method::delete_, "/studies/");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 405 "));
  EXPECT_NE(refused.find("Allow: GET, HEAD, POST, OPTIONS\r\n"), std::string::npos);
  const std::string options = ask(Method::options, "/studies/1");
  EXPECT_TRUE(options.starts_with("HTTP/1.1 204 "));
  EXPECT_NE(options.find("Allow: GET, HEAD, OPTIONS\r\n"), std::string::npos);
  EXPECT_TRUE(ask(Method::options, "*").starts_with("HTTP/1.1 204 "));
  for (const char* path :
       {"/studies/%zz", "/studies/..", "/media/%2e%2e/x", "/studies/%00", "/media/./a"}) {
    EXPECT_TRUE(ask(Method::get, path).starts_with("HTTP/1.1 400 ")) << path;
  }
  EXPECT_TRUE(ask(Method::get, "/studies", "a=%zz").starts_with("HTTP/1.1 400 "));
}

TEST_F(RouterTest, HeadIsAGetWithoutItsBody) {
  const std::string head = ask(Method::head, "/studies/");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 "));
  EXPECT_NE(head.find("Content-Length: 4\r\n"), std::string::npos);
  EXPECT_EQ(body_of(head), "");
}

TEST_F(RouterTest, LimitsBodies) {
  EXPECT_EQ(body_of(ask(Method::post, "/upload", "", "1234")), "1234");
  EXPECT_TRUE(ask(Method::post, "/upload", "", "12345").starts_with("HTTP/1.1 413 "));
}

TEST_F(RouterTest, MeasuresAndListsItsRoutes) {
  ask(Method::get, "/studies/1");
  EXPECT_NE(metrics_.text().find("route=\"/studies/{id}/\""), std::string::npos);
  EXPECT_NE(metrics_.text().find("status=\"2xx\""), std::string::npos);
  const auto routes = router_.routes();
  ASSERT_EQ(routes.size(), 7u);
  EXPECT_EQ(routes[2].pattern, "/studies/{id}/");
  EXPECT_TRUE(routes[6].is_prefix);
}

}  // namespace
}  // namespace pacs::http
