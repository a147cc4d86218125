// Entity tags of what consists of stored instances, which never change: the tag of an answer to the
// same Accept changes exactly when an instance comes or goes (PS3.18 8.9; RFC 9110 8.8.3).
#pragma once

#include <vector>

#include "core/result.h"
#include "http/headers.h"
#include "http/request.h"
#include "http/response_writer.h"
#include "index/image_record.h"

namespace pacs::dicomweb {

// ETag, Cache-Control and Vary of an answer that shows these instances. They have other
// representations, hence Vary, and a tag of its own for each Accept: who has the JPEG of a frame
// does not have its PNG.
[[nodiscard]] http::Headers fields_of(const http::Request& request,
                                      const std::vector<index::ImageRecord>& instances);

// Has the client what these fields describe (If-None-Match)?
[[nodiscard]] bool is_unchanged(const http::Request& request, const http::Headers& fields);
Result<void> send_not_modified(http::ResponseWriter& writer, http::Headers fields);

}  // namespace pacs::dicomweb
