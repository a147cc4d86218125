#include "archive/pace.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace pacs::archive {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kHashBufferBytes = 64 * 1024;  // stays in the processor's cache while it is hashed
// How much is done before readers are looked for, and how long they are then waited for: with
// readers all the time some 10 MB a second are still done, so that a pass comes to its end.
constexpr uint64_t kTurnBytes = uint64_t{1} << 20;
constexpr milliseconds kReadersWaitMax{100};
constexpr milliseconds kSlice{5};      // of waiting, after which the reasons are looked at again
constexpr milliseconds kBurstMax{50};  // of work that is made up for after a wait

constexpr std::string_view kStopped = "stopped";

}  // namespace

Pace::Pace(uint64_t bytes_per_second_max, const Clock& clock, const Readings& readings,
           std::function<bool()> must_stop)
    : bytes_per_second_max_(bytes_per_second_max),
      clock_(clock),
      readings_(readings),
      must_stop_(std::move(must_stop)),
      due_(clock.monotonic()) {}

Result<void> Pace::wait_for(steady_clock::duration time) {
  const auto end = steady_clock::now() + time;
  while (steady_clock::now() < end) {
    if (must_stop_()) break;
    std::this_thread::sleep_for(std::min<steady_clock::duration>(kSlice, time));
  }
  if (must_stop_()) return unavailable(std::string(kStopped), "the work was told to stop");
  return {};
}

Result<void> Pace::let_readers_pass() {
  const auto end = steady_clock::now() + kReadersWaitMax;
  while (readings_.count() > 0 && steady_clock::now() < end) PACS_TRY(wait_for(kSlice));
  return {};
}

Result<void> Pace::spend(uint64_t bytes) {
  spent_bytes_ += bytes;
  const std::lock_guard lock(mutex_);
  turn_bytes_ += bytes;
  if (turn_bytes_ >= kTurnBytes) {
    turn_bytes_ = 0;
    PACS_TRY(let_readers_pass());
  }
  if (bytes_per_second_max_ == kNoLimit) return wait_for({});
  const auto now = clock_.monotonic();
  due_ = std::max(due_, now - kBurstMax) +
         std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(
             static_cast<double>(bytes) / static_cast<double>(bytes_per_second_max_)));
  return wait_for(std::max(due_ - now, steady_clock::duration::zero()));
}

Result<Sha256Digest> Pace::hash_of(storage::BlobReader& blob) {
  Sha256 hash;
  ByteVector buffer(kHashBufferBytes);
  for (uint64_t offset = 0;;) {
    const size_t count = PACS_TRY(blob.read_at(offset, buffer));
    if (count == 0) return hash.finish();
    hash.update(Bytes(buffer).first(count));
    offset += count;
    PACS_TRY(spend(count));
  }
}

bool is_stop(const Error& error) {
  return error.code == ErrorCode::unavailable && error.reason == kStopped;
}

}  // namespace pacs::archive
