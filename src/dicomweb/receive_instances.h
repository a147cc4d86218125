// Instances out of the body of a store request, each into its line: one, or the members of a ZIP
// file.
#pragma once

#include <optional>

#include "archive/store.h"
#include "archive/store_request.h"
#include "core/result.h"
#include "core/stream.h"
#include "dicomweb/store_line.h"

namespace pacs::dicomweb {

// The largest studies, 4D perfusion and whole slides, have some tens of thousands; until the answer
// a kilobyte is kept of each.
inline constexpr size_t kStoreInstancesMax = 100'000;

// The body of a part that remembers whether it was the request that failed and not the archive.
class WatchedSource final : public ByteSource {
 public:
  explicit WatchedSource(ByteSource& source) : source_(source) {}
  Result<size_t> read_some(MutableBytes buffer) override {
    auto count = source_.read_some(buffer);
    if (!count) failure_ = count.error();
    return count;
  }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

 private:
  ByteSource& source_;
  std::optional<Error> failure_;
};

// Error: of the request as a whole; that of one instance is in the line.
[[nodiscard]] Result<void> receive_instance(archive::StoreService& store,
                                            const archive::StoreRequest& request, ByteSource& body,
                                            StoreLine& line);

// Each member is an instance, stored while the next ones come; one that is encrypted, damaged or no
// DICOM file fails by itself, a ZIP file within it too. Folders and a DICOMDIR, which describes the
// others, are left out. Errors, of the request as a whole: those of http::ZipReader;
// resource_exhausted/too_many_parts.
[[nodiscard]] Result<void> receive_zip(archive::StoreService& store,
                                       const archive::StoreRequest& request, ByteSource& body,
                                       StoreLine& line);

}  // namespace pacs::dicomweb
