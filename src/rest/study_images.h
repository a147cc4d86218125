// The images of a study, by series: those that are stored, and those whose bytes are still on
// their way.
#pragma once

#include <vector>

#include "core/json_writer.h"
#include "core/result.h"
#include "edge/authorise.h"
#include "index/study_record.h"
#include "rest/links.h"
#include "rest/rest_services.h"

namespace pacs::rest {

[[nodiscard]] Result<void> write_study_images(JsonWriter& writer, const RestServices& services,
                                              const edge::Caller& caller,
                                              const index::StudyRecord& study, const Links& links);

// All images of a query, page by page.
[[nodiscard]] Result<std::vector<index::ImageRecord>> list_images(const RestServices& services,
                                                                  const index::Scope& scope,
                                                                  index::ImageQuery query);

// One series with its stored images, as an object.
[[nodiscard]] Result<void> write_series(JsonWriter& writer, const index::SeriesRecord& series,
                                        const std::vector<index::ImageRecord>& images,
                                        const Links& links);

// Uploads of the study whose bytes are not there, oldest first.
[[nodiscard]] Result<std::vector<index::UploadRecord>> list_pending_uploads(
    const RestServices& services, const index::Scope& scope, int64_t study_id);

}  // namespace pacs::rest
