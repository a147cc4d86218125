#include "http/cookie.h"

#include <gtest/gtest.h>

namespace pacs::http {
namespace {

TEST(Cookie, IsFoundByItsWholeName) {
  const Headers headers = {{"Cookie", "a=1; pl_share=x.y=z; b=2"}, {"Cookie", "late=3"}};
  EXPECT_EQ(find_cookie(headers, "a"), "1");
  EXPECT_EQ(find_cookie(headers, "pl_share"), "x.y=z");
  EXPECT_EQ(find_cookie(headers, "late"), "3");
  EXPECT_EQ(find_cookie(headers, "share"), std::nullopt);
  EXPECT_EQ(find_cookie(headers, "pl_shar"), std::nullopt);
  EXPECT_EQ(find_cookie(Headers(), "a"), std::nullopt);
  EXPECT_EQ(find_cookie({{"Cookie", "a"}}, "a"), std::nullopt);
  EXPECT_EQ(find_cookie({{"Cookie", "a=first; a=second"}}, "a"), "first");
}

TEST(Cookie, IsSetWithWhatItIsFor) {
  EXPECT_EQ(set_cookie({.name = "n", .value = "v", .path = "/p"}),
            "n=v; Path=/p; HttpOnly; SameSite=Strict");
  EXPECT_EQ(set_cookie({.name = "n",
                        .value = "",
                        .path = "/p",
                        .same_site = SameSite::lax,
                        .is_secure = true,
                        .max_age = std::chrono::seconds(0)}),
            "n=; Path=/p; HttpOnly; SameSite=Lax; Secure; Max-Age=0");
}

}  // namespace
}  // namespace pacs::http
