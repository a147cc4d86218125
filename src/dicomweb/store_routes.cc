// POST studies and studies/{study}: the store transaction (STOW-RS, PS3.18 10.5).
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "access/actions.h"
#include "archive/assembly.h"
#include "archive/store.h"
#include "archive/store_request.h"
#include "core/text.h"
#include "dicomweb/model_answer.h"
#include "dicomweb/receive_instances.h"
#include "dicomweb/resource.h"
#include "dicomweb/routes.h"
#include "dicomweb/store_answer.h"
#include "dicomweb/store_helpers.h"
#include "dicomweb/store_line.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/media_type.h"
#include "http/multipart_reader.h"
#include "http/router.h"

namespace pacs::dicomweb {
namespace {

constexpr std::string_view kZipType = "application/zip";

enum class StoreBody { parts, single, zip, metadata };

Result<StoreBody> store_body_of(const http::Request& request) {
  const auto field = request.headers.find("Content-Type");
  const auto type = field ? http::parse_media_type(*field) : std::nullopt;
  if (type && type->essence() == "application/dicom") return StoreBody::single;
  if (type && type->essence() == kZipType) return StoreBody::zip;
  if (type && type->essence() == "multipart/related") {
    // RFC 2387 3.1 wants it, and some clients leave it out.
    const std::string* root = type->parameter("type");
    if (root == nullptr || equals_ignoring_case(*root, "application/dicom") ||
        equals_ignoring_case(*root, kZipType)) {
      return StoreBody::parts;
    }
    if (equals_ignoring_case(*root, kDicomJson) || equals_ignoring_case(*root, kDicomXml)) {
      return StoreBody::metadata;
    }
  }
  return unsupported("unsupported_media_type",
                     "this path takes multipart/related; type=\"application/dicom\", "
                     "application/dicom+json, application/dicom+xml or application/zip, one "
                     "instance as application/dicom, or several as application/zip");
}

// A part is a ZIP file when it says so, or says nothing where the message is of those.
bool is_zip_part(const http::Part& part, const http::MediaType& message) {
  const auto type = http::parse_media_type(part.content_type);
  if (type) return type->essence() == kZipType;
  const std::string* root = message.parameter("type");
  return part.content_type.empty() && root != nullptr && equals_ignoring_case(*root, kZipType);
}

Result<void> receive_parts(archive::StoreService& store, const archive::StoreRequest& request,
                           http::Request& message, StoreLine& line) {
  const std::string content_type(message.headers.find("Content-Type").value_or(""));
  const auto type = http::parse_media_type(content_type).value_or(http::MediaType());
  http::MultipartReader reader = PACS_TRY(http::MultipartReader::create(
      message.body(), content_type, {.parts_max = kStoreInstancesMax}));
  size_t parts = 0;
  while (const auto part = PACS_TRY(reader.next_part())) {
    ++parts;
    if (is_zip_part(*part, type)) {
      PACS_TRY(receive_zip(store, request, reader.body(), line));
    } else {
      PACS_TRY(receive_instance(store, request, reader.body(), line));
    }
    if (auto reason = line.find_reason_to_stop()) return std::move(*reason);
  }
  if (parts == 0) return invalid_argument("no_parts", "the message has no part");
  return {};
}

// A client that is told 400 shall know that it has not been in vain.
Error with_count(Error error, size_t stored) {
  if (stored > 0) {
    error.detail += "; instances that were whole before that are stored: " + std::to_string(stored);
  }
  return error;
}

Result<http::Response> store_several(DicomwebServices& services, StoreHelpers& helpers,
                                     const archive::StoreRequest& store, http::Request& request,
                                     StoreBody body) {
  StoreLine line(services.store, store, helpers, services.metrics);
  auto received = body == StoreBody::zip ? receive_zip(services.store, store, request.body(), line)
                                         : receive_parts(services.store, store, request, line);
  const size_t stored = line.finish();
  if (!received) return with_count(std::move(received).error(), stored);
  if (auto reason = line.find_reason_to_stop()) return std::move(*reason);
  if (line.outcomes().empty()) return invalid_argument("no_parts", "the message has no instance");
  return store_answer(request, line.outcomes(), edge::public_base(services.edge, request) + kRoot);
}

Result<http::Response> store_single(DicomwebServices& services, StoreHelpers& helpers,
                                    const archive::StoreRequest& store, http::Request& request) {
  WatchedSource watched(request.body());
  auto received = services.store.receive(store, watched);
  if (!received) {
    // 413 of a part would say that the request is too large; here it is.
    const bool is_of_request = watched.failure() || received.error().reason == "too_large";
    if (is_of_request) return std::move(received).error();
  }
  StoreLine line(services.store, store, helpers, services.metrics);
  if (received) {
    line.add(std::move(*received));
  } else {
    line.add_failure(received.error());
  }
  static_cast<void>(line.finish());
  if (auto reason = line.find_reason_to_stop()) return std::move(*reason);
  return store_answer(request, line.outcomes(), edge::public_base(services.edge, request) + kRoot);
}

// One part of a message of metadata and bulk data (PS3.18 10.5.2.1).
Result<void> receive_piece(archive::Assembly& assembly, const http::Part& part, ByteSource& body) {
  const auto type = http::parse_media_type(part.content_type);
  const std::string essence = type ? type->essence() : "application/octet-stream";
  if (essence == kDicomJson || essence == kDicomXml) {
    const std::string text = PACS_TRY(read_all(body, archive::kMetadataBytesMax));
    return essence == kDicomJson ? assembly.add_json(text) : assembly.add_xml(text);
  }
  archive::Assembly::BulkPart bulk;
  bulk.location = part.headers.find("Content-Location").value_or("");
  bulk.media_type = essence;
  const std::string* syntax = type ? type->parameter("transfer-syntax") : nullptr;
  if (syntax != nullptr) bulk.transfer_syntax = *syntax;
  if (bulk.location.empty()) {
    return invalid_argument("bad_metadata", "a part of bulk data has no Content-Location");
  }
  return assembly.add_bulk(std::move(bulk), body);
}

Result<http::Response> store_metadata(DicomwebServices& services, StoreHelpers& helpers,
                                      const archive::StoreRequest& store, http::Request& request) {
  http::MultipartReader reader = PACS_TRY(http::MultipartReader::create(
      request.body(), request.headers.find("Content-Type").value_or(""),
      {.parts_max = kStoreInstancesMax}));
  archive::Assembly assembly(services.store);
  while (const auto part = PACS_TRY(reader.next_part())) {
    PACS_TRY(receive_piece(assembly, *part, reader.body()));
  }
  if (assembly.instance_count() == 0) {
    return invalid_argument("no_parts", "the message has no metadata of an instance");
  }
  StoreLine line(services.store, store, helpers, services.metrics);
  for (size_t index = 0; index < assembly.instance_count(); ++index) {
    archive::ObjectName name;
    auto assembled = assembly.assemble(index, name);
    if (assembled) {
      line.add(std::move(*assembled));
    } else {
      line.add_failure(assembled.error(), std::move(name));
    }
    if (auto reason = line.find_reason_to_stop()) break;
  }
  static_cast<void>(line.finish());
  if (auto reason = line.find_reason_to_stop()) return std::move(*reason);
  return store_answer(request, line.outcomes(), edge::public_base(services.edge, request) + kRoot);
}

Result<http::Response> store_instances(DicomwebServices& services, StoreHelpers& helpers,
                                       http::Request& request) {
  edge::Caller caller = PACS_TRY(authorise(services.edge, request, access::Action::upload));
  archive::StoreRequest store;
  store.actor = std::move(caller.actor);
  store.media = archive::StoreRequest::Media::dicom;
  store.only_study = PACS_TRY(find_study_uid(request));
  const StoreBody body = PACS_TRY(store_body_of(request));
  switch (body) {
    case StoreBody::parts:
    case StoreBody::zip:
      return store_several(services, helpers, store, request, body);
    case StoreBody::single:
      return store_single(services, helpers, store, request);
    case StoreBody::metadata:
      return store_metadata(services, helpers, store, request);
  }
  return internal_error("unknown_body", "a kind of body without a reader");
}

}  // namespace

void add_store_routes(http::Router& router, DicomwebServices& services) {
  // Of both routes together, for as long as the router has them.
  const auto helpers = std::make_shared<StoreHelpers>();
  const http::Handler handler = [&services, helpers](http::Request& request,
                                                     http::ResponseWriter& writer) {
    writer.send(edge::response_to(store_instances(services, *helpers, request), request));
  };
  const std::string studies = std::string(kRoot) + "/studies";
  router.add(http::Method::post, studies, handler, {.body_bytes_max = kStoreRequestBytesMax});
  router.add(http::Method::post, studies + "/{study}", handler,
             {.body_bytes_max = kStoreRequestBytesMax});
}

}  // namespace pacs::dicomweb
