#include "storage/s3_files.h"

#include <utility>

#include "storage/s3_reader.h"

namespace pacs::storage {
namespace {

constexpr std::string_view kFileContentType = "application/octet-stream";
constexpr std::string_view kText = "text/plain";

}  // namespace

Result<std::unique_ptr<S3Files>> S3Files::open(const S3Settings& settings,
                                               AwsCredentialSource& credentials, const Clock& clock,
                                               Random& random) {
  std::unique_ptr<S3Files> files(new S3Files(settings, credentials, clock, random));
  PACS_TRY(files->objects_.find_bucket());
  return files;
}

Result<void> S3Files::put(const std::string& name, const BytesAtRest& bytes) {
  S3Metadata metadata;
  metadata.write_id = writer_.new_id();
  PACS_TRY(writer_.put(bytes, name, metadata, kFileContentType, S3Writer::Condition::none));
  return {};
}

Result<void> S3Files::put_text(const std::string& name, std::string text) {
  PACS_TRY(writer_.put_text(name, std::move(text), kText, S3Writer::Condition::none));
  return {};
}

Result<std::unique_ptr<BlobReader>> S3Files::get(const std::string& name) {
  return S3BlobReader::open(client_, objects_, name, std::nullopt);
}

Result<std::optional<std::string>> S3Files::read_text(const std::string& name) const {
  return objects_.read_text(name);
}

Result<void> S3Files::remove(const std::string& name) const { return objects_.remove(name); }

Result<uint64_t> S3Files::abort_old_uploads(UnixMillis now) const {
  return objects_.abort_uploads("", now - std::chrono::milliseconds(kUploadAgeMin).count());
}

Result<void> S3Files::list(std::string_view prefix,
                           const std::function<bool(const std::string& name)>& visit) const {
  return objects_.list(prefix, "", [&](const S3Listed& listed) { return visit(listed.key); });
}

}  // namespace pacs::storage
