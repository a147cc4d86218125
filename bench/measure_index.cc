// Measures the index by itself: commits of 1, 4 and 16 writers into a fresh one, and the questions
// of the study list on one that fill_index has made. Wall time and this process's CPU time for
// each.
//
//   measure_index commit FOLDER [SECONDS]      makes FOLDER/commit-N.db for each number of writers
//   measure_index read INDEX.db [REPEATS]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>

#include "core/text.h"
#include "index/database.h"
#include "index/images.h"
#include "index/ingests.h"
#include "index/sqlite_connection.h"
#include "index/studies.h"
#include "index/write_transaction.h"
#include "tests/support/scopes.h"

namespace pacs::bench {
namespace {

using namespace pacs::index;
using tests::Scopes;
using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

double cpu_seconds() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

bool report(const Error& error) {
  std::fprintf(stderr, "measure_index: %s\n", to_string(error).c_str());
  return false;
}

Ingest ingest_of(int writer, int64_t number) {
  const std::string study =
      "1.2.840." + std::to_string(writer + 1) + "." + std::to_string(number / 100 + 1);
  const std::string image = study + ".1." + std::to_string(number % 100 + 1);
  Ingest ingest{
      .study_uid = *dicom::StudyUid::parse(study),
      .series_uid = *dicom::SeriesUid::parse(study + ".1"),
      .image_uid = *dicom::SopInstanceUid::parse(image),
      .image = ImageAttributes{.filename = "a.dcm",
                               .key = ObjectKey::make(study, study + ".1", image, "a.dcm")}};
  ingest.series.modality = "CT";
  ingest.image.sha256 = sha256(as_bytes(image));
  ingest.image.stored_at = number;
  ingest.metadata_json = R"({"00080018":{"vr":"UI","Value":[")" + image + "\"]}}";
  return ingest;
}

enum class Work { small, ingest };

bool write_for(Database& database, Work work, int writers, double seconds, const char* name) {
  std::atomic<bool> has_failed{false};
  std::vector<int64_t> done(static_cast<size_t>(writers));
  const auto begin = SteadyClock::now();
  const double cpu_before = cpu_seconds();
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      Ingests ingests(database);
      AuditLine line;
      line.action = "image.store";
      for (int64_t number = 0; seconds_since(begin) < seconds && !has_failed; ++number) {
        Result<void> result;
        if (work == Work::ingest) {
          const auto stored = ingests.commit(ingest_of(writer, number), line);
          if (!stored) result = stored.error();
        } else {
          result = database.write([&](WriteTransaction& transaction) {
            return transaction.connection().run(
                "INSERT INTO archive_state(name, value) VALUES (?, 'x')"
                " ON CONFLICT(name) DO UPDATE SET value = excluded.value",
                std::to_string(writer * 1000 + number % 1000));
          });
        }
        if (!result) has_failed = !report(result.error());
        ++done[static_cast<size_t>(writer)];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int64_t total = 0;
  for (const int64_t count : done) total += count;
  const double wall = seconds_since(begin);
  const double cpu = cpu_seconds() - cpu_before;
  std::printf("%-8s %2d writers: %8.0f commits/s, %6.1f us CPU each\n", name, writers,
              static_cast<double>(total) / wall, cpu * 1e6 / static_cast<double>(total));
  return !has_failed;
}

bool measure_commits(const std::string& folder, double seconds) {
  for (const int writers : {1, 4, 16}) {
    const std::string path = folder + "/commit-" + std::to_string(writers) + ".db";
    std::error_code ignored;
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end, ignored);
    auto database = Database::open(path, {});
    if (!database) return report(database.error());
    if (!write_for(**database, Work::small, writers, seconds, "small")) return false;
    if (!write_for(**database, Work::ingest, writers, seconds, "ingest")) return false;
  }
  return true;
}

// Runs the question so many times and prints the middle and the slowest in a hundred.
bool measure(const std::string& name, int64_t repeats,
             const std::function<Result<int64_t>(int64_t)>& question) {
  std::vector<double> millis;
  int64_t answer = 0;
  const double cpu_before = cpu_seconds();
  for (int64_t i = 0; i < repeats; ++i) {
    const auto begin = SteadyClock::now();
    const Result<int64_t> result = question(i);
    millis.push_back(seconds_since(begin) * 1e3);
    if (!result) return report(result.error());
    answer = *result;
  }
  const double cpu = (cpu_seconds() - cpu_before) * 1e3 / static_cast<double>(repeats);
  std::sort(millis.begin(), millis.end());
  std::printf("%-44s p50 %7.3f ms  p99 %7.3f ms  CPU %7.3f ms  (%lld)\n", name.c_str(),
              millis[millis.size() / 2], millis[millis.size() * 99 / 100], cpu,
              static_cast<long long>(answer));
  return true;
}

std::vector<std::pair<std::string, StudyQuery>> questions() {
  std::vector<std::pair<std::string, StudyQuery>> all;
  const auto add = [&all](const std::string& name, const std::function<void(StudyQuery&)>& change) {
    StudyQuery query;
    change(query);
    all.emplace_back(name, query);
  };
  add("newest 20", [](StudyQuery&) {});
  add("newest 500", [](StudyQuery& query) { query.page_size = 500; });
  add("by study date", [](StudyQuery& query) { query.ordering = StudyOrdering::study_date; });
  add("by name", [](StudyQuery& query) {
    query.ordering = StudyOrdering::patient_name;
    query.direction = SortDirection::ascending;
  });
  add("modality CT (a fifth)", [](StudyQuery& query) { query.modality = "CT"; });
  add("modality PT by date", [](StudyQuery& query) {
    query.modality = "PT";
    query.ordering = StudyOrdering::study_date;
  });
  add("a day",
      [](StudyQuery& query) { query.study_date_from = query.study_date_to = "2019-03-04"; });
  add("a year", [](StudyQuery& query) {
    query.study_date_from = "2016-01-01";
    query.study_date_to = "2016-12-31";
  });
  add("a month and CT", [](StudyQuery& query) {
    query.study_date_from = "2018-05-01";
    query.study_date_to = "2018-05-31";
    query.modality = "CT";
  });
  add("a year and CT", [](StudyQuery& query) {
    query.study_date_from = "2016-01-01";
    query.study_date_to = "2016-12-31";
    query.modality = "CT";
  });
  add("name 'garcia17'", [](StudyQuery& query) { query.patient_name = "garcia17"; });
  add("name 'smith' (one in 27)", [](StudyQuery& query) { query.patient_name = "smith"; });
  add("name 'smith anna'", [](StudyQuery& query) { query.patient_name = "smith anna"; });
  add("name 'li' (two letters)", [](StudyQuery& query) { query.patient_name = "li"; });
  add("search 'ACC1050000'", [](StudyQuery& query) { query.search = "ACC1050000"; });
  add("search 'brain' (one in 6)", [](StudyQuery& query) { query.search = "brain"; });
  add("search 'acc1' (all)", [](StudyQuery& query) { query.search = "acc1"; });
  add("search without a match", [](StudyQuery& query) { query.search = "zzzzz"; });
  return all;
}

bool measure_studies(Database& database, int64_t repeats) {
  const Studies studies(database);
  for (const auto& [name, query] : questions()) {
    const StudyQuery& asked = query;
    if (!measure(name, repeats, [&](int64_t) -> Result<int64_t> {
          return PACS_TRY(studies.list(Scopes::everything(), asked)).count;
        })) {
      return false;
    }
  }
  StudyQuery next_page;
  return measure("the next page, 1000 pages deep", repeats,
                 [&](int64_t) -> Result<int64_t> {
                   auto page = PACS_TRY(studies.list(Scopes::everything(), next_page));
                   next_page.after = page.next;
                   return page.count;
                 }) &&
         measure("find by id", repeats, [&](int64_t i) -> Result<int64_t> {
           const auto study = PACS_TRY(studies.find(Scopes::everything(), i * 7919 % 100'000 + 1));
           return study ? study->image_count : 0;
         });
}

bool measure_images(Database& database, int64_t repeats) {
  const Images images(database);
  return measure("images of a study", repeats,
                 [&](int64_t i) -> Result<int64_t> {
                   const ImageQuery query{.study_id = i * 7919 % 100'000 + 1};
                   const auto page = PACS_TRY(images.list(Scopes::everything(), query));
                   return static_cast<int64_t>(page.images.size());
                 }) &&
         measure("image by id, then by key", repeats,
                 [&](int64_t i) -> Result<int64_t> {
                   const auto found =
                       PACS_TRY(images.find(Scopes::everything(), i * 7919 % 1'000'000 + 1));
                   if (!found) return 0;
                   return PACS_TRY(images.find(Scopes::everything(), found->attributes.key))->id;
                 }) &&
         measure("metadata of a series", repeats, [&](int64_t i) -> Result<int64_t> {
           return static_cast<int64_t>(
               PACS_TRY(images.metadata_of_series(Scopes::everything(), i * 7919 % 100'000 + 1))
                   .size());
         });
}

bool measure_reads(const std::string& path, int64_t repeats) {
  if (!measure("open and close", std::min<int64_t>(repeats, 20), [&](int64_t) -> Result<int64_t> {
        const auto database = PACS_TRY(Database::open(path, {}));
        return 0;
      })) {
    return false;
  }
  auto database = Database::open(path, {});
  if (!database) return report(database.error());
  return measure_studies(**database, repeats) && measure_images(**database, repeats);
}

}  // namespace
}  // namespace pacs::bench

int main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[1] : "";
  const auto number = argc > 3 ? pacs::parse_unsigned(argv[3]) : std::nullopt;
  constexpr uint64_t kSeconds = 3;
  constexpr uint64_t kRepeats = 200;
  if (what == "commit") {
    return pacs::bench::measure_commits(argv[2], static_cast<double>(number.value_or(kSeconds)))
               ? 0
               : 1;
  }
  if (what == "read") {
    return pacs::bench::measure_reads(argv[2], static_cast<int64_t>(number.value_or(kRepeats))) ? 0
                                                                                                : 1;
  }
  std::fputs("usage: measure_index commit FOLDER [SECONDS] | read INDEX.db [REPEATS]\n", stderr);
  return 2;
}
