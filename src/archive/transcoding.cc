#include "archive/transcoding.h"

#include <utility>

#include "archive/transcoded_instance.h"
#include "dicom/transfer_syntax.h"
#include "pixel/in_process_decoder.h"

namespace pacs::archive {

bool can_transcode(std::string_view stored_syntax, std::string_view wanted_syntax) {
  return wanted_syntax != dicom::kImplicitVrLittleEndian && pixel::can_decode(stored_syntax) &&
         pixel::can_encode(wanted_syntax);
}

TranscodingService::TranscodingService(RetrieveService& retrieve, pixel::FrameDecoder& decoder,
                                       FrameGate& gate, TranscodedCopies* copies)
    : retrieve_(retrieve), decoder_(decoder), gate_(gate), copies_(copies) {}

Result<std::unique_ptr<StoredFrames>> TranscodingService::open(
    index::ImageRecord record, std::optional<dicom::FrameTable> table) {
  return StoredFrames::open(retrieve_, decoder_, std::move(record), std::move(table));
}

Result<pixel::EncodedFrame> TranscodingService::frame(const StoredFrames& frames, size_t index,
                                                      std::string_view wanted_syntax) {
  if (copies_ != nullptr) {
    auto kept = copies_->find_frame(frames.record(), wanted_syntax, index);
    if (kept) return std::move(*kept);
  }
  const Gate::Pass pass = PACS_TRY(gate_.enter());
  const pixel::Frame frame = PACS_TRY(frames.decode(index));
  return pixel::encode_frame(wanted_syntax, frame);
}

Result<pixel::EncodedFrame> TranscodingService::proven_frame(const StoredFrames& frames,
                                                             size_t index,
                                                             std::string_view wanted_syntax) {
  const Gate::Pass pass = PACS_TRY(gate_.enter());
  const pixel::Frame frame = PACS_TRY(frames.decode(index));
  auto encoded = PACS_TRY(pixel::encode_frame(wanted_syntax, frame));
  const pixel::Frame whole = PACS_TRY(pixel::with_whole_pixels(frame));
  const pixel::Frame again =
      PACS_TRY(decoder_.decode(wanted_syntax, encoded.format, encoded.bytes));
  if (again.bytes != whole.bytes) {
    return unsupported("encoding", "frame " + std::to_string(index + 1) +
                                       " does not come back as it is stored: it has bits that the "
                                       "transfer syntax cannot hold");
  }
  return encoded;
}

Result<ByteVector> TranscodingService::frame_alone(const StoredFrames& frames, size_t index,
                                                   std::string_view wanted_syntax) {
  if (wanted_syntax != dicom::kExplicitVrLittleEndian) {
    return std::move(PACS_TRY(frame(frames, index, wanted_syntax)).bytes);
  }
  const Gate::Pass pass = PACS_TRY(gate_.enter());
  pixel::Frame frame = PACS_TRY(frames.decode(index));
  if (frames.format().photometric_interpretation == "RGB" &&
      frame.format.photometric_interpretation == "YBR_FULL") {
    frame = PACS_TRY(pixel::as_rgb(std::move(frame)));
  }
  return std::move(frame.bytes);
}

Result<std::unique_ptr<MadeInstance>> TranscodingService::instance(index::ImageRecord record,
                                                                   std::string_view wanted_syntax) {
  auto frames = PACS_TRY(open(std::move(record)));
  auto made =
      PACS_TRY(TranscodedInstance::open(*this, std::move(frames), std::string(wanted_syntax)));
  return std::unique_ptr<MadeInstance>(std::move(made));
}

}  // namespace pacs::archive
