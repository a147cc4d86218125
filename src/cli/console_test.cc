#include "cli/console.h"

#include <string>

#include <gtest/gtest.h>

#include "cli/duration.h"

namespace pacs::cli {
namespace {

TEST(Console, BytesAreShownInPowersOfTen) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(1000), "1.0 kB");
  EXPECT_EQ(human_bytes(526'000), "526 kB");
  EXPECT_EQ(human_bytes(999'600), "1.0 MB");
  EXPECT_EQ(human_bytes(4'294'967'296), "4.3 GB");
}

TEST(Console, TimesAreShownAsPeopleSayThem) {
  EXPECT_EQ(human_millis(3), "3 ms");
  EXPECT_EQ(human_millis(1250), "1.2 s");
  EXPECT_EQ(human_millis(243'000), "4 min 3 s");
}

TEST(Console, ABarFillsAsWorkIsDone) {
  EXPECT_EQ(progress_bar(0, 8), "[--------------------]   0 %");
  EXPECT_EQ(progress_bar(2, 8), "[#####---------------]  25 %");
  EXPECT_EQ(progress_bar(8, 8), "[####################] 100 %");
  EXPECT_EQ(progress_bar(9, 8), "[####################] 100 %") << "more came meanwhile";
  EXPECT_EQ(progress_bar(0, 0), "[####################] 100 %");
}

TEST(Console, WhatATerminalWouldObeyIsShownInstead) {
  EXPECT_EQ(printable("a\x1b[2Jb\n"), "a\\x1b[2Jb\\x0a");
  EXPECT_EQ(printable("Müller^Jörg"), "Müller^Jörg");
}

TEST(Console, ColumnsAreAsWideAsTheirWidestCellInCharacters) {
  EXPECT_EQ(as_table({"ID", "NAME"}, {{"1", "Müller"}, {"1000", "Li"}}),
            "ID    NAME\n"
            "1     Müller\n"
            "1000  Li\n");
  EXPECT_EQ(as_table({"NAME", "X"}, {{"Müller", "1"}}),
            "NAME    X\n"
            "Müller  1\n");
}

TEST(Duration, IsANumberWithAUnit) {
  EXPECT_EQ(parse_duration("90"), std::chrono::seconds(90));
  EXPECT_EQ(parse_duration("30m"), std::chrono::minutes(30));
  EXPECT_EQ(parse_duration("12h"), std::chrono::hours(12));
  EXPECT_EQ(parse_duration("7d"), std::chrono::hours(168));
  for (const char* text : {"", "h", "1.5h", "-1", "7y", "1 h", "99999999999999w"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace pacs::cli
