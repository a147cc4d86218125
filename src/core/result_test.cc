#include "core/result.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace pacs {
namespace {

// Counts those that are alive.
struct Counted {
  explicit Counted(int& counter) : alive(&counter) { ++counter; }
  Counted(Counted&& other) noexcept : alive(other.alive) { ++*alive; }
  Counted& operator=(Counted&&) = default;
  ~Counted() { --*alive; }
  int* alive;
};

Result<Counted> counted_or_error(int& alive, bool fails) {
  if (fails) return not_found("none", "there is none");
  return Counted(alive);
}

Result<int*> passed_on(int& alive, bool fails) {
  const Counted counted = PACS_TRY(counted_or_error(alive, fails));
  return counted.alive;
}

TEST(Result, HoldsAValueOrAnErrorAndEndsItsLifeOnce) {
  int alive = 0;
  {
    Result<Counted> result = counted_or_error(alive, false);
    ASSERT_TRUE(result);
    EXPECT_EQ(alive, 1);
    Result<Counted> moved = std::move(result);
    EXPECT_EQ(alive, 2) << "what was moved from is still a value";
    moved = counted_or_error(alive, true);
    ASSERT_FALSE(moved);
    EXPECT_EQ(alive, 1);
    EXPECT_EQ(moved.error().reason, "none");
    moved = counted_or_error(alive, false);
    ASSERT_TRUE(moved);
    EXPECT_EQ(alive, 2);
    Result<Counted>& itself = moved;
    moved = std::move(itself);
    EXPECT_TRUE(moved);
    EXPECT_EQ(alive, 2);
  }
  EXPECT_EQ(alive, 0);
}

TEST(Result, AnErrorIsPassedOnAndAValueIsTaken) {
  int alive = 0;
  EXPECT_EQ(passed_on(alive, false).value(), &alive);
  EXPECT_EQ(passed_on(alive, true).error().code, ErrorCode::not_found);
  EXPECT_EQ(alive, 0);
}

TEST(Result, AValueOfAnotherTypeIsConverted) {
  const auto text = []() -> Result<std::string> { return "text"; };
  EXPECT_EQ(*text(), "text");
  Result<std::unique_ptr<int>> owner(std::make_unique<int>(3));
  EXPECT_EQ(**owner, 3);
  const std::unique_ptr<int> taken = std::move(owner).value();
  EXPECT_EQ(*taken, 3);
  EXPECT_EQ(Result<std::string>(conflict("a", "b")).value_or("other"), "other");
  EXPECT_EQ(Result<std::string>("own").value_or("other"), "own");
}

TEST(ResultDeathTest, AskingForWhatIsNotThereStopsTheProcess) {
  const Result<int> value = 1;
  const Result<int> error = conflict("a", "b");
  EXPECT_DEATH((void)error.value(), "");
  EXPECT_DEATH((void)value.error(), "");
}

}  // namespace
}  // namespace pacs
