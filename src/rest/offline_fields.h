// What the client says of an image before its bytes.
#pragma once

#include "archive/offline_uploads.h"
#include "core/result.h"
#include "rest/body_fields.h"
#include "rest/rest_services.h"

namespace pacs::rest {

// Names and types come from outside; what they may hold at most.
inline constexpr size_t kFilenameBytesMax = 1024;  // four times what a filesystem takes
inline constexpr size_t kMimeTypeBytesMax = 255;   // RFC 6838 4.2 allows 127 and a slash and 127

// The announcement without its order and session. Errors: those of BodyFields;
// resource_exhausted/too_large for a file that the archive would refuse anyway.
[[nodiscard]] Result<archive::Announcement> read_announcement(const RestServices& services,
                                                              BodyFields& fields);

// An image_uuid from the fields, else from the query (for a form whose file stands first).
[[nodiscard]] Result<Uuid> read_image_uuid(const http::Request& request, BodyFields& fields);

// Counts what was refused, by reason.
void count_refusal(const RestServices& services, const Error& error);

}  // namespace pacs::rest
