#include "http/ranged_response.h"

#include <utility>

#include "http/byte_range.h"
#include "http/problem.h"
#include "http/uri.h"

namespace pacs::http {
namespace {

Headers common_fields(const RangedResponse& response) {
  Headers headers = response.extra;
  headers.set("Accept-Ranges", "bytes");
  if (!response.validators.etag.empty()) headers.set("ETag", response.validators.etag);
  if (response.validators.last_modified) {
    headers.set("Last-Modified", to_http_date(*response.validators.last_modified));
  }
  if (!response.cache_control.empty()) headers.set("Cache-Control", response.cache_control);
  return headers;
}

std::string content_range(const ByteRange& range, uint64_t size) {
  return "bytes " + std::to_string(range.offset) + "-" +
         std::to_string(range.offset + range.length - 1) + "/" + std::to_string(size);
}

void send_refusal(ResponseWriter& writer, Status status, Headers headers, std::string_view code,
                  std::string_view detail) {
  Response refusal = problem(status, code, detail, writer.request_id());
  refusal.headers.merge(headers);
  writer.send(std::move(refusal));
}

// Begins the answer with its first byte: what goes wrong before can be told as what it is.
class BegunByFirstByte final : public ByteSink {
 public:
  BegunByFirstByte(ResponseWriter& writer, Status status, Headers headers, uint64_t length)
      : writer_(writer), status_(status), headers_(std::move(headers)), length_(length) {}

  Result<void> write(Bytes bytes) override { return begun().write(bytes); }
  Result<void> write_file(int descriptor, uint64_t offset, uint64_t length) override {
    return begun().write_file(descriptor, offset, length);
  }
  ByteSink& begun() {
    if (sink_ == nullptr) sink_ = &writer_.start(status_, std::move(headers_), length_);
    return *sink_;
  }

 private:
  ResponseWriter& writer_;
  const Status status_;
  Headers headers_;
  const uint64_t length_;
  ByteSink* sink_ = nullptr;
};

Result<void> send_part_of(ResponseWriter& writer, RangedBody& body, Status status, Headers headers,
                          const ByteRange& range) {
  BegunByFirstByte sink(writer, status, std::move(headers), range.length);
  if (writer.body_is_swallowed()) {
    PACS_TRY(body.confirm());
  } else if (range.length > 0) {
    PACS_TRY(body.write_to(sink, range.offset, range.length));
  }
  sink.begun();
  return writer.finish();
}

// Sends 206 with several parts (RFC 9110 14.6), whose lengths are all known before:
//   --BOUNDARY
//   Content-Type: application/dicom
//   Content-Range: bytes 0-99/1234
//
//   …bytes…
//   --BOUNDARY--
Result<void> send_parts_of(ResponseWriter& writer, RangedBody& body, Headers headers,
                           const std::string& content_type, const std::vector<ByteRange>& ranges) {
  const std::string boundary = "part-" + writer.request_id();
  std::vector<std::string> part_heads;
  const std::string closing = "\r\n--" + boundary + "--\r\n";
  uint64_t length = closing.size();
  for (const ByteRange& range : ranges) {
    std::string head = part_heads.empty() ? "--" : "\r\n--";
    head.append(boundary).append("\r\nContent-Type: ").append(content_type);
    head.append("\r\nContent-Range: ").append(content_range(range, body.size()));
    head.append("\r\n\r\n");
    length += head.size() + range.length;
    part_heads.push_back(std::move(head));
  }
  headers.set("Content-Type", "multipart/byteranges; boundary=" + boundary);
  PACS_TRY(body.confirm());
  ByteSink& sink = writer.start(Status::partial_content, std::move(headers), length);
  if (!writer.body_is_swallowed()) {
    for (size_t index = 0; index < ranges.size(); ++index) {
      PACS_TRY(sink.write(as_bytes(part_heads[index])));
      PACS_TRY(body.write_to(sink, ranges[index].offset, ranges[index].length));
    }
    PACS_TRY(sink.write(as_bytes(closing)));
  }
  return writer.finish();
}

}  // namespace

Result<void> send_ranged(const Request& request, ResponseWriter& writer, RangedBody& body,
                         const RangedResponse& response) {
  Headers headers = common_fields(response);
  switch (evaluate_preconditions(request.method, request.headers, response.validators)) {
    case Precondition::not_modified:
      writer.send({Status::not_modified, std::move(headers), {}});
      return {};
    case Precondition::failed:
      send_refusal(writer, Status::precondition_failed, std::move(headers), "precondition_failed",
                   "what is stored is not what the request expects");
      return {};
    case Precondition::proceed:
      break;
  }
  const uint64_t size = body.size();
  RangeRequest ranges;
  const auto range_field = request.headers.find("Range");
  // RFC 9110 14.2: Range is defined for GET alone; a HEAD tells of the whole.
  if (range_field && request.method == Method::get &&
      if_range_holds(request.headers, response.validators)) {
    ranges = parse_range(*range_field, size);
  }
  if (ranges.kind == RangeRequest::Kind::unsatisfiable) {
    headers.set("Content-Range", "bytes */" + std::to_string(size));
    send_refusal(writer, Status::range_not_satisfiable, std::move(headers), "range_not_satisfiable",
                 "no byte of the range exists");
    return {};
  }
  if (!response.content_disposition.empty()) {
    headers.set("Content-Disposition", response.content_disposition);
  }
  if (ranges.ranges.size() > 1) {
    return send_parts_of(writer, body, std::move(headers), response.content_type, ranges.ranges);
  }
  headers.set("Content-Type", response.content_type);
  if (ranges.ranges.empty()) {
    return send_part_of(writer, body, Status::ok, std::move(headers), {0, size});
  }
  headers.set("Content-Range", content_range(ranges.ranges.front(), size));
  return send_part_of(writer, body, Status::partial_content, std::move(headers),
                      ranges.ranges.front());
}

std::string content_disposition(Disposition disposition, std::string_view filename) {
  std::string field = disposition == Disposition::attachment ? "attachment" : "inline";
  if (filename.empty()) return field;
  std::string plain;
  bool differs = false;
  for (const char c : filename) {
    const bool safe = c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '%';
    plain.push_back(safe ? c : '_');
    differs = differs || !safe;
  }
  field.append("; filename=\"").append(plain).append("\"");
  if (differs) field.append("; filename*=UTF-8''").append(percent_encode(filename));
  return field;
}

}  // namespace pacs::http
