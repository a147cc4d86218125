// The OpenAPI document of this API, written from the tables of openapi_operations.cc and
// openapi_schemas.cc. Tests hold it against the router and against real answers.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "http/method.h"

namespace pacs::rest {

struct OperationDocument {
  http::Method method = http::Method::get;
  std::string_view path;     // the router's pattern; "{media}{key}" stands for what MEDIA_URL says
  std::string_view id;       // operationId
  std::string_view summary;  // a sentence
  // Who may: "reader", "uploader", "admin", "metrics", "link" (a share link's secret or a reader),
  // "page" (the cookie of a share link, or what the page itself asks for),
  // "signature" (of the URL itself), "optional" (a token adds to the answer); empty: anybody.
  std::string_view right;
  std::string_view query;  // names of parameters in openapi_schemas.cc, separated by spaces
  // "json=Schema", "form=Schema", "image", "piece" (of a tus upload): each a way to send the body.
  std::string_view body;
  // "201=Schema 200=[Schema] 409 422": those that every operation of its kind has are added. In
  // place of a schema: "html", "text", "svg", "css", "file", "document" (this one).
  std::string_view answers;
};

struct SchemaDocument {
  std::string_view name;
  std::string_view summary;
  // "name:type", separated by spaces. Types: string, integer, number, boolean, uuid, uid, sha256,
  // date, time, url, object, a schema's name, each in brackets for an array of them, or words with
  // | between them for one of these words. Behind it "?" for null as well, "*" for may be absent.
  std::string_view fields;
};

struct ParameterDocument {
  std::string_view name;
  std::string_view type;  // as of a field
  std::string_view summary;
};

[[nodiscard]] std::span<const OperationDocument> operation_documents();
[[nodiscard]] std::span<const SchemaDocument> schema_documents();
[[nodiscard]] std::span<const ParameterDocument> parameter_documents();

// The whole document as JSON. `media_path` is the path of MEDIA_URL, `server_url` the base of all
// paths (empty: the server's own).
[[nodiscard]] std::string openapi_document(std::string_view media_path,
                                           std::string_view server_url);

}  // namespace pacs::rest
