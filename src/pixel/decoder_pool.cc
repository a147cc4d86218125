#include "pixel/decoder_pool.h"

#include <utility>

#include "core/log.h"
#include "pixel/in_process_decoder.h"

namespace pacs::pixel {
namespace {

Counter& outcome_counter(Metrics& metrics, const char* outcome) {
  return metrics.counter("pacs_lite_decoded_frames_total",
                         "Frames that decoder processes were asked for, by what came of them.",
                         {{"outcome", outcome}});
}

}  // namespace

DecoderPool::DecoderPool(DecoderPoolOptions options, Metrics& metrics)
    : options_(std::move(options)),
      gate_(options_.processes_max, options_.waiting_max),
      decoded_total_(outcome_counter(metrics, "decoded")),
      refused_total_(outcome_counter(metrics, "refused")),
      crashed_total_(outcome_counter(metrics, "crashed")),
      timed_out_total_(outcome_counter(metrics, "timed_out")),
      seconds_(metrics.latency("pacs_lite_decode_seconds",
                               "Time that a decoder process took for a frame.")) {}

Result<Frame> DecoderPool::decode(std::string_view transfer_syntax_uid, const PixelFormat& stated,
                                  Bytes stored) {
  if (is_decoded_by_own_code(transfer_syntax_uid) || !can_decode(transfer_syntax_uid)) {
    return InProcessDecoder().decode(transfer_syntax_uid, stated, stored);
  }
  return ask_process(transfer_syntax_uid, stated, stored);
}

Result<Frame> DecoderPool::decode_given(std::string_view transfer_syntax_uid,
                                        const PixelFormat& stated, ByteVector stored) {
  if (is_decoded_by_own_code(transfer_syntax_uid)) {
    return InProcessDecoder().decode_given(transfer_syntax_uid, stated, std::move(stored));
  }
  return decode(transfer_syntax_uid, stated, stored);
}

Result<Frame> DecoderPool::convert_colours(const PixelFormat& format, Bytes request) {
  return ask_process({}, format, request);
}

Result<Frame> DecoderPool::ask_process(std::string_view transfer_syntax_uid,
                                       const PixelFormat& stated, Bytes stored) {
  const Gate::Pass pass = PACS_TRY(gate_.enter(options_.wait_max));
  std::unique_ptr<DecoderProcess> process = PACS_TRY(take_process());
  const auto begin = std::chrono::steady_clock::now();
  DecodeOutcome outcome = DecodeOutcome::crashed;
  auto frame = process->decode(transfer_syntax_uid, stated, stored, outcome);
  seconds_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  count(outcome);
  if (outcome == DecodeOutcome::timed_out) {
    log_warning("decoder_too_slow", {{"seconds", uint64_t{options_.limits.seconds}},
                                     {"transfer_syntax", transfer_syntax_uid}});
  }
  // One that crashed or lost its way ends here.
  if (outcome == DecodeOutcome::frame || outcome == DecodeOutcome::refused) {
    give_back(std::move(process));
  }
  return frame;
}

Result<std::unique_ptr<DecoderProcess>> DecoderPool::take_process() {
  {
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
      std::unique_ptr<DecoderProcess> process = std::move(idle_.back());
      idle_.pop_back();
      if (process->is_alive()) return process;
    }
  }
  return DecoderProcess::start(options_.command, options_.limits);
}

void DecoderPool::give_back(std::unique_ptr<DecoderProcess> process) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(process));
}

void DecoderPool::count(DecodeOutcome outcome) {
  switch (outcome) {
    case DecodeOutcome::frame:
      return decoded_total_.add();
    case DecodeOutcome::refused:
      return refused_total_.add();
    case DecodeOutcome::crashed:
      return crashed_total_.add();
    case DecodeOutcome::timed_out:
      return timed_out_total_.add();
  }
}

}  // namespace pacs::pixel
