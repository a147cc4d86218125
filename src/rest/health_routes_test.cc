// What a load balancer is told when the disk under the index has failed.
#include <atomic>
#include <cerrno>

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/rest_fixture.h"

namespace {

std::atomic<bool> sync_fails{false};

int sync_or_fail(long call, int descriptor) {
  if (!sync_fails) return static_cast<int>(::syscall(call, descriptor));
  errno = EIO;
  return -1;
}

}  // namespace

// In front of the C library's, for this program alone: SQLite syncs by one of the two.
extern "C" int fsync(int descriptor) { return sync_or_fail(SYS_fsync, descriptor); }
extern "C" int fdatasync(int descriptor) { return sync_or_fail(SYS_fdatasync, descriptor); }

namespace pacs::rest {
namespace {

class HealthRoutesTest : public RestTest {
 protected:
  ~HealthRoutesTest() override { sync_fails = false; }
};

TEST_F(HealthRoutesTest, IsNotReadyOnceAFailedFsyncAsksForARestart) {
  ASSERT_EQ(ask({.target = "/readyz"}).status, 200);
  sync_fails = true;
  const TestAnswer lost = store(ct("1.2", "1.2.1", "1.2.1.1"));
  sync_fails = false;
  EXPECT_GE(lost.status, 500) << "nothing is acknowledged";
  ASSERT_TRUE(database_->must_restart());
  const TestAnswer answer = ask({.target = "/readyz"});
  EXPECT_EQ(answer.status, 503) << "the index still reads, and takes nothing until the next start";
  EXPECT_NE(answer.body.find("must restart"), std::string::npos) << answer.body;
  EXPECT_EQ(ask({.target = "/healthz"}).status, 200);
}

}  // namespace
}  // namespace pacs::rest
