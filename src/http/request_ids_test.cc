#include "http/request_ids.h"

#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace pacs::http {
namespace {

TEST(RequestIds, AreUniqueHexadecimalAndUnlikeThoseOfAnotherProcess) {
  SystemRandom random;
  RequestIds ids(random);
  RequestIds others(random);
  std::vector<std::vector<std::string>> drawn(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : drawn) {
      threads.emplace_back([&mine, &ids] {
        for (int count = 0; count < 1000; ++count) mine.push_back(ids.next());
      });
    }
  }
  std::set<std::string> seen;
  for (const auto& mine : drawn) seen.insert(mine.begin(), mine.end());
  EXPECT_EQ(seen.size(), 4000U);
  for (const std::string& id : seen) {
    EXPECT_EQ(id.size(), 32U);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
  }
  EXPECT_NE(ids.next().substr(0, 16), others.next().substr(0, 16));
}

}  // namespace
}  // namespace pacs::http
