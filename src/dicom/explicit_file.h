// Any DICOM file with native pixels as Explicit VR Little Endian, the encoding that every client
// reads (PS3.18 8.7.3.3.2): implicit VR, big endian and deflated ones rewritten while they are
// read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/result.h"
#include "core/stream.h"
#include "dicom/file_writer.h"
#include "dicom/header_reader.h"
#include "dicom/inflated_file.h"

namespace pacs::dicom {

// One thread at a time.
class ExplicitFile {
 public:
  // `file` outlives this. Errors: those of read_header(), InflatedFile::open() and
  // FileWriter::create(); unsupported/pixels_encapsulated for compressed pixels.
  [[nodiscard]] static Result<std::unique_ptr<ExplicitFile>> open(const RandomAccess& file);

  [[nodiscard]] uint64_t size_bytes() const { return writer_->size_bytes(); }
  Result<void> write(ByteSink& sink) const { return writer_->write(sink); }

 private:
  ExplicitFile() = default;

  std::unique_ptr<InflatedFile> inflated_;
  Header header_;
  std::optional<FileWriter> writer_;
};

}  // namespace pacs::dicom
