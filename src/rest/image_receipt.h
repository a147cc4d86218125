// The receipt of an image that was not announced: signed when it is asked for, the same each time.
#pragma once

#include <optional>
#include <string>

#include "core/uuid.h"
#include "index/image_record.h"
#include "rest/rest_services.h"

namespace pacs::rest {

// As JSON. Without an image_uuid of its own it carries the UUID that its UID stands for.
[[nodiscard]] std::string image_receipt(const RestServices& services,
                                        const index::ImageRecord& image,
                                        const std::optional<Uuid>& image_uuid);

}  // namespace pacs::rest
