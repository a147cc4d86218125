#include "dicom/explicit_file.h"

#include <utility>

namespace pacs::dicom {

Result<std::unique_ptr<ExplicitFile>> ExplicitFile::open(const RandomAccess& file) {
  std::unique_ptr<ExplicitFile> opened(new ExplicitFile);
  opened->header_ = PACS_TRY(read_header(file));
  const RandomAccess* source = &file;
  if (opened->header_.transfer_syntax.is_deflated) {
    opened->inflated_ = PACS_TRY(InflatedFile::open(file, opened->header_));
    source = opened->inflated_.get();
    opened->header_ = PACS_TRY(read_header(*source));
  }
  FileContent content = content_of(opened->header_, *source);
  content.transfer_syntax_uid = kExplicitVrLittleEndian;
  opened->writer_ = PACS_TRY(FileWriter::create(std::move(content)));
  return opened;
}

}  // namespace pacs::dicom
