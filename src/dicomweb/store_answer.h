// What a store answers: each instance with its fate (PS3.18 10.5.3 and annex I).
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "dicomweb/store_line.h"
#include "http/request.h"
#include "http/response.h"

namespace pacs::dicomweb {

// `root_url`: "https://pacs.example/dicom-web". 200 when all were stored, 202 when some were, 409
// when none was (PS3.18 table 10.5.3-1). In the model that the request accepts, JSON if in doubt:
// it is too late to refuse.
[[nodiscard]] http::Response store_answer(const http::Request& request,
                                          const std::deque<InstanceOutcome>& outcomes,
                                          std::string_view root_url);

}  // namespace pacs::dicomweb
