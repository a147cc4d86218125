#include "index/id_reservations.h"

#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "index/archive_state.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::announcement;
using tests::audit_line;
using tests::ingest_of;
using tests::must;
using tests::TestIndex;

// As the archive does it: the numbers are known before the commit.
IngestOutcome store(TestIndex& index, Ingest ingest) {
  const auto reservation = must(index.ingests().reserve(ingest));
  ingest.reserved_ids = reservation.ids();
  return must(index.ingests().commit(ingest, audit_line()));
}

ReservedIds ids_of(const ImageRecord& image) { return {image.study_id, image.series_id, image.id}; }

TEST(IdReservations, AreWhatTheCommitGives) {
  TestIndex index;
  for (const char* image : {"1.3", "1.4"}) {
    Ingest ingest = ingest_of("1.1", "1.2", image);
    const auto reservation = must(index.ingests().reserve(ingest));
    ingest.reserved_ids = reservation.ids();
    const auto outcome = must(index.ingests().commit(ingest, audit_line()));
    EXPECT_EQ(ids_of(outcome.image), reservation.ids()) << image;
  }
}

TEST(IdReservations, AreSharedByThoseWhoComeToTheSameNewStudy) {
  TestIndex index;
  const auto first = must(index.ingests().reserve(ingest_of("1.1", "1.2", "1.3")));
  const auto second = must(index.ingests().reserve(ingest_of("1.1", "1.2", "1.4")));
  const auto other_series = must(index.ingests().reserve(ingest_of("1.1", "1.9", "1.5")));
  const auto other_study = must(index.ingests().reserve(ingest_of("2.1", "1.2", "2.3")));
  EXPECT_EQ(first.ids().study, second.ids().study);
  EXPECT_EQ(first.ids().series, second.ids().series);
  EXPECT_NE(first.ids().image, second.ids().image);
  EXPECT_EQ(first.ids().study, other_series.ids().study);
  EXPECT_NE(first.ids().series, other_series.ids().series);
  EXPECT_NE(first.ids().study, other_study.ids().study);
  EXPECT_NE(first.ids().series, other_study.ids().series);
}

TEST(IdReservations, GiveTheNumberOfAnAnnouncedStudy) {
  TestIndex index;
  const auto announced = must(index.uploads().announce(announcement("a", "1.1"), audit_line()));
  const auto reservation = must(index.ingests().reserve(ingest_of("1.1", "1.2", "1.3")));
  EXPECT_EQ(reservation.ids().study, announced.record.study_id);
}

TEST(IdReservations, NeverMeetTheNumberOfAnAnnouncedStudy) {
  TestIndex index;
  const auto before = store(index, ingest_of("1.1", "1.2", "1.3"));
  const auto announced = must(index.uploads().announce(announcement("b", "2.1"), audit_line()));
  const auto after = store(index, ingest_of("3.1", "3.2", "3.3"));
  EXPECT_EQ(announced.record.study_id, before.image.study_id + 1);
  EXPECT_EQ(after.image.study_id, before.image.study_id + 2);
}

TEST(IdReservations, GoOnWithoutAGapAfterAStop) {
  TestIndex index;
  const auto before = store(index, ingest_of("1.1", "1.2", "1.3"));
  index.reopen();
  const auto after = store(index, ingest_of("2.1", "2.2", "2.3"));
  EXPECT_EQ(after.image.study_id, before.image.study_id + 1);
  EXPECT_EQ(after.image.series_id, before.image.series_id + 1);
  EXPECT_EQ(after.image.id, before.image.id + 1);
}

TEST(IdReservations, AreNotGivenAgainWhenTheCommitNeverCame) {
  TestIndex index;
  ReservedIds lost;
  {
    const auto reservation = must(index.ingests().reserve(ingest_of("1.1", "1.2", "1.3")));
    lost = reservation.ids();
  }
  index.reopen();
  const auto next = store(index, ingest_of("2.1", "2.2", "2.3"));
  EXPECT_GT(next.image.study_id, lost.study);
  EXPECT_GT(next.image.series_id, lost.series);
  EXPECT_GT(next.image.id, lost.image);
}

TEST(IdReservations, GiveWayToANumberThatWasBroughtAlong) {
  TestIndex index;
  Ingest late = ingest_of("1.1", "1.2", "1.3");
  const auto reservation = must(index.ingests().reserve(late));
  late.reserved_ids = reservation.ids();
  Ingest wanted = ingest_of("2.1", "2.2", "2.3");
  wanted.wanted_ids = {reservation.ids().study, reservation.ids().series, reservation.ids().image};
  EXPECT_EQ(ids_of(store(index, wanted).image), reservation.ids());
  const auto outcome = must(index.ingests().commit(late, audit_line()));
  EXPECT_NE(outcome.image.study_id, reservation.ids().study);
  EXPECT_NE(outcome.image.series_id, reservation.ids().series);
  EXPECT_NE(outcome.image.id, reservation.ids().image);
}

TEST(IdReservations, StartAboveRaisedMarks) {
  TestIndex index;
  store(index, ingest_of("1.1", "1.2", "1.3"));
  const IdMarks marks{.study = 5000, .series = 6000, .image = 7000};
  must(ArchiveState(index.database()).raise_id_marks(marks, audit_line()));
  const auto next = store(index, ingest_of("2.1", "2.2", "2.3"));
  EXPECT_GT(next.image.study_id, 5000);
  EXPECT_GT(next.image.series_id, 6000);
  EXPECT_GT(next.image.id, 7000);
}

TEST(IdReservations, OfManyAtOnceAreOnePerImage) {
  TestIndex index;
  constexpr int kThreads = 8;
  constexpr int kImages = 40;
  std::mutex mutex;
  std::set<int64_t> images;
  std::set<int64_t> studies;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kImages; ++i) {
        const std::string study = "1." + std::to_string(i);
        Ingest ingest = ingest_of(study, study + ".1", study + ".1." + std::to_string(thread));
        const auto reservation = must(index.ingests().reserve(ingest));
        ingest.reserved_ids = reservation.ids();
        const auto outcome = must(index.ingests().commit(ingest, audit_line()));
        const std::lock_guard lock(mutex);
        EXPECT_EQ(ids_of(outcome.image), reservation.ids());
        images.insert(outcome.image.id);
        studies.insert(outcome.image.study_id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(images.size(), size_t{kThreads} * kImages);
  EXPECT_EQ(studies.size(), size_t{kImages});
}

}  // namespace
}  // namespace pacs::index
