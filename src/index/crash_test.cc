// kill -9 in the middle of grouped commits: whatever was acknowledged is there afterwards, and
// nothing is there by half.
#include <algorithm>
#include <csignal>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "index/ingests.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::audit_line;
using tests::must;
using tests::Scopes;

constexpr int kCrashSenders = 8;
constexpr int kImagesOfSender = 100'000;  // more than it gets to

std::string uid_of(int round, int sender, int number) {
  return "1." + std::to_string(round + 1) + "." + std::to_string(sender + 1) + "." +
         std::to_string(number + 1);
}

// In the child: stores until it is killed, and tells each acknowledgement through the pipe.
[[noreturn]] void store_until_killed(const std::filesystem::path& path, int round, int pipe) {
  auto opened = Database::open(path, {.checkpoint_size_bytes = 1 << 20});
  if (!opened) _exit(3);
  Ingests ingests(**opened);
  std::vector<std::thread> senders;
  for (int sender = 0; sender < kCrashSenders; ++sender) {
    senders.emplace_back([&, sender] {
      for (int number = 0; number < kImagesOfSender; ++number) {
        const std::string study =
            "1." + std::to_string(round + 1) + "." + std::to_string(number / 10 + 1);
        const std::string uid = uid_of(round, sender, number);
        const auto stored =
            ingests.commit(tests::ingest_of(study, study + ".1", uid), audit_line("store"));
        if (!stored) _exit(4);
        const std::string line = uid + "\n";  // shorter than PIPE_BUF: written in one piece
        if (::write(pipe, line.data(), line.size()) < 0) _exit(5);
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  _exit(6);
}

std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> lines;
  size_t begin = 0;
  for (size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    lines.insert(text.substr(begin, end - begin));
  }
  return lines;
}

// Kills the child once it has told about `enough` acknowledgements; what it told is the answer.
std::set<std::string> run_and_kill(const std::filesystem::path& path, int round, size_t enough) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    store_until_killed(path, round, ends[1]);
  }
  ::close(ends[1]);
  std::string told;
  char buffer[4096];
  for (ssize_t size = 0; (size = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    told.append(buffer, static_cast<size_t>(size));
    if (static_cast<size_t>(std::count(told.begin(), told.end(), '\n')) >= enough) {
      ::kill(child, SIGKILL);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "ended by itself with " << WEXITSTATUS(status);
  ::close(ends[0]);
  return lines_of(told);
}

// Counts of every study against the images that are there.
void expect_whole(Database& database) {
  Studies studies(database);
  Images images(database);
  StudyQuery query;
  query.page_size = StudyQuery::kPageMax;
  int64_t all_images = 0;
  while (true) {
    const auto page = must(studies.list(Scopes::everything(), query));
    for (const StudyRecord& study : page.studies) {
      ImageQuery of_study{.study_id = study.id};
      const auto listed = must(images.list(Scopes::everything(), of_study)).images;
      EXPECT_EQ(static_cast<int64_t>(listed.size()), study.image_count);
      std::vector<int64_t> ids;
      for (const ImageRecord& image : listed) ids.push_back(image.id);
      EXPECT_EQ(must(images.metadata(Scopes::everything(), ids)).size(), listed.size());
      all_images += study.image_count;
    }
    if (!page.next) break;
    query.after = page.next;
  }
  EXPECT_EQ(must(ArchiveState(database).totals()).images, all_images);
}

TEST(Crash, KilledAmidGroupedCommitsNothingAcknowledgedIsLost) {
  testing_support::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "index.db";
  std::set<std::string> acknowledged;
  for (int round = 0; round < 4; ++round) {
    acknowledged.merge(run_and_kill(path, round, 50 + static_cast<size_t>(round) * 333));
    auto database = must(Database::open(path, {}));
    Images images(*database);
    for (const std::string& uid : acknowledged) {
      ASSERT_TRUE(must(images.find(Scopes::everything(), tests::image_uid(uid)))) << uid;
    }
    expect_whole(*database);
    EXPECT_FALSE(must(AuditLog(*database).verify_chain()));
  }
}

}  // namespace
}  // namespace pacs::index
