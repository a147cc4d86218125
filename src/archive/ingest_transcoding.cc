#include "archive/ingest_transcoding.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include <sys/resource.h>

#include "archive/room.h"
#include "core/json_value.h"
#include "core/json_writer.h"
#include "core/log.h"
#include "dicom/transfer_syntax.h"

namespace pacs::archive {
namespace {

constexpr std::string_view kTranscodeWalk = "transcode";
constexpr std::chrono::seconds kTranscodeTick{1};
// Numbers of images are given out before their rows are there: what was passed by then is found by
// looking back.
constexpr std::chrono::minutes kLookBackEvery{1};
constexpr size_t kTranscodedAtOnce = 64;
constexpr size_t kSweptAtOnce = 500;
constexpr size_t kRefusedKept = 100'000;
constexpr int kTranscodeNiceness = 19;
constexpr int kWaitsMax = 60;  // for one image, a tick each

Error told_to_stop() { return unavailable("stopped", "the work was told to stop"); }

}  // namespace

bool is_to_be_transcoded(std::string_view stored_syntax, std::string_view target,
                         TranscodeFrom from) {
  const dicom::TransferSyntax* const stored = dicom::find_transfer_syntax(stored_syntax);
  if (stored == nullptr || stored->may_be_lossy || stored_syntax == target) return false;
  if (stored->codec != dicom::PixelCodec::native && from == TranscodeFrom::uncompressed) {
    return false;
  }
  return can_transcode(stored_syntax, target);
}

IngestTranscoding::IngestTranscoding(const IngestTranscodingParts& parts,
                                     index::Scope archive_scope, TranscodeFrom from,
                                     uint64_t bytes_free_min)
    : parts_(parts),
      archive_scope_(std::move(archive_scope)),
      from_(from),
      bytes_free_min_(bytes_free_min),
      images_(parts.database),
      walk_(parts.database),
      made_total_(parts.metrics.counter("pacs_lite_transcoded_copies_total",
                                        "Images transcoded behind their ingest, by outcome",
                                        {{"outcome", "made"}})),
      refused_total_(parts.metrics.counter("pacs_lite_transcoded_copies_total",
                                           "Images transcoded behind their ingest, by outcome",
                                           {{"outcome", "refused"}})),
      bytes_gauge_(parts.metrics.gauge("pacs_lite_transcoded_copies_bytes",
                                       "Size of the transcoded copies that are kept")),
      looked_back_(parts.clock.monotonic()) {
  for (const int64_t id : parts_.copies.cut_images()) refused_.insert(id);
  thread_ = std::thread([this] { run(); });
}

IngestTranscoding::~IngestTranscoding() {
  {
    const std::lock_guard lock(mutex_);
    must_end_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool IngestTranscoding::must_end() {
  const std::lock_guard lock(mutex_);
  return must_end_;
}

void IngestTranscoding::run() {
  // Of this thread alone.
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, kTranscodeNiceness));
  bool has_begun = false;
  while (!must_end()) {
    Result<Outcome> outcome = Outcome::later;
    if (!has_begun) {
      const Result<void> begun = begin();
      has_begun = static_cast<bool>(begun);
      if (!begun) outcome = begun.error();
    }
    if (has_begun) outcome = work();
    if (!outcome) log_warning("transcoding_waits", {{"error", to_string(outcome.error())}});
    bytes_gauge_.set(static_cast<double>(parts_.copies.size_bytes()));
    if (outcome && *outcome == Outcome::done) continue;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kTranscodeTick, [this] { return must_end_; });
  }
}

Result<void> IngestTranscoding::begin() {
  const auto kept = PACS_TRY(walk_.progress(kTranscodeWalk));
  const auto json = kept ? JsonValue::parse(*kept) : Result<JsonValue>(not_found("none", "none"));
  const JsonValue* const since = json ? json->find("since") : nullptr;
  const JsonValue* const after = json ? json->find("after") : nullptr;
  if (since != nullptr && after != nullptr && since->as_int64() && after->as_int64()) {
    since_ = *since->as_int64();
    after_ = *after->as_int64();
    back_to_ = next_back_ = kept_after_ = after_;
    return {};
  }
  since_ = parts_.clock.now();
  kept_after_ = -1;
  return keep_position();
}

Result<void> IngestTranscoding::keep_position() {
  if (kept_after_ == back_to_) return {};
  JsonWriter json;
  json.begin_object();
  json.member("since", since_);
  json.member("after", back_to_);
  json.end_object();
  PACS_TRY(walk_.set_progress(kTranscodeWalk, json.take()));
  kept_after_ = back_to_;
  return {};
}

Result<IngestTranscoding::Outcome> IngestTranscoding::work() {
  PACS_TRY(sweep());
  const Outcome wanted = PACS_TRY(work_on_wanted());
  if (wanted == Outcome::stopped) return wanted;
  const auto now = parts_.clock.monotonic();
  if (now - looked_back_ >= kLookBackEvery) {
    looked_back_ = now;
    const int64_t reached = after_;
    after_ = back_to_;
    back_to_ = next_back_;
    next_back_ = reached;
    PACS_TRY(keep_position());
  }
  return work_on_new();
}

// What was asked for in vain.
Result<IngestTranscoding::Outcome> IngestTranscoding::work_on_wanted() {
  for (const int64_t id : parts_.copies.take_wanted()) {
    const auto record = PACS_TRY(images_.find(archive_scope_, id));
    if (record && look_at(*record) == Outcome::stopped) return Outcome::stopped;
  }
  return Outcome::done;
}

Result<IngestTranscoding::Outcome> IngestTranscoding::work_on_new() {
  const auto page = PACS_TRY(walk_.page(archive_scope_, after_, kTranscodedAtOnce));
  for (const index::ImageRecord& record : page) {
    if (must_end()) return Outcome::stopped;
    if (record.attributes.stored_at >= since_) {
      const Outcome outcome = look_at(record);
      if (outcome != Outcome::done) return outcome;
    }
    after_ = record.id;
  }
  return page.size() == kTranscodedAtOnce ? Outcome::done : Outcome::later;
}

IngestTranscoding::Outcome IngestTranscoding::look_at(const index::ImageRecord& record) {
  const std::string& target = parts_.copies.transfer_syntax();
  if (!record.attributes.rows ||  // no pixels
      !is_to_be_transcoded(record.attributes.transfer_syntax, target, from_) ||
      parts_.copies.has(record) || refused_.contains(record.id)) {
    return Outcome::done;
  }
  if (!has_room_for(record)) return Outcome::later;
  const Result<void> made = make_copy(record);
  if (made) {
    made_total_.add();
    return Outcome::done;
  }
  if (made.error().reason == "stopped") return Outcome::stopped;
  if (made.error().code == ErrorCode::unavailable && may_wait_for(record.id)) return Outcome::later;
  refused_total_.add();
  log_info(
      "not_transcoded",
      {{"image_id", record.id}, {"reason", made.error().reason}, {"why", made.error().detail}});
  if (refused_.size() >= kRefusedKept) refused_.clear();
  refused_.insert(record.id);
  return Outcome::done;
}

// One that is never to be had (a bucket that is gone) must not hold up all behind it.
bool IngestTranscoding::may_wait_for(int64_t image_id) {
  if (waited_for_ != image_id) waits_ = 0;
  waited_for_ = image_id;
  return ++waits_ <= kWaitsMax;
}

bool IngestTranscoding::has_room_for(const index::ImageRecord& record) const {
  std::error_code unknown;
  const auto space = std::filesystem::space(parts_.copies.folder(), unknown);
  const uint64_t mark = low_water_mark(bytes_free_min_, space.capacity);
  return !unknown && space.available >= mark + static_cast<uint64_t>(record.attributes.size_bytes);
}

Result<void> IngestTranscoding::make_copy(const index::ImageRecord& record) {
  const auto kept_table = PACS_TRY(images_.frame_table(archive_scope_, record.id));
  std::optional<dicom::FrameTable> table;
  if (kept_table) table = PACS_TRY(dicom::FrameTable::parse(*kept_table));
  const auto frames = PACS_TRY(parts_.transcoding.open(record, std::move(table)));
  auto writer = PACS_TRY(parts_.copies.write(record));
  for (size_t index = 0; index < frames->count(); ++index) {
    if (must_end()) return told_to_stop();
    PACS_TRY(writer.add(PACS_TRY(
        parts_.transcoding.proven_frame(*frames, index, parts_.copies.transfer_syntax()))));
  }
  return writer.finish();
}

// A few copies at a time: those of images that are removed go, wherever their removal has come to.
Result<void> IngestTranscoding::sweep() {
  const std::vector<int64_t> ids = parts_.copies.images_after(swept_to_, kSweptAtOnce);
  for (const int64_t id : ids) {
    const auto record = PACS_TRY(images_.find(archive_scope_, id));
    if (!record || !parts_.copies.has(*record)) parts_.copies.remove(id);
    swept_to_ = id;
  }
  if (ids.size() < kSweptAtOnce) swept_to_ = 0;
  return {};
}

}  // namespace pacs::archive
