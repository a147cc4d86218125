#include "archive/picture_instance.h"

#include <utility>

#include "pixel/png_rows.h"

namespace pacs::archive {

bool is_picture(const index::ImageRecord& image) {
  return image.attributes.mime_type != "application/dicom";
}

Result<std::unique_ptr<PictureInstance>> PictureInstance::open(RetrieveService& retrieve,
                                                               const index::StudyRecord& study,
                                                               const index::SeriesRecord& series,
                                                               index::ImageRecord image) {
  auto opened = PACS_TRY(retrieve.open(std::move(image)));
  PACS_TRY(retrieve.confirm(opened));  // its beginning is read before anything is sent
  std::unique_ptr<PictureInstance> picture(new PictureInstance(std::move(opened)));
  picture->described_ =
      PACS_TRY(describe_as_dicom({study, series, picture->image_.record}, picture->bytes_));
  const PictureDataSet& described = picture->described_;
  dicom::FileContent content;
  content.data_set = &described.data_set;
  content.file = &picture->bytes_;
  content.transfer_syntax_uid = described.transfer_syntax;
  if (described.form != PictureForm::document) {
    const auto pixels = described.data_set.find(dicom::tags::kPixelData);
    picture->frames_.is_encapsulated = described.form == PictureForm::jpeg;
    picture->frames_.vr = pixels->vr();
    picture->frames_.frame_sizes = {described.frame_bytes};
    picture->frames_.write_frame = [self = picture.get()](size_t, ByteSink& sink) {
      return self->write_frame(sink);
    };
    content.frames = &picture->frames_;
  }
  picture->writer_ = PACS_TRY(dicom::FileWriter::create(std::move(content)));
  return picture;
}

Result<void> PictureInstance::write_frame(ByteSink& sink) {
  if (described_.form == PictureForm::png) {
    const auto format = PACS_TRY(pixel::read_png_format(bytes_));
    return pixel::write_png_pixels(bytes_, format, sink);
  }
  return image_.blob->write_to(sink, 0, image_.blob->size_bytes());
}

}  // namespace pacs::archive
