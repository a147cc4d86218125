// The lists of offline uploads: bare arrays, one page of up to 1000, with a Link to the next.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "core/json_writer.h"
#include "core/result.h"
#include "edge/authorise.h"
#include "http/request.h"
#include "http/response.h"
#include "index/uploads.h"
#include "rest/rest_services.h"

namespace pacs::rest {

struct UploadList {
  std::vector<index::UploadStatus> statuses;  // empty: all
  index::UploadQuery::Ordering ordering = index::UploadQuery::Ordering::newest_first;
  void (*write)(JsonWriter&, const index::UploadRecord&) = nullptr;
};

// Takes `radiology_order_id` or `radiology_request_id`, `limit`, `after_id`.
[[nodiscard]] Result<http::Response> answer_upload_list(RestServices& services,
                                                        http::Request& request,
                                                        const UploadList& list);

// By number or image_uuid. The caller's own comes before one of the same UUID that another made.
// `not_found` (reason "upload").
[[nodiscard]] Result<index::UploadRecord> find_upload(RestServices& services,
                                                      const edge::Caller& caller,
                                                      std::string_view id);

// Whoever sees the uploads of others reads what they say of patients: that is noted. Nobody is
// noted for reading their own.
[[nodiscard]] Result<void> note_upload_read(RestServices& services, const edge::Caller& caller);

// `Link: <…>; rel="next"` (RFC 8288) to the same request with one parameter set anew.
void add_next_link(http::Response& response, const RestServices& services,
                   const http::Request& request, std::string_view parameter, int64_t value);

// Only whoever announced an image has its bytes, so nobody else goes on with it, though an
// administrator may see it. `permission_denied` (reason "not_the_owner").
[[nodiscard]] Result<void> check_owner(const edge::Caller& caller, std::string_view owner);

}  // namespace pacs::rest
