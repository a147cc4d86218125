// For the tests of rest: its routes over a real archive.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "access/receipts.h"
#include "archive/offline_uploads.h"
#include "archive/resumable_uploads.h"
#include "archive/verification.h"
#include "rest/links.h"
#include "rest/rest_services.h"
#include "rest/routes.h"
#include "storage/media_url.h"
#include "tests/support/edge_fixture.h"

namespace pacs::rest {

using TestAnswer = tests::EdgeAnswer;
using TestRequest = tests::EdgeQuestion;

class RestTest : public tests::EdgeTest {
 protected:
  explicit RestTest(const RestSettings& settings = test_settings())
      : media_url_(storage::MediaUrl::create(settings.media_url, *signing_keys_, clock_).value()),
        thumbnail_url_(
            storage::MediaUrl::create(std::string(kThumbnails), *signing_keys_, clock_).value()),
        receipts_(
            access::ReceiptSigner::open(folder_.path().string(), "archive-1", random_).value()),
        offline_uploads_(
            store_, *database_, room_, everything(), clock_,
            [this](const archive::ReceiptFields& fields) {
              return receipts_.to_json({fields.image_uuid, fields.image_uid, fields.sha256,
                                        fields.file_size, fields.file_key, "", fields.stored_at});
            },
            index::PatientMismatch::refuse),
        resumable_uploads_(store_, offline_uploads_, stores_, *database_, room_, everything(),
                           guarded_clock_, random_, metrics_,
                           {.upload_bytes_max = settings.image_bytes_max, .checkpoints = {}}),
        verification_({stores_, *database_, claims_, retrieve_.readings(), wall_clock_, metrics_},
                      everything(), {}),
        services_{edge_services_, store_,         offline_uploads_, resumable_uploads_,
                  retrieve_,      remove_,        rendering_,       verification_,
                  stores_,        room_,          *database_,       issuer_,
                  share_links_,   receipts_,      *signing_keys_,   media_url_,
                  media_url_,     thumbnail_url_, everything(),     metrics_,
                  clock_,         settings} {
    register_routes(router_, services_);
    technician_ = make_token("reader,uploader");
  }

  static RestSettings test_settings() {
    RestSettings settings;
    settings.media_url = "/media/";
    settings.frame_ancestors = {"'self'"};
    settings.version = "1.2.3";
    settings.image_bytes_max = 1024 * 1024;
    return settings;
  }

  TestAnswer get(const std::string& target, const std::string& token) {
    return ask({.method = http::Method::get, .target = target, .token = token});
  }
  TestAnswer post(const std::string& target, const std::string& json, const std::string& token) {
    return ask({.method = http::Method::post, .target = target, .body = json, .token = token});
  }
  // The file part last, as browsers send it.
  TestAnswer post_form(const std::string& target,
                       const std::vector<std::pair<std::string, std::string>>& fields,
                       const std::string& filename, const std::string& content,
                       const std::string& token) {
    std::string form;
    for (const auto& [name, value] : fields) {
      form +=
          "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }
    form += "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename +
            "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + content + "\r\n--B--\r\n";
    return ask({.method = http::Method::post,
                .target = target,
                .body = form,
                .content_type = "multipart/form-data; boundary=B",
                .token = token});
  }

  TestAnswer store(const std::string& content, const std::string& query = "") {
    return ask({.method = http::Method::post,
                .target = "/api/v1/radiology/images/" + query,
                .body = content,
                .content_type = "application/dicom",
                .token = technician_});
  }

  // The path and query of a URL of ours.
  static std::string target_of(const std::string& url) {
    const std::string base = "https://pacs.example";
    EXPECT_TRUE(url.starts_with(base)) << url;
    return url.substr(base.size());
  }

  storage::MediaUrl media_url_;
  storage::MediaUrl thumbnail_url_;
  access::ReceiptSigner receipts_;
  archive::OfflineUploadService offline_uploads_;
  archive::ResumableUploadService resumable_uploads_;
  SystemClock wall_clock_;  // for the thread of the verification: nobody may move its clock
  archive::Verification verification_;
  RestServices services_;
  std::string technician_;
};

}  // namespace pacs::rest
