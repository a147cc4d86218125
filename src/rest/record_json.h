// Records of the index as the API shows them. The names of the fields are those of docs/api.md.
#pragma once

#include <optional>
#include <string_view>

#include "core/clock.h"
#include "core/json_writer.h"
#include "core/result.h"
#include "index/image_record.h"
#include "index/order.h"
#include "index/series_record.h"
#include "index/study_record.h"
#include "rest/links.h"

namespace pacs::rest {

// `radiology_order_id` and `radiology_request_id`, of which at most one is not null.
void write_order(JsonWriter& writer, const std::optional<index::OrderReference>& order);
// RFC 3339, or null.
void write_time(JsonWriter& writer, std::string_view name, std::optional<UnixMillis> time);
// Null when empty.
void write_text_or_null(JsonWriter& writer, std::string_view name, std::string_view text);

// "pending" while no bytes are there, "partial" while some are missing, else "available".
[[nodiscard]] std::string_view pixels_of(const index::StudyRecord& study);

// Whole objects.
void write_study(JsonWriter& writer, const index::StudyRecord& study);
[[nodiscard]] Result<void> write_image(JsonWriter& writer, const index::ImageRecord& image,
                                       const Links& links);
// With `verified_at` as well: when its bytes were last found good, null when not since it was
// stored.
[[nodiscard]] Result<void> write_image_record(JsonWriter& writer, const index::ImageRecord& image,
                                              const Links& links,
                                              std::optional<UnixMillis> verified_at);

// The members of a series, without its images, into an object that is open.
void write_series_members(JsonWriter& writer, const index::SeriesRecord& series);

}  // namespace pacs::rest
