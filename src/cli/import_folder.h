// Finds images in folders and on media (PS3.10 8: a folder with a DICOMDIR).
#pragma once

#include <string>
#include <vector>

#include "cli/import_sink.h"
#include "core/result.h"

namespace pacs::cli {

// A folder, a plain file, a ZIP file, or a DICOMDIR, whose images are then those that it names.
// Everything below a folder is looked at, ZIP files included; symbolic links are not followed below
// it. False as ImportSink::take; what cannot be read is left out as failed, and so is an image that
// a DICOMDIR on the way names and that is not there.
[[nodiscard]] bool find_images(const std::string& path, const ImportFindings& wanted,
                               const ImportSink& sink);

// The files that a DICOMDIR names (PS3.3 F.3), as paths on this machine. Media have names in upper
// case and file systems show them as they like, so case is ignored where it must be; a name that
// leaves the folder is not followed. `missing`: those that are not there, as the DICOMDIR has them.
struct MediumContents {
  std::vector<std::string> files;
  std::vector<std::string> missing;
};
[[nodiscard]] Result<MediumContents> read_dicomdir(const std::string& path);

}  // namespace pacs::cli
