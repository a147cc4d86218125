#include "storage/s3_writer.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <pugixml.hpp>

#include "core/log.h"
#include "core/md5.h"
#include "core/text.h"
#include "storage/s3_own_objects.h"

namespace pacs::storage {
namespace {

constexpr size_t kHashBufferBytes = 256 * 1024;
// Two conditional writes that cross are asked to come again; more often than this they never agree.
constexpr int kConflictsMax = 5;
// For a store to put thousands of parts together.
constexpr std::chrono::minutes kCompletionTimeMax{10};

Error key_occupied() {
  return already_exists("key_occupied", "there is a stored object under this key already");
}

// A stretch of bytes at rest, read from its beginning.
class StretchSource final : public ByteSource {
 public:
  StretchSource(const BytesAtRest& bytes, uint64_t offset, uint64_t length)
      : bytes_(bytes), offset_(offset), left_(length) {}

  Result<size_t> read_some(MutableBytes buffer) override {
    const MutableBytes room = buffer.first(std::min<uint64_t>(buffer.size(), left_));
    if (room.empty()) return size_t{0};
    const size_t count = PACS_TRY(bytes_.read_at(offset_, room));
    if (count == 0) return corrupt("staged_too_short", "what was to be sent has lost bytes");
    offset_ += count;
    left_ -= count;
    return count;
  }

 private:
  const BytesAtRest& bytes_;
  uint64_t offset_;
  uint64_t left_;
};

struct HashedStretch {
  S3Body body;
  Md5Digest md5{};
};

Result<HashedStretch> hash_stretch(const BytesAtRest& bytes, uint64_t offset, uint64_t length) {
  Sha256 sha256;
  Md5 md5;
  ByteVector buffer(kHashBufferBytes);
  StretchSource source(bytes, offset, length);
  while (const size_t count = PACS_TRY(source.read_some(buffer))) {
    sha256.update(Bytes(buffer).first(count));
    md5.update(Bytes(buffer).first(count));
  }
  HashedStretch stretch;
  stretch.body.size_bytes = length;
  stretch.body.sha256 = sha256.finish().hex();
  stretch.body.open = [&bytes, offset, length] {
    return std::make_unique<StretchSource>(bytes, offset, length);
  };
  stretch.md5 = md5.finish();
  return stretch;
}

bool is_md5(std::string_view entity_tag) {
  return entity_tag.size() == 32 && from_hex(entity_tag).has_value();
}

}  // namespace

// One upload in parts, while it runs.
struct S3Writer::Upload {
  const BytesAtRest& bytes;
  std::string key;
  std::string id;
  std::string write_id;
  uint64_t part_bytes = 0;
  std::vector<std::string> entity_tags;  // of the parts, in order
};

std::string S3Writer::new_id() const {
  std::array<std::byte, 16> bytes{};
  random_.fill(bytes);
  return to_hex(bytes);
}

void S3Writer::add_parameters(http::Headers& headers) const {
  const auto set = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) headers.set(name, value);
  };
  set("x-amz-server-side-encryption", parameters_.server_side_encryption);
  set("x-amz-server-side-encryption-aws-kms-key-id", parameters_.kms_key_id);
  set("x-amz-storage-class", parameters_.storage_class);
  set("x-amz-tagging", parameters_.tagging);
}

Result<void> S3Writer::copy(std::string_view from, std::string_view to,
                            http::Headers headers) const {
  add_parameters(headers);
  const S3Answer answer = PACS_TRY(objects_.copy(from, to, std::move(headers)));
  const Result<void> encrypted = check_encryption(answer);
  if (!encrypted && from != to) PACS_TRY(objects_.remove(to));
  return encrypted;
}

Result<void> S3Writer::probe() {
  const std::string key = s3_own::probe(new_id());
  const Result<std::string> first = put_text(key, "probe", "text/plain", Condition::absent);
  if (!first) {
    const ErrorCode code = first.error().code;
    if (code != ErrorCode::permission_denied && code != ErrorCode::resource_exhausted) {
      return first.error();
    }
    log_warning("object_store_not_writable", {{"reason", first.error().reason}});
    return {};
  }
  if (creates_conditionally_) {
    const Result<std::string> second = put_text(key, "probe", "text/plain", Condition::absent);
    if (second) creates_conditionally_ = false;
  }
  if (!creates_conditionally_) log_warning("object_store_without_conditional_create");
  return objects_.remove(key);
}

Result<std::string> S3Writer::put_text(std::string_view key, std::string text,
                                       std::string_view content_type, Condition condition) {
  S3Request request;
  request.key = key;
  request.headers.set("Content-Type", content_type);
  Md5 md5;
  md5.update(as_bytes(text));
  request.text = std::move(text);
  S3Metadata metadata;
  metadata.write_id = new_id();
  metadata.add_to(request.headers);
  return put_once(std::move(request), metadata.write_id, to_hex(md5.finish()), condition);
}

Result<std::string> S3Writer::put(const BytesAtRest& bytes, std::string_view key,
                                  const S3Metadata& metadata, std::string_view content_type,
                                  Condition condition) {
  S3Request request;
  request.key = key;
  request.headers.set("Content-Type", content_type);
  metadata.add_to(request.headers);
  if (bytes.size_bytes() >= sizes_.multipart_from) {
    return put_in_parts(bytes, std::move(request), metadata, condition);
  }
  HashedStretch all = PACS_TRY(hash_stretch(bytes, 0, bytes.size_bytes()));
  request.headers.set("Content-MD5", to_base64(all.md5));
  request.body = std::move(all.body);
  return put_once(std::move(request), metadata.write_id, to_hex(all.md5), condition);
}

Result<std::string> S3Writer::put_once(S3Request request, const std::string& write_id,
                                       const std::string& md5, Condition condition) {
  request.method = "PUT";
  add_parameters(request.headers);
  const uint64_t size_bytes = request.body ? request.body->size_bytes : request.text.size();
  const Result<S3Answer> answer = send_put(request, condition);
  if (!answer) {
    if (answer.error().reason != "outcome_unknown") return answer.error();
    return confirm(request.key, write_id, size_bytes, condition);
  }
  if (const Result<void> encrypted = check_encryption(*answer); !encrypted) {
    PACS_TRY(objects_.remove(request.key));
    return encrypted.error();
  }
  const std::string entity_tag = answer->entity_tag();
  // With a key of its own the store hashes something else.
  const bool is_plain = answer->header("x-amz-server-side-encryption") != "aws:kms";
  if (is_plain && is_md5(entity_tag) && entity_tag != md5) {
    PACS_TRY(objects_.remove(request.key));
    return unavailable("store_unavailable", "the object store has other bytes than it was sent");
  }
  return entity_tag;
}

// Success: an answer of success. `unavailable` ("outcome_unknown"): look whether it is there.
Result<S3Answer> S3Writer::send_put(S3Request& request, Condition condition) {
  for (int conflicts = 0;; ++conflicts) {
    request.headers.remove("If-None-Match");
    const bool is_conditional = condition == Condition::absent && creates_conditionally_;
    if (is_conditional) {
      request.headers.set("If-None-Match", "*");
    } else if (condition == Condition::absent) {
      PACS_TRY(refuse_if_occupied(request.key));
    }
    Result<S3Answer> answer = client_.send(request);
    const Error unknown = unavailable("outcome_unknown", "the object store did not answer");
    if (!answer) {
      return answer.error().code == ErrorCode::unavailable ? unknown : answer.error();
    }
    if (answer->is_success()) return answer;
    const S3Fault& fault = answer->fault;
    if (is_conditional && fault.status == 412) {
      // Perhaps by an attempt of ours whose answer was lost.
      return answer->may_have_acted_before ? unknown : key_occupied();
    }
    if (is_conditional && fault.status == 409 && conflicts < kConflictsMax) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20 << conflicts));
      continue;
    }
    if (is_conditional && fault.status == 501) {
      creates_conditionally_ = false;
      continue;
    }
    if (fault.is_passing() && fault.status >= 500) return unknown;
    return fault.to_error();
  }
}

Result<void> S3Writer::refuse_if_occupied(std::string_view key) const {
  if (PACS_TRY(objects_.find(key))) return key_occupied();
  return {};
}

// For an answer that never came: is what is there ours, and whole?
Result<std::string> S3Writer::confirm(std::string_view key, const std::string& write_id,
                                      uint64_t size_bytes, Condition condition) {
  const Error unconfirmed = unavailable(
      "store_unavailable", "the object store did not confirm what it was sent; try again");
  auto looked = objects_.find(key);
  if (!looked && looked.error().code == ErrorCode::unavailable &&
      looked.error().reason != "no_such_bucket") {
    return unconfirmed;
  }
  const std::optional<S3Answer> there = PACS_TRY(std::move(looked));
  const bool is_ours =
      there && S3Metadata::from_headers(there->response.headers).write_id == write_id;
  if (there && !is_ours && condition == Condition::absent) return key_occupied();
  if (!is_ours) return unconfirmed;
  const bool is_whole =
      parse_unsigned(there->header("Content-Length")).value_or(UINT64_MAX) == size_bytes;
  const Result<void> encrypted = check_encryption(*there);
  if (is_whole && encrypted) return there->entity_tag();
  PACS_TRY(objects_.remove(key));
  if (!encrypted) return encrypted.error();
  return unavailable("store_unavailable", "the object store has less than it was sent");
}

Result<void> S3Writer::check_encryption(const S3Answer& answer) const {
  const std::string& asked = parameters_.server_side_encryption;
  if (asked.empty() || answer.header("x-amz-server-side-encryption") == asked) return {};
  return unsupported("not_encrypted",
                     "the object store does not encrypt as AWS_S3_OBJECT_PARAMETERS asks");
}

// --- in parts
// -------------------------------------------------------------------------------------

Result<std::string> S3Writer::put_in_parts(const BytesAtRest& bytes, S3Request begin,
                                           const S3Metadata& metadata, Condition condition) {
  // Before the bytes go up; the completion asks again.
  if (condition == Condition::absent) PACS_TRY(refuse_if_occupied(begin.key));
  begin.method = "POST";
  begin.query = {{"uploads", ""}};
  add_parameters(begin.headers);
  const S3Answer begun = PACS_TRY(expect_success(client_.send(begin)));
  pugi::xml_document document;
  const std::string& body = begun.response.body;
  document.load_buffer(body.data(), body.size(), pugi::parse_minimal | pugi::parse_escapes);
  Upload upload{bytes, begin.key, {}, metadata.write_id, 0, {}};
  upload.id = document.child("InitiateMultipartUploadResult").child_value("UploadId");
  if (upload.id.empty()) {
    return unavailable("store_unavailable", "the object store did not begin an upload in parts");
  }
  upload.part_bytes =
      std::max(sizes_.part_bytes, (bytes.size_bytes() + sizes_.parts_max - 1) / sizes_.parts_max);
  const auto finish = [&]() -> Result<std::string> {
    PACS_TRY(check_encryption(begun));
    PACS_TRY(send_parts(upload));
    if (condition == Condition::absent) PACS_TRY(refuse_if_occupied(begin.key));
    const Result<void> completed = complete(upload, condition);
    if (!completed && completed.error().reason != "outcome_unknown") return completed.error();
    return confirm(begin.key, metadata.write_id, bytes.size_bytes(), condition);
  };
  Result<std::string> finished = finish();
  if (!finished) {
    // What cannot be aborted now is found by clean_staging().
    if (const Result<void> aborted = objects_.abort_upload(begin.key, upload.id); !aborted) {
      log_warning("upload_not_aborted", {{"reason", aborted.error().reason}});
    }
  }
  return finished;
}

Result<void> S3Writer::send_parts(Upload& upload) {
  const uint64_t size_bytes = upload.bytes.size_bytes();
  const size_t count =
      std::max<uint64_t>(1, (size_bytes + upload.part_bytes - 1) / upload.part_bytes);
  upload.entity_tags.resize(count);
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::optional<Error> failure;  // guarded by mutex: the first one
  const auto work = [&] {
    for (size_t index = next++; index < count; index = next++) {
      Result<std::string> entity_tag = send_part(upload, index);
      if (entity_tag) {
        upload.entity_tags[index] = std::move(*entity_tag);
        continue;
      }
      const std::lock_guard lock(mutex);
      if (!failure) failure = entity_tag.error();
      next = count;  // the others need not begin
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 1; i < std::min<size_t>(count, sizes_.parts_at_once); ++i) {
    threads.emplace_back(work);
  }
  work();
  for (std::thread& thread : threads) thread.join();
  if (failure) return *failure;
  return {};
}

Result<std::string> S3Writer::send_part(const Upload& upload, size_t index) {
  const uint64_t offset = index * upload.part_bytes;
  const uint64_t length = std::min(upload.part_bytes, upload.bytes.size_bytes() - offset);
  HashedStretch part = PACS_TRY(hash_stretch(upload.bytes, offset, length));
  S3Request request;
  request.method = "PUT";
  request.key = upload.key;
  request.query = {{"partNumber", std::to_string(index + 1)}, {"uploadId", upload.id}};
  request.headers.set("Content-MD5", to_base64(part.md5));
  request.body = std::move(part.body);
  const S3Answer answer = PACS_TRY(expect_success(client_.send(request)));
  std::string entity_tag = answer.entity_tag();
  if (entity_tag.empty()) {
    return unavailable("store_unavailable", "the object store did not name a part it was sent");
  }
  return entity_tag;
}

// Success, or `unavailable` ("outcome_unknown"): confirm() tells. The status of 200 may come before
// the work is done, so only the body counts.
Result<void> S3Writer::complete(const Upload& upload, Condition condition) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("CompleteMultipartUpload");
  for (size_t i = 0; i < upload.entity_tags.size(); ++i) {
    pugi::xml_node part = root.append_child("Part");
    part.append_child("PartNumber").text().set(std::to_string(i + 1).c_str());
    part.append_child("ETag").text().set(("\"" + upload.entity_tags[i] + "\"").c_str());
  }
  struct Writer final : pugi::xml_writer {
    void write(const void* data, size_t size) override {
      text.append(static_cast<const char*>(data), size);
    }
    std::string text;
  } writer;
  document.save(writer, "", pugi::format_raw);
  S3Request request;
  request.method = "POST";
  request.key = upload.key;
  request.query = {{"uploadId", upload.id}};
  request.headers.set("Content-Type", "application/xml");
  request.text = std::move(writer.text);
  request.working_time = kCompletionTimeMax;
  if (condition == Condition::absent && creates_conditionally_) {
    request.headers.set("If-None-Match", "*");
  }
  const Error unknown = unavailable("outcome_unknown", "the object store did not answer");
  Result<S3Answer> answer = client_.send(request);
  if (!answer) {
    return answer.error().code == ErrorCode::unavailable ? unknown : answer.error();
  }
  if (answer->is_success()) {
    const S3Fault hidden = parse_s3_fault(answer->response);
    if (hidden.code.empty() || hidden.is_passing()) return unknown;
    return hidden.to_error();
  }
  const S3Fault& fault = answer->fault;
  // An attempt before this one was carried out after all, or nobody knows.
  if (fault.is("NoSuchUpload") || (fault.is_passing() && fault.status >= 500)) return unknown;
  if (fault.status == 412) return answer->may_have_acted_before ? unknown : key_occupied();
  return fault.to_error();
}

}  // namespace pacs::storage
