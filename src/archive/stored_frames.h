// The frames of a stored instance as numbers, in whatever encoding it is stored.
#pragma once

#include <memory>
#include <optional>

#include "archive/retrieve.h"
#include "archive/staged_access.h"
#include "core/result.h"
#include "dicom/frame_table.h"
#include "dicom/header_reader.h"
#include "dicom/inflated_file.h"
#include "pixel/frame_decoder.h"

namespace pacs::archive {

// One thread at a time.
class StoredFrames {
 public:
  // `decoder` and `retrieve` outlive this. `table` is that of the index, where there is one; a
  // deflated data set is inflated to find its frames. Errors: those of RetrieveService::open(),
  // read_header() and PixelFormat::of(); not_found/no_such_frame without frames;
  // unsupported/transfer_syntax for what nothing here decodes.
  [[nodiscard]] static Result<std::unique_ptr<StoredFrames>> open(
      RetrieveService& retrieve, pixel::FrameDecoder& decoder, index::ImageRecord record,
      std::optional<dicom::FrameTable> table);

  [[nodiscard]] size_t count() const { return table_.frame_count(); }
  [[nodiscard]] const index::ImageRecord& record() const { return image_.record; }
  // As the data set states it.
  [[nodiscard]] const pixel::PixelFormat& format() const { return format_; }
  [[nodiscard]] const dicom::Header& header() const { return header_; }
  // Of which header() tells the places.
  [[nodiscard]] const dicom::RandomAccess& bytes() const;

  // `index` counts from 0 and is below count(). Errors: unsupported/undecodable_frame, with the
  // reason why, for a frame whose bytes are no picture or want too much memory or
  // time; unavailable/busy; those of reading.
  [[nodiscard]] Result<pixel::Frame> decode(size_t index) const;

 private:
  StoredFrames(pixel::FrameDecoder& decoder, OpenedImage image)
      : decoder_(decoder), image_(std::move(image)) {}
  Result<void> read(std::optional<dicom::FrameTable> table);
  [[nodiscard]] Result<ByteVector> read_frame(const dicom::FrameTable::Frame& frame) const;

  pixel::FrameDecoder& decoder_;
  OpenedImage image_;
  BlobAccess file_{*image_.blob};
  std::unique_ptr<dicom::InflatedFile> inflated_;
  dicom::Header header_;
  dicom::FrameTable table_;
  pixel::PixelFormat format_;
  std::string transfer_syntax_;  // of the frames
};

}  // namespace pacs::archive
