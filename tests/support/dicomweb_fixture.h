// For the tests of dicomweb: its routes over a real archive in a temporary folder, asked without a
// network.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "access/authenticator.h"
#include "access/gathered_audit.h"
#include "access/jwt_verifier.h"
#include "access/scope_maker.h"
#include "access/share_links.h"
#include "access/token_issuer.h"
#include "access/token_verifier.h"
#include "archive/claims.h"
#include "archive/frame_gate.h"
#include "archive/guarded_clock.h"
#include "archive/remove.h"
#include "archive/rendering.h"
#include "archive/retrieve.h"
#include "archive/room.h"
#include "archive/store.h"
#include "archive/stores.h"
#include "archive/transcoding.h"
#include "core/json_value.h"
#include "core/metrics.h"
#include "core/text.h"
#include "dicomweb/dicomweb_services.h"
#include "dicomweb/routes.h"
#include "http/router.h"
#include "http/uri.h"
#include "index/database.h"
#include "pixel/in_process_decoder.h"
#include "storage/memory_blob_store.h"
#include "tests/support/dicom_builder.h"
#include "tests/support/link_keys.h"
#include "tests/support/temporary_folder.h"

namespace pacs::dicomweb {

struct DicomwebAnswer {
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
};

struct DicomwebQuestion {
  http::Method method = http::Method::get;
  std::string target;
  std::string body = {};
  std::string content_type = {};
  std::string token = {};  // empty: none
  http::Headers headers = {};
};

struct DicomwebTestOptions {
  archive::StoreOptions store{};
  uint64_t bytes_free_min = 0;
};

class DicomwebTest : public ::testing::Test {
 protected:
  explicit DicomwebTest(const DicomwebTestOptions& options = {})
      : database_(
            index::Database::open(folder_.path() / "index.db", index::DatabaseOptions()).value()),
        stores_(storage::make_memory_blob_store()),
        verifier_(*database_, clock_),
        issuer_(*database_, verifier_, clock_, random_),
        share_links_(*database_, verifier_, clock_, random_, tests::fixed_link_keys()),
        jwts_({}, clock_),
        audit_(*database_, clock_),
        authenticator_({verifier_, share_links_, jwts_, audit_, clock_}, ::geteuid()),
        room_(stores_, folder_.path().string(), options.bytes_free_min, clock_, metrics_),
        store_(stores_, *database_, claims_, room_, everything(), clock_, metrics_, options.store),
        retrieve_(stores_, *database_, clock_, metrics_),
        guarded_clock_(clock_, *database_, metrics_),
        remove_(stores_, *database_, claims_, everything(), guarded_clock_),
        rendering_(retrieve_, *database_, decoder_, frame_gate_),
        transcoding_(retrieve_, decoder_, frame_gate_),
        edge_services_{authenticator_, audit_, clock_},
        services_{edge_services_, store_,     retrieve_, remove_, rendering_,
                  transcoding_,   *database_, metrics_,  {}},
        router_(metrics_, clock_) {
    register_routes(router_, services_);
    admin_ = *issuer_.make_first(folder_.path().string()).value();
    reader_ = make_token("reader");
    uploader_ = make_token("uploader");
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

  DicomwebAnswer ask(const DicomwebQuestion& asked) {
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
    if (request.has_body) request.content_length = asked.body.size();
    if (!asked.content_type.empty()) request.headers.set("Content-Type", asked.content_type);
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

  static DicomwebAnswer parse_answer(const std::string& wire) {
    DicomwebAnswer answer;
    const size_t head_end = wire.find("\r\n\r\n");
    EXPECT_NE(head_end, std::string::npos) << wire;
    if (head_end == std::string::npos) return answer;
    answer.status = std::stoi(wire.substr(9, 3));
    std::string_view head = std::string_view(wire).substr(0, head_end);
    while (true) {
      const size_t end = head.find("\r\n");
      const std::string_view line = head.substr(0, end);
      const size_t colon = line.find(": ");
      if (colon != std::string_view::npos) {
        answer.headers.add(line.substr(0, colon), trim(line.substr(colon + 1)));
      }
      if (end == std::string_view::npos) break;
      head = head.substr(end + 2);
    }
    answer.body = wire.substr(head_end + 4);
    return answer;
  }

  static std::string parts_of(const std::vector<std::string>& contents) {
    std::string body;
    for (const std::string& content : contents) {
      body += "--B\r\nContent-Type: application/dicom\r\n\r\n" + content + "\r\n";
    }
    return body + "--B--\r\n";
  }

  DicomwebAnswer store_parts(const std::vector<std::string>& contents,
                             const std::string& target = "/dicom-web/studies") {
    return ask({.method = http::Method::post,
                .target = target,
                .body = parts_of(contents),
                .content_type = "multipart/related; type=\"application/dicom\"; boundary=B",
                .token = uploader_});
  }

  DicomwebAnswer store_single(const std::string& content) {
    return ask({.method = http::Method::post,
                .target = "/dicom-web/studies",
                .body = content,
                .content_type = "application/dicom",
                .token = uploader_});
  }

  DicomwebAnswer remove(const std::string& target, const std::string& token) {
    return ask({.method = http::Method::delete_, .target = target, .token = token});
  }

  static testing::DicomBuilder slice(const std::string& study, const std::string& series,
                                     const std::string& instance) {
    return testing::DicomBuilder::ct_slice(study, series, instance)
        .text(dicom::tags::kPatientId, dicom::Vr::LO, "P1");
  }
  static std::string ct(const std::string& study, const std::string& series,
                        const std::string& instance) {
    return slice(study, series, instance).build();
  }

  testing_support::TemporaryFolder folder_;
  ManualClock clock_{1'795'366'200'000};
  SystemRandom random_;
  Metrics metrics_;
  std::unique_ptr<index::Database> database_;
  archive::Stores stores_;
  archive::Claims claims_;
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
  pixel::InProcessDecoder decoder_;
  archive::FrameGate frame_gate_;
  archive::RenderingService rendering_;
  archive::TranscodingService transcoding_;
  edge::EdgeServices edge_services_;
  DicomwebServices services_;
  http::Router router_;
  std::string admin_;
  std::string reader_;
  std::string uploader_;
  int requests_ = 0;
};

}  // namespace pacs::dicomweb
