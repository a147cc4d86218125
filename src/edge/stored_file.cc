#include "edge/stored_file.h"

#include <utility>

#include "core/log.h"
#include "http/problem.h"
#include "http/ranged_body.h"

namespace pacs::edge {
namespace {

// A plain connection gets the bytes of a file by sendfile; where they are copied, the whole of it
// is checked on the way.
class BlobBody final : public http::RangedBody {
 public:
  BlobBody(archive::RetrieveService& retrieve, const http::Request& request,
           archive::OpenedImage& image)
      : retrieve_(retrieve), request_(request), image_(image) {}
  [[nodiscard]] uint64_t size() const override { return image_.blob->size_bytes(); }
  Result<void> confirm() override { return retrieve_.confirm(image_); }
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override {
    const bool is_whole = offset == 0 && length == size();
    if (is_whole) return write_stored_bytes(retrieve_, request_, image_, sink);
    return retrieve_.send(image_, sink, offset, length);
  }

 private:
  archive::RetrieveService& retrieve_;
  const http::Request& request_;
  archive::OpenedImage& image_;
};

}  // namespace

Result<void> send_stored_file(archive::RetrieveService& retrieve, const http::Request& request,
                              http::ResponseWriter& writer, archive::OpenedImage& image,
                              const StoredFileAnswer& answer) {
  const index::ImageAttributes& attributes = image.record.attributes;
  BlobBody body(retrieve, request, image);
  http::RangedResponse response;
  response.content_type = answer.content_type.empty() ? attributes.mime_type : answer.content_type;
  response.content_disposition = http::content_disposition(answer.disposition, attributes.filename);
  response.cache_control = "private, immutable";
  response.validators.etag = http::quoted_etag(attributes.sha256.hex());
  response.extra.add("X-Content-Type-Options", "nosniff");
  response.extra.add("Content-Security-Policy", answer.content_security_policy);
  return http::send_ranged(request, writer, body, response);
}

Result<void> write_stored_bytes(archive::RetrieveService& retrieve, const http::Request& request,
                                archive::OpenedImage& image, ByteSink& sink) {
  const bool is_copied = request.peer.has_tls || !image.blob->is_local_file();
  if (is_copied) return retrieve.send_checked(image, sink);
  return retrieve.send(image, sink, 0, image.blob->size_bytes());
}

void finish_stream(const http::Request& request, http::ResponseWriter& writer,
                   const Result<void>& sent) {
  if (sent) return;
  if (!writer.started()) {
    http::Response response = http::problem(sent.error(), request.request_id);
    response.headers.set("Cache-Control", "no-store");
    writer.send(std::move(response));
    return;
  }
  log_info("answer_broken_off",
           {{"request_id", request.request_id}, {"reason", sent.error().reason}});
}

}  // namespace pacs::edge
