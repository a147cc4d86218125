#include "cli/import_upload.h"

#include <string>
#include <thread>

#include "core/json_value.h"
#include "core/uuid.h"

namespace pacs::cli {
namespace {

constexpr std::string_view kImportPath = "/api/v1/archive/import/";

// The bytes of an item from the first to the last.
class ContentSource final : public ByteSource {
 public:
  explicit ContentSource(const ImportContent& content) : content_(content) {}
  Result<size_t> read_some(MutableBytes buffer) override {
    const size_t count = PACS_TRY(content_.read_at(offset_, buffer));
    offset_ += count;
    return count;
  }

 private:
  const ImportContent& content_;
  uint64_t offset_ = 0;
};

// multipart/form-data (RFC 7578) of the record and the file:
//   --B\r\nContent-Disposition: form-data; name="record"\r\n…\r\n\r\n{…}\r\n
//   --B\r\nContent-Disposition: form-data; name="file"; filename="image"\r\n…\r\n\r\n<bytes>\r\n
//   --B--\r\n
class FormSource final : public ByteSource {
 public:
  FormSource(const std::string& boundary, const ImportItem& item)
      : head_("--" + boundary +
              "\r\nContent-Disposition: form-data; name=\"record\"\r\n"
              "Content-Type: application/json\r\n\r\n" +
              item.record + "\r\n--" + boundary +
              "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"image\"\r\n"
              "Content-Type: application/octet-stream\r\n\r\n"),
        tail_("\r\n--" + boundary + "--\r\n"),
        head_source_(as_bytes(head_)),
        content_source_(*item.content),
        tail_source_(as_bytes(tail_)),
        size_(head_.size() + item.content->size() + tail_.size()) {}

  [[nodiscard]] uint64_t size() const { return size_; }

  Result<size_t> read_some(MutableBytes buffer) override {
    for (ByteSource* source :
         {static_cast<ByteSource*>(&head_source_), static_cast<ByteSource*>(&content_source_),
          static_cast<ByteSource*>(&tail_source_)}) {
      const size_t count = PACS_TRY(source->read_some(buffer));
      if (count > 0) return count;
    }
    return size_t{0};
  }

 private:
  const std::string head_;
  const std::string tail_;
  MemorySource head_source_;
  ContentSource content_source_;
  MemorySource tail_source_;
  uint64_t size_;
};

bool is_worth_another_try(const Error& error) { return error.code == ErrorCode::unavailable; }

// What the archive says no to stays refused; everything else may go well another time.
bool is_refused_for_good(const Error& error) {
  switch (error.code) {
    case ErrorCode::unavailable:
    case ErrorCode::internal:
      return false;
    case ErrorCode::resource_exhausted:
      return error.reason == "too_large";
    default:
      return true;
  }
}

}  // namespace

Result<http::ClientResponse> ImportUploader::send_once(const ImportItem& item) {
  http::ClientRequest request;
  request.method = "POST";
  if (item.content == nullptr) {
    request.headers.add("Content-Type", "application/json");
    request.body = item.record;
    return client_.send(std::move(request), kImportPath);
  }
  const std::string boundary = "pacs-lite-" + Uuid::random(random_).str();
  FormSource form(boundary, item);
  request.headers.add("Content-Type", "multipart/form-data; boundary=" + boundary);
  request.body_source = &form;
  request.body_length = form.size();
  return client_.send(std::move(request), kImportPath);
}

ImportResult ImportUploader::upload(const ImportItem& item) {
  ImportResult result;
  result.place = item.place;
  result.size_bytes = item.content != nullptr ? item.content->size() : 0;
  Result<http::ClientResponse> answer = send_once(item);
  for (const std::chrono::milliseconds pause : kPauses) {
    if (answer || !is_worth_another_try(answer.error())) break;
    std::this_thread::sleep_for(pause);
    answer = send_once(item);
  }
  if (answer) {
    result.outcome =
        answer->status == http::Status::created ? ImportOutcome::stored : ImportOutcome::known;
    if (item.content == nullptr) {
      const Result<JsonValue> image = JsonValue::parse(answer->body);
      if (image)
        result.size_bytes = static_cast<uint64_t>(number_of(*image, "file_size").value_or(0));
    }
    return result;
  }
  server_is_gone_ = answer.error().reason == "connect_failed";
  result.outcome =
      is_refused_for_good(answer.error()) ? ImportOutcome::refused : ImportOutcome::failed;
  result.code = answer.error().reason;
  result.detail = answer.error().detail;
  return result;
}

}  // namespace pacs::cli
