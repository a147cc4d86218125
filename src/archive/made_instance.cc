#include "archive/made_instance.h"

#include <bit>
#include <utility>

#include "archive/staged_access.h"
#include "dicom/explicit_file.h"
#include "dicom/transfer_syntax.h"

namespace pacs::archive {
namespace {

class ExplicitInstance final : public MadeInstance {
 public:
  explicit ExplicitInstance(OpenedImage image) : image_(std::move(image)) {}

  Result<void> open() {
    auto file = dicom::ExplicitFile::open(bytes_);
    if (!file) {
      // What was stored could be read then: these bytes can be sent as they are alone.
      const bool is_limit = file.error().code == ErrorCode::invalid_argument;
      return is_limit ? unsupported(file.error().reason, file.error().detail)
                      : std::move(file).error();
    }
    file_ = std::move(*file);
    return {};
  }

  [[nodiscard]] const std::string& transfer_syntax() const override { return transfer_syntax_; }
  [[nodiscard]] uint64_t size_bytes() const override { return file_->size_bytes(); }
  Result<void> write(ByteSink& sink) override { return file_->write(sink); }

 private:
  OpenedImage image_;
  BlobAccess bytes_{*image_.blob};
  std::unique_ptr<dicom::ExplicitFile> file_;
  std::string transfer_syntax_{dicom::kExplicitVrLittleEndian};
};

}  // namespace

bool is_to_be_made_explicit(const index::ImageRecord& instance) {
  const dicom::TransferSyntax* syntax =
      dicom::find_transfer_syntax(instance.attributes.transfer_syntax);
  if (syntax == nullptr || syntax->codec != dicom::PixelCodec::native) return false;
  return syntax->vr_encoding == dicom::VrEncoding::implicit_vr ||
         syntax->byte_order == std::endian::big || syntax->is_deflated;
}

Result<std::unique_ptr<MadeInstance>> make_explicit(RetrieveService& retrieve,
                                                    index::ImageRecord instance) {
  auto image = PACS_TRY(retrieve.open(std::move(instance)));
  PACS_TRY(retrieve.confirm(image));  // its header is read before anything is sent
  auto made = std::make_unique<ExplicitInstance>(std::move(image));
  PACS_TRY(made->open());
  return std::unique_ptr<MadeInstance>(std::move(made));
}

}  // namespace pacs::archive
