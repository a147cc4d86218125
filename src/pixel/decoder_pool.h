// Decodes frames of which anybody may have made the bytes: native ones and RLE here, everything
// else in processes that can be lost (docs/adr/0013-codecs-in-processes-of-their-own.md).
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/gate.h"
#include "core/metrics.h"
#include "pixel/decoder_process.h"
#include "pixel/frame_decoder.h"

namespace pacs::pixel {

struct DecoderPoolOptions {
  size_t processes_max = 2;
  DecoderLimits limits;
  // The program that serves a decoder, and its arguments.
  std::vector<std::string> command;
  // Who comes while as many frames are being decoded waits so long, and no more than so many wait.
  std::chrono::milliseconds wait_max{10'000};
  size_t waiting_max = 64;
};

// Any thread. Processes are started when they are first needed, and stay.
class DecoderPool final : public FrameDecoder {
 public:
  DecoderPool(DecoderPoolOptions options, Metrics& metrics);

  // Beside the errors of FrameDecoder: unavailable/busy when all processes stay occupied, and those
  // of starting one. A process that crashes or takes too long costs this one frame.
  [[nodiscard]] Result<Frame> decode(std::string_view transfer_syntax_uid,
                                     const PixelFormat& stated, Bytes stored) override;
  [[nodiscard]] Result<Frame> decode_given(std::string_view transfer_syntax_uid,
                                           const PixelFormat& stated, ByteVector stored) override;
  [[nodiscard]] Result<Frame> convert_colours(const PixelFormat& format, Bytes request) override;

 private:
  [[nodiscard]] Result<Frame> ask_process(std::string_view transfer_syntax_uid,
                                          const PixelFormat& stated, Bytes stored);
  [[nodiscard]] Result<std::unique_ptr<DecoderProcess>> take_process();
  void give_back(std::unique_ptr<DecoderProcess> process);
  void count(DecodeOutcome outcome);

  const DecoderPoolOptions options_;
  Gate gate_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<DecoderProcess>> idle_;  // guarded by mutex_
  Counter& decoded_total_;
  Counter& refused_total_;
  Counter& crashed_total_;
  Counter& timed_out_total_;
  Histogram& seconds_;
};

}  // namespace pacs::pixel
