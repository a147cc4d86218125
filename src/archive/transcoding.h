// Stored frames in other transfer syntaxes than the stored one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "archive/frame_gate.h"
#include "archive/made_instance.h"
#include "archive/stored_frames.h"
#include "archive/transcoded_copies.h"
#include "core/result.h"
#include "pixel/frame_encoder.h"

namespace pacs::archive {

// As far as transfer syntaxes tell: an image may still be one that `wanted` cannot hold. Never to
// implicit VR or big endian, which are not for the web (PS3.18 8.7.3.4).
[[nodiscard]] bool can_transcode(std::string_view stored_syntax, std::string_view wanted_syntax);

// Any thread. Encoding goes through a gate, as decoding does: unavailable/busy.
class TranscodingService {
 public:
  // All outlive it. `copies`, where there are any, are looked into before anything is encoded.
  TranscodingService(RetrieveService& retrieve, pixel::FrameDecoder& decoder, FrameGate& gate,
                     TranscodedCopies* copies = nullptr);

  // Errors: those of StoredFrames::open().
  [[nodiscard]] Result<std::unique_ptr<StoredFrames>> open(
      index::ImageRecord record, std::optional<dicom::FrameTable> table = std::nullopt);

  // With the format that a data set around it has to state. Errors: those of StoredFrames::decode()
  // and encode_frame().
  [[nodiscard]] Result<pixel::EncodedFrame> frame(const StoredFrames& frames, size_t index,
                                                  std::string_view wanted_syntax);

  // Encoded now, and decoded again: for what is kept. Besides: unsupported/encoding when what comes
  // back is not, byte for byte, what the stored frame holds.
  [[nodiscard]] Result<pixel::EncodedFrame> proven_frame(const StoredFrames& frames, size_t index,
                                                         std::string_view wanted_syntax);

  // For who reads it beside the stored data set: native colours are of the colour space that is
  // stated there, where a codec stored another one.
  [[nodiscard]] Result<ByteVector> frame_alone(const StoredFrames& frames, size_t index,
                                               std::string_view wanted_syntax);

  // The whole instance, the same but for its pixels and what describes them. A transfer syntax that
  // loses information is told in Lossy Image Compression and its ratio and method (PS3.3
  // C.7.6.1.1.5); SOP Instance UID stays, since nothing is stored. Frames are encoded twice where
  // they are too large to be kept: once for their sizes, once to be sent. Errors: those of frame()
  // and FileWriter; all frames are looked at before anything is written.
  [[nodiscard]] Result<std::unique_ptr<MadeInstance>> instance(index::ImageRecord record,
                                                               std::string_view wanted_syntax);

 private:
  RetrieveService& retrieve_;
  pixel::FrameDecoder& decoder_;
  FrameGate& gate_;
  TranscodedCopies* const copies_;
};

}  // namespace pacs::archive
