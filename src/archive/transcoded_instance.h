// An instance in another transfer syntax, made while it is sent.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/transcoding.h"
#include "dicom/file_writer.h"

namespace pacs::archive {

// Encoded frames of one instance that are kept between counting and sending them.
inline constexpr uint64_t kEncodedBytesKept = uint64_t{64} << 20;

// One thread at a time.
class TranscodedInstance final : public MadeInstance {
 public:
  // As TranscodingService::instance(), which outlives it.
  [[nodiscard]] static Result<std::unique_ptr<TranscodedInstance>> open(
      TranscodingService& transcoding, std::unique_ptr<StoredFrames> frames,
      std::string transfer_syntax);

  [[nodiscard]] const std::string& transfer_syntax() const override { return transfer_syntax_; }
  [[nodiscard]] uint64_t size_bytes() const override { return writer_->size_bytes(); }
  Result<void> write(ByteSink& sink) override { return writer_->write(sink); }

 private:
  TranscodedInstance(TranscodingService& transcoding, std::unique_ptr<StoredFrames> frames,
                     std::string transfer_syntax)
      : transcoding_(transcoding),
        frames_(std::move(frames)),
        transfer_syntax_(std::move(transfer_syntax)) {}
  Result<void> measure_frames();
  Result<void> describe();
  Result<void> write_frame(size_t index, ByteSink& sink);

  TranscodingService& transcoding_;
  std::unique_ptr<StoredFrames> frames_;
  std::string transfer_syntax_;
  pixel::PixelFormat format_;     // of all frames as they are sent
  std::vector<ByteVector> kept_;  // empty where a frame is encoded again
  dicom::FramesToWrite to_write_;
  dicom::DataSet replacements_;
  std::optional<dicom::FileWriter> writer_;
};

}  // namespace pacs::archive
