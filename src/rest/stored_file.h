// Sends the bytes of a stored image: whole, in ranges, or not at all where the client has them.
#pragma once

#include "archive/retrieve.h"
#include "core/result.h"
#include "http/ranged_response.h"
#include "http/request.h"
#include "http/response_writer.h"

namespace pacs::rest {

struct StoredFileAnswer {
  http::Disposition disposition = http::Disposition::attachment;
  // Content-Security-Policy; nothing that we store may run anything in a browser.
  std::string content_security_policy = "default-src 'none'; sandbox";
};

// Error: of the bytes or the connection; an answer that has then been started is broken off.
Result<void> send_stored_file(archive::RetrieveService& retrieve, const http::Request& request,
                              http::ResponseWriter& writer, archive::OpenedImage& image,
                              const StoredFileAnswer& answer);

// Sends the problem of a failed streaming handler, as far as nothing has been sent yet.
void finish_stream(const http::Request& request, http::ResponseWriter& writer,
                   const Result<void>& sent);

}  // namespace pacs::rest
