// Sends the bytes of a stored image: whole, in ranges, or not at all where the client has them.
#pragma once

#include <string>

#include "archive/retrieve.h"
#include "core/result.h"
#include "http/ranged_response.h"
#include "http/request.h"
#include "http/response_writer.h"

namespace pacs::edge {

struct StoredFileAnswer {
  std::string content_type{};  // empty: the media type of the image
  http::Disposition disposition = http::Disposition::attachment;
  // Content-Security-Policy; nothing that we store may run anything in a browser.
  std::string content_security_policy = "default-src 'none'; sandbox";
};

// Error: of the bytes or the connection; an answer that has then been started is broken off.
Result<void> send_stored_file(archive::RetrieveService& retrieve, const http::Request& request,
                              http::ResponseWriter& writer, archive::OpenedImage& image,
                              const StoredFileAnswer& answer);

// All of its bytes, as a part of a larger answer to `request`: by sendfile where the connection and
// the store allow it, else hashed on the way, their end withheld when they are wrong.
Result<void> write_stored_bytes(archive::RetrieveService& retrieve, const http::Request& request,
                                archive::OpenedImage& image, ByteSink& sink);

// Sends the problem of a failed streaming handler, as far as nothing has been sent yet.
void finish_stream(const http::Request& request, http::ResponseWriter& writer,
                   const Result<void>& sent);

}  // namespace pacs::edge
