// For the tests of this module: the routes over a real archive in a temporary folder, asked without
// a network.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <unistd.h>

#include "access/authenticator.h"
#include "access/gathered_audit.h"
#include "access/jwt_verifier.h"
#include "access/receipts.h"
#include "access/scope_maker.h"
#include "access/share_links.h"
#include "access/token_issuer.h"
#include "access/token_verifier.h"
#include "archive/claims.h"
#include "archive/guarded_clock.h"
#include "archive/offline_uploads.h"
#include "archive/remove.h"
#include "archive/resumable_uploads.h"
#include "archive/retrieve.h"
#include "archive/room.h"
#include "archive/store.h"
#include "archive/stores.h"
#include "archive/verification.h"
#include "core/json_value.h"
#include "core/metrics.h"
#include "core/text.h"
#include "http/router.h"
#include "http/uri.h"
#include "index/database.h"
#include "rest/rest_services.h"
#include "rest/routes.h"
#include "storage/media_url.h"
#include "storage/memory_blob_store.h"
#include "storage/signing_keys.h"
#include "tests/support/dicom_builder.h"
#include "tests/support/link_keys.h"
#include "tests/support/temporary_folder.h"

namespace pacs::rest {

struct TestAnswer {
  int status = 0;
  http::Headers headers;
  std::string body;

  [[nodiscard]] JsonValue json() const {
    auto value = JsonValue::parse(body);
    EXPECT_TRUE(value) << body;
    return value ? *value : JsonValue();
  }
  [[nodiscard]] std::string field(std::string_view name) const {
    return std::string(headers.find(name).value_or("(none)"));
  }
  // Of a member of the object that the body is; as JSON where it is no text.
  [[nodiscard]] std::string text(std::string_view name) const { return member_of(json(), name); }
  [[nodiscard]] static std::string member_of(const JsonValue& object, std::string_view name) {
    const JsonValue* member = object.find(name);
    if (member == nullptr) return "(absent)";
    return member->as_string() != nullptr ? *member->as_string() : member->to_json();
  }
};

struct TestRequest {
  http::Method method = http::Method::get;
  std::string target;
  std::string body = {};
  std::string content_type = "application/json";
  std::string token = {};  // empty: none
  http::Headers headers = {};
};

inline http::Headers parse_head_fields(std::string_view head) {
  http::Headers headers;
  while (!head.empty()) {
    const size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      headers.add(line.substr(0, colon), trim(line.substr(colon + 1)));
    }
    head = end == std::string_view::npos ? std::string_view() : head.substr(end + 2);
  }
  return headers;
}

class RestTest : public ::testing::Test {
 protected:
  explicit RestTest(const RestSettings& settings = test_settings())
      : database_(
            index::Database::open(folder_.path() / "index.db", index::DatabaseOptions()).value()),
        stores_(storage::make_memory_blob_store()),
        signing_keys_(
            storage::SigningKeys::open(folder_ / "signing-keys", clock_, random_).value()),
        media_url_(storage::MediaUrl::create(settings.media_url, *signing_keys_, clock_).value()),
        receipts_(
            access::ReceiptSigner::open(folder_.path().string(), "archive-1", random_).value()),
        verifier_(*database_, clock_),
        issuer_(*database_, verifier_, clock_, random_),
        share_links_(*database_, verifier_, clock_, random_, tests::fixed_link_keys()),
        jwts_({}, clock_),
        audit_(*database_, clock_),
        authenticator_({verifier_, share_links_, jwts_, audit_, clock_}, ::geteuid()),
        room_(stores_, folder_.path().string(), 0, clock_, metrics_),
        store_(stores_, *database_, claims_, room_, everything(), clock_, metrics_, {}),
        retrieve_(stores_, *database_, clock_, metrics_),
        guarded_clock_(clock_, *database_, metrics_),
        remove_(stores_, *database_, claims_, everything(), guarded_clock_),
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
        edge_services_{authenticator_, audit_, clock_},
        services_{edge_services_, store_,         offline_uploads_, resumable_uploads_,
                  retrieve_,      remove_,        verification_,    stores_,
                  room_,          *database_,     issuer_,          share_links_,
                  receipts_,      *signing_keys_, media_url_,       media_url_,
                  everything(),   metrics_,       clock_,           settings},
        router_(metrics_, clock_) {
    register_routes(router_, services_);
    admin_ = *issuer_.make_first(folder_.path().string()).value();
    reader_ = make_token("reader");
    uploader_ = make_token("uploader");
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

  static index::Scope everything() { return access::ScopeMaker::of_server(); }

  std::string make_token(std::string_view roles) {
    access::Principal admin;
    admin.id = "token:1";
    admin.roles = {access::Role::admin};
    access::TokenOrder order;
    order.name = "test " + std::string(roles);
    order.roles = *access::Roles::parse(roles);
    return issuer_.create(admin, order, "r0").value().secret;
  }

  TestAnswer ask(const TestRequest& asked) {
    MemorySource body(as_bytes(asked.body));
    http::Request request(body);
    request.method = asked.method;
    const auto target = http::parse_request_target(asked.target);
    EXPECT_TRUE(target) << asked.target;
    request.target = asked.target;
    request.raw_path = target->path;
    request.raw_query = target->query;
    request.headers = asked.headers;
    request.has_body = !asked.body.empty();
    if (request.has_body) {
      request.content_length = asked.body.size();
      if (!asked.content_type.empty()) request.headers.set("Content-Type", asked.content_type);
    }
    if (!asked.token.empty()) request.headers.set("Authorization", "Bearer " + asked.token);
    request.peer.address = http::IpAddress::parse("192.0.2.7");
    request.client = {request.peer.address, "https", "pacs.example"};
    request.request_id = "r" + std::to_string(++requests_);

    http::StringWire wire;
    http::ResponseTerms terms;
    terms.method = asked.method;
    terms.request_id = request.request_id;
    http::ResponseWriter writer(wire, std::move(terms));
    router_.handle(request, writer);
    return parse_answer(wire.text());
  }

  TestAnswer get(const std::string& target, const std::string& token) {
    return ask({.method = http::Method::get, .target = target, .token = token});
  }
  TestAnswer post(const std::string& target, const std::string& json, const std::string& token) {
    return ask({.method = http::Method::post, .target = target, .body = json, .token = token});
  }
  TestAnswer remove(const std::string& target, const std::string& token) {
    return ask({.method = http::Method::delete_, .target = target, .token = token});
  }

  static TestAnswer parse_answer(const std::string& wire) {
    TestAnswer answer;
    const size_t head_end = wire.find("\r\n\r\n");
    EXPECT_NE(head_end, std::string::npos) << wire;
    if (head_end == std::string::npos) return answer;
    answer.status = std::stoi(wire.substr(9, 3));
    const size_t first_line_end = wire.find("\r\n");
    answer.headers = parse_head_fields(
        std::string_view(wire).substr(first_line_end + 2, head_end - first_line_end));
    answer.body = wire.substr(head_end + 4);
    return answer;
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

  static std::string ct(const std::string& study, const std::string& series,
                        const std::string& image, const std::string& patient = "P1") {
    return testing::DicomBuilder::ct_slice(study, series, image)
        .text(dicom::tags::kPatientId, dicom::Vr::LO, patient)
        .build();
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

  testing_support::TemporaryFolder folder_;
  ManualClock clock_{1'795'366'200'000};
  SystemRandom random_;
  Metrics metrics_;
  std::unique_ptr<index::Database> database_;
  archive::Stores stores_;
  archive::Claims claims_;
  std::unique_ptr<storage::SigningKeys> signing_keys_;
  storage::MediaUrl media_url_;
  access::ReceiptSigner receipts_;
  access::TokenVerifier verifier_;
  access::TokenIssuer issuer_;
  access::ShareLinks share_links_;
  access::JwtVerifier jwts_;
  access::GatheredAudit audit_;
  access::Authenticator authenticator_;
  archive::Room room_;
  archive::StoreService store_;
  archive::RetrieveService retrieve_;
  archive::GuardedClock guarded_clock_;
  archive::RemoveService remove_;
  archive::OfflineUploadService offline_uploads_;
  archive::ResumableUploadService resumable_uploads_;
  SystemClock wall_clock_;  // for the thread of the verification: nobody may move its clock
  archive::Verification verification_;
  edge::EdgeServices edge_services_;
  RestServices services_;
  http::Router router_;
  std::string admin_;
  std::string reader_;
  std::string uploader_;
  std::string technician_;
  int requests_ = 0;
};

}  // namespace pacs::rest
