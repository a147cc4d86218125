// What an object store answers: pages of a list, open uploads, faults. Nothing that it says may
// lead this server to a request that names what no listing had.
#include "core/text.h"
#include "storage/s3_answers.h"
#include "storage/s3_fault.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs;

namespace {

void check_list(std::string_view xml) {
  const auto page = storage::parse_s3_list(xml);
  if (!page) {
    FUZZ_CHECK(page.error().code == ErrorCode::unavailable);
    return;
  }
  FUZZ_CHECK(page->objects.size() <= xml.size());
  for (const storage::S3Listed& object : page->objects) FUZZ_CHECK(object.key.size() <= xml.size());
}

void check_uploads(std::string_view xml) {
  const auto uploads = storage::parse_s3_uploads(xml);
  if (!uploads) {
    FUZZ_CHECK(uploads.error().code == ErrorCode::unavailable);
    return;
  }
  for (const storage::S3OpenUpload& upload : uploads->uploads) {
    FUZZ_CHECK(from_rfc3339(to_rfc3339(upload.begun_at)) == upload.begun_at);
  }
}

// Its words come into our logs and answers.
void check_fault(int status, std::string_view xml) {
  http::ClientResponse answer;
  answer.status = static_cast<http::Status>(status);
  answer.body = xml;
  const storage::S3Fault fault = storage::parse_s3_fault(answer);
  FUZZ_CHECK(fault.status == status);
  for (const std::string& text : {fault.code, fault.message}) {
    for (const char c : text) FUZZ_CHECK(static_cast<unsigned char>(c) >= ' ' && c != 0x7F);
  }
  const Error error = fault.to_error();
  FUZZ_CHECK(!error.reason.empty() && !error.detail.empty());
  // A bucket that is missing is no image that is missing.
  if (fault.is("NoSuchBucket")) FUZZ_CHECK(error.code == ErrorCode::unavailable);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  constexpr int kStatusMin = 400;
  const int status = kStatusMin + input.take_byte() % 200;
  check_list(input.rest());
  check_uploads(input.rest());
  check_fault(status, input.rest());
  static_cast<void>(storage::parse_s3_copy(input.rest()));
  return 0;
}
