#include "dicomweb/zip_answer.h"

#include <optional>
#include <utility>

#include "http/ranged_response.h"
#include "http/zip_stream.h"

namespace pacs::dicomweb {
namespace {

Result<void> open_zip_part(AnswerPart& part) {
  return part.open ? std::exchange(part.open, {})(part) : Result<void>();
}

std::optional<uint64_t> known_size(const std::vector<ZipPart>& parts) {
  std::vector<http::ZipFile> files;
  files.reserve(parts.size());
  for (const ZipPart& each : parts) {
    if (each.part.open) return std::nullopt;
    if (each.part.write) files.push_back({each.name, each.part.size_bytes});
  }
  return http::zip_size_bytes(files);
}

}  // namespace

Result<void> send_zip(http::ResponseWriter& writer, http::Headers headers,
                      const std::string& filename, std::vector<ZipPart> parts) {
  if (!parts.empty()) PACS_TRY(open_zip_part(parts.front().part));
  headers.set("Content-Type", "application/zip");
  headers.set("Content-Disposition",
              http::content_disposition(http::Disposition::attachment, filename));
  ByteSink& sink = writer.start(http::Status::ok, std::move(headers), known_size(parts));
  if (writer.body_is_swallowed()) return writer.finish();
  http::ZipStream zip(sink);
  for (ZipPart& each : parts) {
    PACS_TRY(open_zip_part(each.part));
    if (!each.part.write) continue;
    PACS_TRY(zip.begin({each.name, each.part.size_bytes}));
    PACS_TRY(each.part.write(zip));
    PACS_TRY(zip.end());
    each.part.write = {};  // what it held is no longer needed
  }
  PACS_TRY(zip.finish());
  return writer.finish();
}

}  // namespace pacs::dicomweb
