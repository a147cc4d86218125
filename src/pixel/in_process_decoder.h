// All codecs, in the process that asks. The libraries of those that are not ours have had holes:
// bytes that anybody may have sent are given to them in a process of their own (decoder_pool.h).
#pragma once

#include "pixel/frame_decoder.h"

namespace pacs::pixel {

class InProcessDecoder final : public FrameDecoder {
 public:
  [[nodiscard]] Result<Frame> decode(std::string_view transfer_syntax_uid,
                                     const PixelFormat& stated, Bytes stored) override;
  [[nodiscard]] Result<Frame> decode_given(std::string_view transfer_syntax_uid,
                                           const PixelFormat& stated, ByteVector stored) override;
  [[nodiscard]] Result<Frame> convert_colours(const PixelFormat& format, Bytes request) override;
};

// Native pixels and RLE are decoded by code of this module, which is safe where it stands.
[[nodiscard]] bool is_decoded_by_own_code(std::string_view transfer_syntax_uid);
// Is there a decoder at all.
[[nodiscard]] bool can_decode(std::string_view transfer_syntax_uid);

}  // namespace pacs::pixel
