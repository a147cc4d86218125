// One decoder process, seen from the server.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "core/file.h"
#include "pixel/decoder_worker.h"
#include "pixel/frame.h"

namespace pacs::pixel {

// How a request ended, for who counts.
enum class DecodeOutcome { frame, refused, crashed, timed_out };

// One thread at a time.
class DecoderProcess {
 public:
  // Runs `command` (the program and its arguments, the limits in bytes and seconds behind them)
  // with the descriptors of decoder_messages.h, an empty environment and nothing else of this
  // process.
  [[nodiscard]] static Result<std::unique_ptr<DecoderProcess>> start(
      const std::vector<std::string>& command, const DecoderLimits& limits);
  // Ends the process.
  ~DecoderProcess();
  DecoderProcess(const DecoderProcess&) = delete;
  DecoderProcess& operator=(const DecoderProcess&) = delete;

  // As FrameDecoder::decode. After `crashed` and `timed_out` the process is gone.
  [[nodiscard]] Result<Frame> decode(std::string_view transfer_syntax_uid,
                                     const PixelFormat& stated, Bytes stored,
                                     DecodeOutcome& outcome);

  // False when it has ended by itself, or was ended from outside.
  [[nodiscard]] bool is_alive();
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  DecoderProcess(const DecoderLimits& limits) : limits_(limits) {}
  [[nodiscard]] Result<void> send(std::string_view transfer_syntax_uid, const PixelFormat& stated,
                                  Bytes stored);
  [[nodiscard]] Result<Frame> receive(const PixelFormat& stated, DecodeOutcome& outcome);
  [[nodiscard]] Error end_after_crash();

  DecoderLimits limits_;
  pid_t pid_ = -1;
  UniqueFd request_writer_;
  // Kept open, so that writing to a process that has ended is no SIGPIPE.
  UniqueFd request_reader_;
  UniqueFd answer_reader_;
  UniqueFd stored_bytes_;
  UniqueFd frame_bytes_;
};

}  // namespace pacs::pixel
