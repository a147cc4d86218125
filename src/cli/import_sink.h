// Where those who find images hand them on.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/import_item.h"

namespace pacs::cli {

struct ImportSink {
  // Takes the item, waiting until there is room. False: stop looking, the import has ended.
  std::function<bool(ImportItem)> take;
  // Something that is not taken: skipped, or failed where it could not be read.
  std::function<void(ImportResult)> leave_out;
};

enum class ImportKinds {
  dicom,
  all,  // JPEG, PNG and PDF too
};

struct ImportFindings {
  ImportKinds kinds = ImportKinds::dicom;
  uint64_t image_bytes_max = 0;
};

// Why a file is not even tried; nothing for one that may be an image. What only calls itself DICOM
// by its name is tried: the archive then says what is wrong with it.
struct Exclusion {
  std::string code;
  std::string detail;
};
[[nodiscard]] std::optional<Exclusion> exclusion_of(Bytes first_bytes, const std::string& filename,
                                                    ImportKinds kinds);

// Hands `content` on, or leaves it out where exclusion_of() says so. False as ImportSink::take.
[[nodiscard]] bool offer(std::unique_ptr<ImportContent> content, const std::string& place,
                         const std::string& filename, const ImportFindings& wanted,
                         const ImportSink& sink);

}  // namespace pacs::cli
