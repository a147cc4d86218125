#include "cli/decode_frames.h"

#include <charconv>
#include <cstdint>
#include <string_view>

#include "cli/exit_codes.h"
#include "pixel/decoder_worker.h"
#include "pixel/in_process_decoder.h"

namespace pacs::cli {
namespace {

constexpr std::string_view kDecodeFrames = "decode-frames";

uint64_t whole_number(std::string_view text) {
  uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? number : 0;
}

}  // namespace

std::vector<std::string> decode_frames_command() {
  return {"/proc/self/exe", std::string(kDecodeFrames)};
}

bool is_decode_frames(int argument_count, const char* const* arguments) {
  return argument_count == 4 && arguments[1] == kDecodeFrames;
}

int run_decode_frames(const char* const* arguments) {
  pixel::DecoderLimits limits;
  limits.memory_bytes = whole_number(arguments[2]);
  limits.seconds = static_cast<uint32_t>(whole_number(arguments[3]));
  if (limits.memory_bytes == 0 || limits.seconds == 0) return static_cast<int>(ExitCode::usage);
  pixel::InProcessDecoder decoder;
  return pixel::serve_decoder(decoder, limits);
}

}  // namespace pacs::cli
