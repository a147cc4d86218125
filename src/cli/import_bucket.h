// Images that lie in the bucket already, written there by another application.
#pragma once

#include "cli/import_sink.h"
#include "core/result.h"
#include "core/settings.h"

namespace pacs::cli {

// Every object below radiology/ that lies under a key, to be adopted where it is. What lies there
// outside the layout is left out. Ends early as ImportSink::take says. Errors: those of the store.
[[nodiscard]] Result<void> find_images_in_bucket(const Settings& settings, const ImportSink& sink);

}  // namespace pacs::cli
