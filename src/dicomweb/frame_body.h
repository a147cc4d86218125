// The bytes of one frame of a stored instance, in the stored encoding.
#pragma once

#include <cstdint>

#include "archive/retrieve.h"
#include "dicom/frame_table.h"
#include "http/ranged_body.h"

namespace pacs::dicomweb {

// Frames of one bit a pixel may begin within a byte (PS3.5 8.1.1): such a frame is moved to begin
// with the low end of its first byte, and what is behind its last bit is zero.
class FrameBody final : public http::RangedBody {
 public:
  // Both outlive this.
  FrameBody(archive::RetrieveService& retrieve, archive::OpenedImage& image,
            dicom::FrameTable::Frame frame);

  [[nodiscard]] uint64_t size() const override { return size_bytes_; }
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override;

 private:
  Result<void> write_pieces(ByteSink& sink, uint64_t offset, uint64_t length);
  Result<void> write_moved(ByteSink& sink, uint64_t offset, uint64_t length);

  archive::RetrieveService& retrieve_;
  archive::OpenedImage& image_;
  const dicom::FrameTable::Frame frame_;
  const uint64_t size_bytes_;
};

}  // namespace pacs::dicomweb
