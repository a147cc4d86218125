// For the tests of the edges over HTTP: an archive in a temporary folder with its tokens, and a
// router that is asked without a network. The edge's own fixture derives from it and registers its
// routes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

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
#include "core/json_value.h"
#include "core/metrics.h"
#include "core/text.h"
#include "edge/edge_services.h"
#include "http/router.h"
#include "http/uri.h"
#include "index/database.h"
#include "pixel/in_process_decoder.h"
#include "storage/memory_blob_store.h"
#include "storage/signing_keys.h"
#include "tests/support/dicom_builder.h"
#include "tests/support/link_keys.h"
#include "tests/support/temporary_folder.h"

namespace pacs::tests {

struct EdgeAnswer {
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

struct EdgeQuestion {
  http::Method method = http::Method::get;
  std::string target;
  std::string body = {};
  std::string content_type = {};  // empty: JSON where there is a body
  std::string token = {};         // empty: none
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

struct EdgeTestOptions {
  archive::StoreOptions store{};
  uint64_t bytes_free_min = 0;
};

class EdgeTest : public ::testing::Test {
 protected:
  explicit EdgeTest(const EdgeTestOptions& options = {})
      : database_(
            index::Database::open(folder_.path() / "index.db", index::DatabaseOptions()).value()),
        stores_(storage::make_memory_blob_store()),
        signing_keys_(
            storage::SigningKeys::open(folder_ / "signing-keys", clock_, random_).value()),
        verifier_(*database_, clock_),
        issuer_(*database_, verifier_, clock_, random_),
        share_links_(*database_, verifier_, clock_, random_, fixed_link_keys()),
        jwts_({}, clock_),
        audit_(*database_, clock_),
        authenticator_({verifier_, share_links_, jwts_, audit_, clock_}, ::geteuid()),
        room_(stores_, folder_.path().string(), options.bytes_free_min, clock_, metrics_),
        store_(stores_, *database_, claims_, room_, everything(), clock_, metrics_, options.store),
        retrieve_(stores_, *database_, clock_, metrics_),
        guarded_clock_(clock_, *database_, metrics_),
        remove_(stores_, *database_, claims_, everything(), guarded_clock_),
        rendering_(retrieve_, *database_, decoder_, frame_gate_),
        edge_services_{authenticator_, audit_, clock_, *signing_keys_},
        router_(metrics_, clock_) {
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

  EdgeAnswer ask(const EdgeQuestion& asked) {
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
      request.headers.set("Content-Type", "application/json");
    }
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

  EdgeAnswer remove(const std::string& target, const std::string& token) {
    return ask({.method = http::Method::delete_, .target = target, .token = token});
  }

  static EdgeAnswer parse_answer(const std::string& wire) {
    EdgeAnswer answer;
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

  static testing::DicomBuilder slice(const std::string& study, const std::string& series,
                                     const std::string& instance,
                                     const std::string& patient = "P1") {
    return testing::DicomBuilder::ct_slice(study, series, instance)
        .text(dicom::tags::kPatientId, dicom::Vr::LO, patient);
  }
  static std::string ct(const std::string& study, const std::string& series,
                        const std::string& instance, const std::string& patient = "P1") {
    return slice(study, series, instance, patient).build();
  }

  testing_support::TemporaryFolder folder_;
  ManualClock clock_{1'795'366'200'000};
  SystemRandom random_;
  Metrics metrics_;
  std::unique_ptr<index::Database> database_;
  archive::Stores stores_;
  std::unique_ptr<storage::SigningKeys> signing_keys_;
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
  edge::EdgeServices edge_services_;
  http::Router router_;
  std::string admin_;
  std::string reader_;
  std::string uploader_;
  int requests_ = 0;
};

}  // namespace pacs::tests
