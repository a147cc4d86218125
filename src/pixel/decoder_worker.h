// The other side of a DecoderPool: a process that decodes one frame after the other and can do
// nothing else to anybody.
#pragma once

#include <cstdint>

#include "pixel/frame_decoder.h"

namespace pacs::pixel {

struct DecoderLimits {
  uint64_t memory_bytes = uint64_t{2} << 30;  // of address space
  uint32_t seconds = 30;                      // for one frame
};

// Serves the descriptors of decoder_messages.h until the other side closes them. Takes the limits
// upon itself first: address space, no core dump, no new privileges, and an alarm around each frame
// that ends it when the server that would end it is gone. Returns the exit code of the process.
[[nodiscard]] int serve_decoder(FrameDecoder& decoder, const DecoderLimits& limits);

}  // namespace pacs::pixel
