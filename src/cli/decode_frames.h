// `pacs-lite decode-frames BYTES SECONDS`: what the server runs for itself to decode pixels
// (pixel/decoder_pool.h). Nobody else calls it, so no help lists it.
#pragma once

#include <string>
#include <vector>

namespace pacs::cli {

// The program and its first argument, for DecoderPoolOptions.
[[nodiscard]] std::vector<std::string> decode_frames_command();

[[nodiscard]] bool is_decode_frames(int argument_count, const char* const* arguments);
// Before anything else of the program has begun. Returns its exit code.
[[nodiscard]] int run_decode_frames(const char* const* arguments);

}  // namespace pacs::cli
