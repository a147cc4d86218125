#include "dicomweb/multipart_answer.h"

#include <optional>
#include <utility>

#include "core/bytes.h"

namespace pacs::dicomweb {
namespace {

// The exchange:
//   Content-Type: multipart/related; type="application/dicom"; boundary=part-REQUEST
//
//   --part-REQUEST
//   Content-Type: application/dicom; transfer-syntax=1.2.840.10008.1.2.1
//   Content-Length: 526000
//
//   …bytes…
//   --part-REQUEST--
std::string head_of_part(const std::string& boundary, const AnswerPart& part, bool is_first) {
  std::string head = is_first ? "--" : "\r\n--";
  head += boundary + "\r\nContent-Type: " + part.content_type +
          "\r\nContent-Length: " + std::to_string(part.size_bytes);
  if (!part.content_location.empty()) head += "\r\nContent-Location: " + part.content_location;
  return head + "\r\n\r\n";
}

std::string closing_of(const std::string& boundary, bool has_no_part) {
  return (has_no_part ? "--" : "\r\n--") + boundary + "--\r\n";
}

Result<void> open_part(AnswerPart& part) {
  return part.open ? std::exchange(part.open, {})(part) : Result<void>();
}

// A request id is unique for as long as the server runs, and no image contains the next one.
std::string boundary_of(const http::ResponseWriter& writer) {
  return "part-" + writer.request_id();
}

std::string content_type_of(std::string_view type, const std::string& boundary) {
  return "multipart/related; type=\"" + std::string(type) + "\"; boundary=" + boundary;
}

// Whether there was one: a part that is still without `write` is left out.
Result<bool> send_part(ByteSink& sink, const std::string& boundary, AnswerPart& part,
                       bool is_first) {
  PACS_TRY(open_part(part));
  if (!part.write) return false;
  PACS_TRY(sink.write(as_bytes(head_of_part(boundary, part, is_first))));
  PACS_TRY(part.write(sink));
  part.write = {};  // what it held is no longer needed
  return true;
}

}  // namespace

Result<void> send_multipart(http::ResponseWriter& writer, http::Headers headers,
                            std::string_view type, std::vector<AnswerPart> parts) {
  const std::string boundary = boundary_of(writer);
  if (!parts.empty()) PACS_TRY(open_part(parts.front()));
  std::optional<uint64_t> length = 0;
  bool is_first = true;
  for (const AnswerPart& part : parts) {
    if (part.open) {
      length.reset();
      break;
    }
    if (!part.write) continue;
    *length += head_of_part(boundary, part, is_first).size() + part.size_bytes;
    is_first = false;
  }
  if (length) *length += closing_of(boundary, is_first).size();
  headers.set("Content-Type", content_type_of(type, boundary));
  ByteSink& sink = writer.start(http::Status::ok, std::move(headers), length);
  if (writer.body_is_swallowed()) return writer.finish();
  is_first = true;
  for (AnswerPart& part : parts) {
    if (PACS_TRY(send_part(sink, boundary, part, is_first))) is_first = false;
  }
  PACS_TRY(sink.write(as_bytes(closing_of(boundary, is_first))));
  return writer.finish();
}

Result<void> send_part_by_part(http::ResponseWriter& writer, http::Headers headers,
                               std::string_view type, const NextPart& next) {
  const std::string boundary = boundary_of(writer);
  std::optional<AnswerPart> part = PACS_TRY(next());
  if (part) PACS_TRY(open_part(*part));
  headers.set("Content-Type", content_type_of(type, boundary));
  ByteSink& sink = writer.start(http::Status::ok, std::move(headers), std::nullopt);
  if (writer.body_is_swallowed()) return writer.finish();
  bool is_first = true;
  while (part) {
    if (PACS_TRY(send_part(sink, boundary, *part, is_first))) is_first = false;
    part = PACS_TRY(next());
  }
  PACS_TRY(sink.write(as_bytes(closing_of(boundary, is_first))));
  return writer.finish();
}

}  // namespace pacs::dicomweb
