// A JPEG, PNG or PDF as the DICOM file that it would be, made while it is sent. The stored bytes
// stay what they are.
#pragma once

#include <memory>

#include "archive/made_instance.h"
#include "archive/picture_data_set.h"
#include "archive/staged_access.h"
#include "dicom/file_writer.h"

namespace pacs::archive {

// Is the image one of these, and no DICOM instance?
[[nodiscard]] bool is_picture(const index::ImageRecord& image);

// One thread at a time.
class PictureInstance final : public MadeInstance {
 public:
  // Errors: those of RetrieveService::open() and describe_as_dicom().
  [[nodiscard]] static Result<std::unique_ptr<PictureInstance>> open(
      RetrieveService& retrieve, const index::StudyRecord& study, const index::SeriesRecord& series,
      index::ImageRecord image);

  [[nodiscard]] const PictureDataSet& described() const { return described_; }
  // The stored file, whose bytes are the document or the compressed frame.
  [[nodiscard]] OpenedImage& image() { return image_; }
  // Of a picture: its one frame, described().frame_bytes in all.
  Result<void> write_frame(ByteSink& sink);

  [[nodiscard]] const std::string& transfer_syntax() const override {
    return described_.transfer_syntax;
  }
  [[nodiscard]] uint64_t size_bytes() const override { return writer_->size_bytes(); }
  Result<void> write(ByteSink& sink) override { return writer_->write(sink); }

 private:
  explicit PictureInstance(OpenedImage image) : image_(std::move(image)) {}

  OpenedImage image_;
  BlobAccess bytes_{*image_.blob};
  PictureDataSet described_;
  dicom::FramesToWrite frames_;
  std::optional<dicom::FileWriter> writer_;
};

}  // namespace pacs::archive
