// What answers requests.
#pragma once

#include <functional>

#include "http/request.h"
#include "http/response_writer.h"

namespace pacs::http {

// Runs on a worker thread with a small stack, as straight-line blocking code, several at once. It
// answers through the writer exactly once; one that does not is answered 500 by the server.
using Handler = std::function<void(Request&, ResponseWriter&)>;

}  // namespace pacs::http
