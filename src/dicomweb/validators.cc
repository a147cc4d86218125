#include "dicomweb/validators.h"

#include <string>
#include <utility>

#include "core/bytes.h"
#include "core/crypto.h"
#include "dicomweb/accepted.h"
#include "http/conditions.h"

namespace pacs::dicomweb {

http::Headers fields_of(const http::Request& request,
                        const std::vector<index::ImageRecord>& instances) {
  Sha256 hash;
  for (const index::ImageRecord& instance : instances) {
    hash.update(instance.attributes.sha256.bytes);
  }
  hash.update(as_bytes(accept_text(request)));
  http::Headers fields;
  fields.set("ETag", "W/" + http::quoted_etag(hash.finish().hex()));
  fields.set("Cache-Control", "private, no-cache");
  fields.set("Vary", "Accept, Authorization");
  return fields;
}

bool is_unchanged(const http::Request& request, const http::Headers& fields) {
  const http::Validators current{.etag = std::string(fields.find("ETag").value_or(""))};
  return http::evaluate_preconditions(request.method, request.headers, current) ==
         http::Precondition::not_modified;
}

Result<void> send_not_modified(http::ResponseWriter& writer, http::Headers fields) {
  writer.send({http::Status::not_modified, std::move(fields), {}});
  return {};
}

}  // namespace pacs::dicomweb
