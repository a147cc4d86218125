// Where the OHIF viewer lies that the server shows under /viewer/.
#pragma once

#include <string>

#include "core/settings.h"

namespace pacs::cli {

// PACS_LITE_VIEWER; else share/pacs-lite/viewer beside an installed program, or viewer in the build
// folder that the program was built in. It need not be there.
[[nodiscard]] std::string viewer_folder(const Settings& settings);

}  // namespace pacs::cli
