#include "rest/stored_file.h"

#include <utility>

#include "core/log.h"
#include "http/problem.h"
#include "http/ranged_body.h"

namespace pacs::rest {
namespace {

// A plain connection gets the bytes of a file by sendfile.
class BlobBody final : public http::RangedBody {
 public:
  explicit BlobBody(storage::BlobReader& blob) : blob_(blob) {}
  [[nodiscard]] uint64_t size() const override { return blob_.size_bytes(); }
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override {
    return blob_.write_to(sink, offset, length);
  }

 private:
  storage::BlobReader& blob_;
};

}  // namespace

Result<void> send_stored_file(const http::Request& request, http::ResponseWriter& writer,
                              archive::OpenedImage& image, const StoredFileAnswer& answer) {
  const index::ImageAttributes& attributes = image.record.attributes;
  BlobBody body(*image.blob);
  http::RangedResponse response;
  response.content_type = attributes.mime_type;
  response.content_disposition = http::content_disposition(answer.disposition, attributes.filename);
  response.cache_control = "private, immutable";
  response.validators.etag = http::quoted_etag(attributes.sha256.hex());
  response.extra.add("X-Content-Type-Options", "nosniff");
  response.extra.add("Content-Security-Policy", answer.content_security_policy);
  return http::send_ranged(request, writer, body, response);
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

}  // namespace pacs::rest
