#include "core/toml_quotes.h"

#include <vector>

#include <gtest/gtest.h>

namespace pacs {
namespace {

struct Case {
  const char* toml;
  int line;  // 0: none
};

TEST(TomlQuotes, FindWhatStandsOutsideOfThem) {
  const std::vector<Case> cases = {
      {"", 0},
      {"a = 1\n# \xC3\xA9\n", 0},
      {"\xEF\xBB\xBF"
       "a = '\xC3\xA9'",
       0},
      {"a = \"\\\"\xC3\xA9\"\nb = '\\'\n\xC3\xA9 = 1", 3},
      {"a = \"\"\nb = ''\n[\xC3\xA9]", 3},
      {"a = \"\"\"\n\xC3\xA9\n\"\xC3\xA9\"\"\"\"\nb = \xC3\xA9", 4},
      {"a = '''\n\\\xC3\xA9'''\n", 0},
      {"a = \"\"\"x \\\n  \xC3\xA9\"\"\"", 2},
      {"a = \"\"\"x \\\n  y\xC3\xA9\"\"\"", 0},
      {"a = '#' \xC3\xA9", 1},
      {"a = 3\"\xC3\xA9\"", 1},
      {"a = \"not TOML\n\xC3\xA9", 0},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(find_unquoted_line(one.toml).value_or(0), one.line) << one.toml;
  }
}

}  // namespace
}  // namespace pacs
