// Signs what it is told to, a JSON object a line, for the test that compares us with botocore
// (test_aws_signature.py). Answers with the Authorization field, or for a URL with its target.
#include <iostream>
#include <string>

#include "core/json_value.h"
#include "storage/aws_signature.h"

namespace pacs::storage {
namespace {

std::string text_of(const JsonValue& json, std::string_view name) {
  const JsonValue* member = json.find(name);
  return member != nullptr && member->as_string() != nullptr ? *member->as_string() : "";
}

std::string sign(const JsonValue& json) {
  RequestToSign request;
  request.method = text_of(json, "method");
  request.path = text_of(json, "path");
  request.payload_hash = text_of(json, "payload_hash");
  for (const JsonValue& pair : *json.find("query")->as_array()) {
    request.query.emplace_back(*pair.as_array()->at(0).as_string(),
                               *pair.as_array()->at(1).as_string());
  }
  for (const JsonValue& pair : *json.find("headers")->as_array()) {
    request.headers.add(*pair.as_array()->at(0).as_string(), *pair.as_array()->at(1).as_string());
  }
  const AwsCredentials credentials{text_of(json, "id"), text_of(json, "secret"),
                                   text_of(json, "token"), 0};
  const SigningScope scope{text_of(json, "region"), "s3", *json.find("now")->as_int64()};
  const int64_t life = json.find("life")->as_int64().value();
  if (life > 0) {
    return sign_in_query(std::move(request), credentials, scope, std::chrono::seconds(life));
  }
  return std::string(sign_in_headers(std::move(request), credentials, scope)
                         .headers.find("Authorization")
                         .value());
}

}  // namespace
}  // namespace pacs::storage

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << pacs::storage::sign(pacs::JsonValue::parse(line).value()) << "\n";
  }
  return 0;
}
