// The floor that an upload is measured against: the least that a durable store of a file in the
// archive's layout can do, without network, HTTP or DICOM. Each thread makes the folders, hashes,
// writes and fsyncs a file, publishes it without overwriting, fsyncs the folders and commits a row
// (SQLite, WAL, synchronous=FULL); one after the other.
//
//   bare_ingest FOLDER THREADS FILES
// prints: files per second, seconds.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/ct_slice.h"
#include "core/crypto.h"

namespace {

constexpr unsigned kImagesPerSeries = 100;  // as the load driver

void require(bool holds, const char* what) {
  if (holds) return;
  std::perror(what);
  std::exit(1);
}

void sync_folder(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  require(folder >= 0 && ::fsync(folder) == 0, "fsync of a folder");
  ::close(folder);
}

void make_folder(const std::string& path) {
  require(::mkdir(path.c_str(), 02750) == 0 || errno == EEXIST, "mkdir");
}

class Rows {
 public:
  explicit Rows(const std::string& path) {
    require(sqlite3_open(path.c_str(), &database_) == SQLITE_OK, "sqlite3_open");
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run("CREATE TABLE images(id INTEGER PRIMARY KEY, uid TEXT UNIQUE, key TEXT, sha256 TEXT)");
    require(sqlite3_prepare_v2(database_, "INSERT INTO images(uid,key,sha256) VALUES(?,?,?)", -1,
                               &insert_, nullptr) == SQLITE_OK,
            "sqlite3_prepare");
  }
  ~Rows() {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }

  void add(const std::string& uid, const std::string& key, const std::string& sha256) {
    const std::lock_guard lock(mutex_);
    int column = 0;
    for (const std::string* text : {&uid, &key, &sha256}) {
      sqlite3_bind_text(insert_, ++column, text->data(), static_cast<int>(text->size()),
                        SQLITE_STATIC);
    }
    require(sqlite3_step(insert_) == SQLITE_DONE, "sqlite3_step");
    sqlite3_reset(insert_);
  }

 private:
  void run(const char* sql) {
    require(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK, sql);
  }
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  std::mutex mutex_;
};

void store(const std::string& root, const pacs::bench::CtSlice& slice, Rows& rows) {
  const std::string study = root + "/radiology/" + slice.study_uid();
  const std::string series = study + "/" + slice.series_uid();
  const std::string image = series + "/" + slice.image_uid();
  const std::string staged = root + "/staging/" + slice.image_uid();
  const bool new_study = ::mkdir(study.c_str(), 02750) == 0;
  make_folder(series);
  make_folder(image);
  const std::string sha256 = pacs::sha256(pacs::as_bytes(slice.bytes())).hex();
  const int file = ::open(staged.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0440);
  require(file >= 0, "open");
  require(::write(file, slice.bytes().data(), slice.bytes().size()) ==
              static_cast<ssize_t>(slice.bytes().size()),
          "write");
  require(::fsync(file) == 0, "fsync");
  ::close(file);
  const std::string published = image + "/" + slice.image_uid() + ".dcm";
  require(::link(staged.c_str(), published.c_str()) == 0, "link");
  require(::unlink(staged.c_str()) == 0, "unlink");
  sync_folder(image);
  sync_folder(series);
  if (new_study) {
    sync_folder(study);
    sync_folder(root + "/radiology");
  }
  rows.add(slice.image_uid(), published.substr(root.size() + 1), sha256);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: bare_ingest FOLDER THREADS FILES\n");
    return 2;
  }
  const std::string root = argv[1];
  const unsigned threads = static_cast<unsigned>(std::atoi(argv[2]));
  const unsigned files = static_cast<unsigned>(std::atoi(argv[3]));
  std::filesystem::create_directories(root + "/radiology");
  std::filesystem::create_directories(root + "/staging");
  Rows rows(root + "/index.db");

  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> workers;
  for (unsigned worker = 0; worker < threads; ++worker) {
    workers.emplace_back([&, worker] {
      pacs::bench::CtSlice slice;
      for (unsigned i = 0; i < files / threads; ++i) {
        slice.number(worker, i / kImagesPerSeries, i);
        store(root, slice, rows);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%.1f %.3f\n", files / threads * threads / seconds, seconds);
  return 0;
}
