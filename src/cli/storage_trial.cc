#include "cli/storage_trial.h"

#include <array>
#include <thread>
#include <utility>

#include "access/receipts.h"
#include "cli/object_store.h"
#include "core/file.h"
#include "core/json_writer.h"
#include "http/uri.h"
#include "storage/s3_objects.h"

namespace pacs::cli {
namespace {

constexpr std::string_view kOffline = "/api/v1/radiology/offline-images/";
constexpr std::chrono::seconds kShortLife{1};
constexpr std::chrono::seconds kLife{60};
// Links end with a second, at an object store of its own clock; a little more makes sure that it
// has passed.
constexpr std::chrono::milliseconds kMargin{200};
constexpr std::chrono::milliseconds kObjectStoreMargin{2'000};

// An order that no application has given out: above 2^52, and exact in JavaScript.
int64_t unlikely_order(Random& random) {
  std::array<std::byte, 6> bytes{};
  random.fill(bytes);
  int64_t number = 0;
  for (const std::byte byte : bytes) number = number << 8 | static_cast<int64_t>(byte);
  return (int64_t{1} << 52) + number;
}

Error wrong(std::string_view detail) { return corrupt("trial_failed", detail); }

}  // namespace

struct StorageTrial::Step {
  const char* name;
  Outcome (StorageTrial::*run)();
  bool needs_links = false;  // that anybody may use
};

const std::vector<StorageTrial::Step>& StorageTrial::steps() {
  static const std::vector<Step> all = {
      {"make a test image", &StorageTrial::make_image},
      {"upload its metadata", &StorageTrial::upload_metadata},
      {"upload its bytes", &StorageTrial::upload_bytes},
      {"acknowledge, check the receipt", &StorageTrial::acknowledge},
      {"verify the stored bytes", &StorageTrial::verify_stored_bytes},
      {"make links", &StorageTrial::make_urls},
      {"fetch by link", &StorageTrial::fetch_by_url},
      {"see an expired link refused", &StorageTrial::see_expired_refused, true},
      {"see a forged link refused", &StorageTrial::see_forged_refused, true},
  };
  return all;
}

StorageTrial::StorageTrial(ServerConnection& connection, const Settings& settings, Random& random)
    : settings_(settings), random_(random), api_(connection) {}

bool StorageTrial::run(const std::function<void(const TrialStep&)>& tell) {
  bool went_well = true;
  const auto run_one = [&](const Step& step) {
    TrialStep told;
    told.name = step.name;
    const auto begin = clock_.monotonic();
    if (step.needs_links && settings_.media.signed_urls == SignedUrls::token_required) {
      told.was_skipped = true;
      told.remark = "RADIOLOGY_SIGNED_URLS is false: no link opens anything";
    } else if (Outcome outcome = (this->*step.run)()) {
      told.remark = std::move(*outcome);
    } else {
      told.error = outcome.error();
      went_well = false;
    }
    told.took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.monotonic() - begin);
    tell(told);
  };
  for (const Step& step : steps()) {
    run_one(step);
    if (!went_well) break;
  }
  if (!image_id_.empty()) run_one({"remove it", &StorageTrial::remove});
  return went_well;
}

StorageTrial::Outcome StorageTrial::make_image() {
  image_ = make_test_image(random_);
  image_uuid_ = Uuid::random(random_).str();
  JsonWriter json;
  json.begin_object();
  json.member("image_uuid", image_uuid_);
  json.member("radiology_order_id", unlikely_order(random_));
  json.member("filename", "test_storage.dcm");
  json.member("file_size", static_cast<int64_t>(image_.bytes.size()));
  json.member("mime_type", "application/dicom");
  json.member("checksum", sha256(image_.bytes).hex());
  json.end_object();
  record_ = json.take();
  return std::to_string(image_.bytes.size()) + " bytes, image " + image_.image_uid;
}

StorageTrial::Outcome StorageTrial::upload_metadata() {
  const JsonValue record = PACS_TRY(api_.post(std::string(kOffline) + "upload-metadata/", record_));
  if (text_of(record, "status") != "METADATA_UPLOADED") {
    return wrong("the record's status is " + text_of(record, "status"));
  }
  return std::string();
}

StorageTrial::Outcome StorageTrial::upload_bytes() {
  const std::string boundary = "pacs-lite-" + Uuid::random(random_).str();
  http::ClientRequest request;
  request.method = "POST";
  request.headers.add("Content-Type", "multipart/form-data; boundary=" + boundary);
  request.body = "--" + boundary +
                 "\r\nContent-Disposition: form-data; name=\"image_uuid\"\r\n\r\n" + image_uuid_ +
                 "\r\n--" + boundary +
                 "\r\nContent-Disposition: form-data; name=\"file\"; "
                 "filename=\"test_storage.dcm\"\r\nContent-Type: application/dicom\r\n\r\n";
  request.body.append(as_text(image_.bytes));
  request.body.append("\r\n--" + boundary + "--\r\n");
  const http::ClientResponse answer =
      PACS_TRY(api_.send(std::move(request), std::string(kOffline) + "upload-binary/"));
  const JsonValue image = PACS_TRY(JsonValue::parse(answer.body));
  image_id_ = std::to_string(number_of(image, "id").value_or(0));
  file_key_ = text_of(image, "file_key");
  return file_key_;
}

StorageTrial::Outcome StorageTrial::acknowledge() {
  JsonWriter json;
  json.begin_object();
  json.member("image_uuid", image_uuid_);
  json.end_object();
  const JsonValue record = PACS_TRY(api_.post(std::string(kOffline) + "acknowledge/", json.take()));
  const JsonValue* receipt = record.find("receipt");
  if (receipt == nullptr) return wrong("the acknowledgement has no receipt");
  const JsonValue archive = PACS_TRY(api_.get("/api/v1/archive/"));
  const auto key =
      PACS_TRY(access::parse_receipt_public_key(text_of(archive, "receipt_public_key")));
  const access::Receipt checked = PACS_TRY(access::verify_receipt(receipt->to_json(), key));
  if (checked.sha256 != sha256(image_.bytes)) return wrong("the receipt is for other bytes");
  return std::string();
}

// Past the server: what a backup, or the Django application, would find.
Result<std::string> StorageTrial::read_stored_bytes() {
  if (!uses_object_store(settings_)) {
    return read_file(settings_.media.root + "/" + file_key_, image_.bytes.size() + 1);
  }
  const auto credentials = make_credentials(settings_, clock_);
  storage::S3Client client(settings_.s3, {}, *credentials, clock_, random_);
  auto stored = PACS_TRY(storage::S3Objects(client).read_text(file_key_));
  if (!stored) return wrong("the bucket has no object under the image's key");
  return std::move(*stored);
}

StorageTrial::Outcome StorageTrial::verify_stored_bytes() {
  const std::string path = uses_object_store(settings_)
                               ? "s3://" + settings_.s3.bucket + "/" + file_key_
                               : settings_.media.root + "/" + file_key_;
  const std::string stored = PACS_TRY(read_stored_bytes());
  if (as_bytes(stored).size() != image_.bytes.size() ||
      sha256(as_bytes(stored)) != sha256(image_.bytes)) {
    return wrong("what is stored has other bytes than those that were sent");
  }
  return path;
}

Result<std::string> StorageTrial::make_url(std::chrono::seconds life) {
  const JsonValue link = PACS_TRY(api_.get("/api/v1/radiology/images/" + image_id_ +
                                           "/url/?expires_in=" + std::to_string(life.count())));
  return text_of(link, "image_url");
}

StorageTrial::Outcome StorageTrial::make_urls() {
  short_url_ = PACS_TRY(make_url(kShortLife));
  short_url_ends_at_ = clock_.now() + std::chrono::milliseconds(kShortLife).count();
  url_ = PACS_TRY(make_url(kLife));
  return url_.substr(0, url_.find('?'));
}

// The link as this server sees it: a proxy in front may have another host, and takes off the path
// of PACS_LITE_PUBLIC_URL.
std::string StorageTrial::path_of_link(const std::string& url) const {
  const std::string& base = settings_.network.public_url;
  if (!base.empty() && url.starts_with(base)) return url.substr(base.size());
  const std::optional<http::Url> parsed = http::parse_url(url);
  return parsed ? parsed->target : url;
}

// As a browser would: from this server, or from the object store itself.
Result<http::ClientResponse> StorageTrial::fetch(const std::string& url) {
  if (!uses_object_store(settings_)) return api_.send({}, path_of_link(url));
  return follow_link(settings_, url);
}

StorageTrial::Outcome StorageTrial::fetch_by_url() {
  const http::ClientResponse answer = PACS_TRY(fetch(url_));
  if (sha256(as_bytes(answer.body)) != sha256(image_.bytes)) {
    return wrong("the link gives other bytes than those that were sent");
  }
  return std::string(answer.headers.find("Content-Type").value_or("no content type"));
}

Result<void> StorageTrial::expect_refusal(const std::string& url) {
  const Result<http::ClientResponse> answer = fetch(url);
  if (answer) return wrong("the link still gives the image");
  if (!is_refusal(answer.error())) return answer.error();
  return {};
}

StorageTrial::Outcome StorageTrial::see_expired_refused() {
  const auto margin = uses_object_store(settings_) ? kObjectStoreMargin : kMargin;
  const int64_t wait = short_url_ends_at_ + margin.count() - clock_.now();
  if (wait > 0) std::this_thread::sleep_for(std::chrono::milliseconds(wait));
  PACS_TRY(expect_refusal(short_url_));
  return std::string();
}

StorageTrial::Outcome StorageTrial::see_forged_refused() {
  std::string forged = url_;
  // Both are whole in base64url, and neither is a hexadecimal digit that means the same.
  forged.back() = forged.back() == 'Q' ? 'A' : 'Q';
  PACS_TRY(expect_refusal(forged));
  std::string longer_life = url_;
  // "X-Amz-Expires" or, of CloudFront, "Expires".
  const std::string_view expires_is = uses_object_store(settings_) ? "Expires=" : "expires=";
  const size_t expires = longer_life.find(expires_is);
  if (expires == std::string::npos) return wrong("the link does not say when it expires");
  longer_life.insert(expires + expires_is.size(), "9");
  PACS_TRY(expect_refusal(longer_life));
  PACS_TRY(expect_refusal(url_.substr(0, url_.find('?'))));
  return std::string("another signature, another expiry, none at all");
}

StorageTrial::Outcome StorageTrial::remove() {
  PACS_TRY(api_.remove("/api/v1/radiology/images/" + image_id_ + "/?now=true"));
  if (url_.empty()) return std::string();
  const Result<http::ClientResponse> answer = fetch(url_);
  if (answer) return wrong("the link still gives the image after its removal");
  if (answer.error().code != ErrorCode::not_found) return answer.error();
  return std::string("its link is gone too");
}

}  // namespace pacs::cli
