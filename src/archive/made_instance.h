// An instance that leaves as a DICOM file which does not lie in the store: it is made from the
// stored bytes while it is sent, in flat memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "archive/retrieve.h"
#include "core/result.h"
#include "core/stream.h"
#include "index/image_record.h"

namespace pacs::archive {

// One thread at a time.
class MadeInstance {
 public:
  virtual ~MadeInstance() = default;
  [[nodiscard]] virtual const std::string& transfer_syntax() const = 0;
  [[nodiscard]] virtual uint64_t size_bytes() const = 0;
  // Exactly size_bytes() bytes, each time the same. Errors: those of the stored bytes and the sink.
  virtual Result<void> write(ByteSink& sink) = 0;
};

// Is it a native one in an encoding that clients of DICOMweb need not read (implicit VR, big
// endian, deflated; PS3.18 8.7.3)?
[[nodiscard]] bool is_to_be_made_explicit(const index::ImageRecord& instance);

// As Explicit VR Little Endian. Errors: those of RetrieveService::open(); `unsupported` when the
// file cannot be said so (dicom/explicit_file.h: compressed pixels in it, a value too large).
[[nodiscard]] Result<std::unique_ptr<MadeInstance>> make_explicit(RetrieveService& retrieve,
                                                                  index::ImageRecord instance);

}  // namespace pacs::archive
