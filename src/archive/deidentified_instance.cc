#include "archive/deidentified_instance.h"

#include <optional>
#include <utility>

#include "archive/staged_access.h"
#include "dicom/file_writer.h"
#include "dicom/header_reader.h"
#include "dicom/inflated_file.h"

namespace pacs::archive {
namespace {

class DeidentifiedInstance final : public MadeInstance {
 public:
  explicit DeidentifiedInstance(OpenedImage image) : image_(std::move(image)) {}

  Result<void> open(const dicom::Pseudonyms& pseudonyms) {
    header_ = PACS_TRY(dicom::read_header(bytes_));
    const dicom::RandomAccess* source = &bytes_;
    if (header_.transfer_syntax.is_deflated) {
      inflated_ = PACS_TRY(dicom::InflatedFile::open(bytes_, header_));
      source = inflated_.get();
      header_ = PACS_TRY(dicom::read_header(*source));
    }
    data_set_ = PACS_TRY(dicom::deidentified(header_.data_set.root(), pseudonyms));
    dicom::FileContent content = dicom::content_of(header_, *source);
    content.data_set = &data_set_;
    content.meta = nullptr;
    content.replacements = &notice_;
    transfer_syntax_ = content.transfer_syntax_uid;
    content.transfer_syntax_uid = transfer_syntax_;
    writer_ = PACS_TRY(dicom::FileWriter::create(std::move(content)));
    return {};
  }

  [[nodiscard]] const std::string& transfer_syntax() const override { return transfer_syntax_; }
  [[nodiscard]] uint64_t size_bytes() const override { return writer_->size_bytes(); }
  Result<void> write(ByteSink& sink) override { return writer_->write(sink); }

 private:
  OpenedImage image_;
  BlobAccess bytes_{*image_.blob};
  std::unique_ptr<dicom::InflatedFile> inflated_;
  dicom::Header header_;
  dicom::DataSet data_set_;
  const dicom::DataSet notice_ = dicom::deidentification_notice();
  std::string transfer_syntax_;
  std::optional<dicom::FileWriter> writer_;
};

}  // namespace

Result<std::unique_ptr<MadeInstance>> make_deidentified(RetrieveService& retrieve,
                                                        index::ImageRecord instance,
                                                        const dicom::Pseudonyms& pseudonyms) {
  if (instance.attributes.transfer_syntax.empty() || !instance.attributes.rows) {
    return unsupported("not_deidentified", "only DICOM images are de-identified");
  }
  auto image = PACS_TRY(retrieve.open(std::move(instance)));
  PACS_TRY(retrieve.confirm(image));
  auto made = std::make_unique<DeidentifiedInstance>(std::move(image));
  PACS_TRY(made->open(pseudonyms));
  return std::unique_ptr<MadeInstance>(std::move(made));
}

}  // namespace pacs::archive
