// Records by what stands for `{id}` in a path: the number or the UID.
#pragma once

#include <string_view>

#include "core/result.h"
#include "index/image_record.h"
#include "index/scope.h"
#include "index/series_record.h"
#include "index/study_record.h"
#include "rest/rest_services.h"

namespace pacs::rest {

// `not_found` (reasons "study", "series", "image") for what does not exist and what the scope does
// not cover alike.
[[nodiscard]] Result<index::StudyRecord> get_study(const RestServices& services,
                                                   const index::Scope& scope, std::string_view id);
[[nodiscard]] Result<index::SeriesRecord> get_series(const RestServices& services,
                                                     const index::Scope& scope,
                                                     std::string_view id);
[[nodiscard]] Result<index::ImageRecord> get_image(const RestServices& services,
                                                   const index::Scope& scope, std::string_view id);

}  // namespace pacs::rest
